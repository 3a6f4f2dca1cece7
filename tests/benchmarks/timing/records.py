# SPDX-License-Identifier: Apache-2.0
"""What is written down of a measurement: a JSON file whose schema these classes are.

    python tests/benchmarks/speed.py --schema

prints it; `speed.schema.json` beside is that. Knows no clocks and no networks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stmatte.errors import StmatteError

from .measure import Spread

FORMAT = "stmatte.speed/1"
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Record):
    """A median, and the quartiles around it."""

    median: Seconds
    low: Seconds
    high: Seconds
    count: Count

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if not self.low <= self.median <= self.high:
            raise ValueError("low, median and high must not fall")
        return self

    @classmethod
    def of(cls, found: Spread, times: float = 1) -> Range:
        """Return a spread as it is written down, every number so many times as large."""
        low, median, high = (n * times for n in (found.low, found.median, found.high))
        return cls(median=median, low=low, high=high, count=found.count)


class Contender(_Record):
    """What one of those that took turns took, in seconds a frame.

    parts  seeing a frame, reading memory and decoding, remembering, and all else. They are
           not told where they cannot be told apart
    times  by what one object's seconds were multiplied: the plain path takes objects one by
           one, each as if it were the only one, so that ten are ten times one
    """

    frame: Range
    parts: dict[Literal["encode", "read and decode", "remember", "rest"], Range]
    times: Count = 1


class Agreement(_Record):
    """How near the masks of the measured path are to those of the plain one.

    jaccard  of masks at 0.5, the mean over frames, each path going on from its own results
    apart    mean distance of probabilities
    """

    jaccard: Annotated[float, Field(ge=0, le=1)]
    apart: Annotated[float, Field(ge=0, le=1)]


class Result(_Record):
    """One measurement.

    level    "network": a pass over pictures in memory; "pipeline": a shot from files to files
    weights  "shipped", or "random" where none can be shipped
    size     (H, W) of what the network sees
    covered  which share of the first picture is objects: reads may look there alone
    memory   frames in the bank, the median over reads; None where nobody counted
    place    how many frames the pass had gone when the clock began
    ratio    how many times as long the plain path takes, turn by turn
    """

    level: Literal["network", "pipeline"]
    model: str
    weights: Literal["shipped", "random"]
    size: tuple[Count, Count]
    objects: Count
    covered: Annotated[float, Field(ge=0, le=1)]
    memory: int | None
    place: int
    precision: str
    compile: bool
    device: str
    seed: int
    warm: int
    ours: Contender
    plain: Contender | None
    ratio: Range | None
    agreement: Agreement | None


class Machine(_Record):
    """What a measurement was made on."""

    system: str
    cpu: str
    flags: tuple[str, ...]
    kernels: str
    cores: Count
    threads: Count
    memory_gib: float
    allocator: str
    device: str
    python: str
    packages: dict[str, str]
    commit: str


Over = Literal["frames", "objects", "resolution", "memory"]
"""What a scaling curve goes over."""


class Run(_Record):
    """The results of one command on one machine.

    command    what was typed, from the name of the script on
    elsewhere  share of all cores that other processes took meanwhile
    over       what a scaling curve goes over; None elsewhere
    """

    machine: Machine
    command: str
    elsewhere: Annotated[float, Field(ge=0, le=1)]
    over: Over | None = None
    results: tuple[Result, ...]


class Speed(_Record):
    """A file of measurements."""

    format: Literal["stmatte.speed/1"] = FORMAT
    runs: tuple[Run, ...]


def schema() -> str:
    """Return the schema of the file, as text."""
    return json.dumps(Speed.model_json_schema(), indent=2) + "\n"


def read(path: Path) -> Speed:
    """Read a file.

    Raises StmatteError with the first thing that is wrong if it does not follow the schema.
    """
    try:
        return Speed.model_validate_json(path.read_text("utf-8"))
    except ValidationError as error:
        first, *more = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise StmatteError(
            f"{path} is not a file of measurements: {first['msg']} at {where or 'its beginning'}"
            + (f", and {len(more)} more" if more else ""),
            value=str(path),
            repair="Name another file, or remove this one",
        ) from None


def add(path: Path, run: Run) -> None:
    """Write a run to a file; what the same command found before is replaced."""
    before = read(path).runs if path.is_file() else ()
    others = tuple(one for one in before if one.command != run.command)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Speed(runs=(*others, run)).model_dump_json(indent=1) + "\n", "utf-8")
