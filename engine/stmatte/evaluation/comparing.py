# SPDX-License-Identifier: Apache-2.0
"""Several evaluations beside each other: accuracy, speed, and how scores are distributed.

Reads what evaluations left in their folders; runs nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import TextIO

from stmatte.errors import StmatteError
from stmatte.evaluation.report import FRAMES_FILE
from stmatte.evaluation.running import SPEED_FILE

STEPS = 10
"""Thresholds of a distribution: J of 0, 0.1, ... 1."""


@dataclass(frozen=True)
class Run:
    """What one evaluation left.

    j, f     a score for every object and judged frame
    seconds  a frame, over the sequences that were propagated; NaN where that is not known
    """

    name: str
    j: tuple[float, ...]
    f: tuple[float, ...]
    seconds: float


def read_run(folder: Path) -> Run:
    """Return the run in a folder, called as the folder is.

    Raises StmatteError if it holds no scores of frames.
    """
    path = folder / FRAMES_FILE
    if not path.is_file():
        raise StmatteError(
            f"Folder {folder} holds no scores of frames",
            value=str(folder),
            allowed=f"`stmatte evaluate` leaves {FRAMES_FILE} there",
            repair="Evaluate again into the same folder: masks that are there are kept",
        )
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        j, f = (tuple(float(row[letter]) for row in rows) for letter in ("J", "F"))
        return Run(folder.name, j, f, _seconds(folder / SPEED_FILE))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StmatteError(f"{path} cannot be read: {problem}", value=str(path)) from problem


def distribution(scores: Sequence[float]) -> tuple[float, ...]:
    """Return the share of scores of at least 0, 0.1, ... 1: the higher the curve, the better."""
    return tuple(
        sum(score >= step / STEPS - 1e-9 for score in scores) / len(scores)
        for step in range(STEPS + 1)
    )


def as_table(runs: Sequence[Run]) -> str:
    """Return a Markdown table of means over all objects and frames, and of speed."""
    lines = [
        "| run | J&F | J | F | frames with J below 0.5 | seconds a frame |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for run in runs:
        j, f = _mean(run.j), _mean(run.f)
        lost = sum(score < 0.5 for score in run.j) / len(run.j)
        speed = "" if run.seconds != run.seconds else f"{run.seconds:.2f}"
        lines.append(
            f"| {run.name} | {(j + f) / 2:.3f} | {j:.3f} | {f:.3f} | {lost:.1%} | {speed} |"
        )
    return "\n".join(lines) + "\n"


def speed_points(runs: Sequence[Run]) -> Mapping[str, tuple[float, float]]:
    """Return name -> (frames a second, J&F) of the runs whose speed is known."""
    return {
        run.name: (1 / run.seconds, (_mean(run.j) + _mean(run.f)) / 2)
        for run in runs
        if run.seconds > 0
    }


def _seconds(path: Path) -> float:
    if not path.is_file():
        return nan
    with path.open(newline="") as file:
        latest = _latest(file)
    frames = sum(count for count, _ in latest.values())
    return sum(seconds for _, seconds in latest.values()) / frames if frames else nan


def _latest(file: TextIO) -> dict[str, tuple[int, float]]:
    """Return sequence -> (frames, seconds) as it was measured last."""
    return {
        row["sequence"]: (int(row["frames"]), float(row["seconds"])) for row in csv.DictReader(file)
    }


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)
