# SPDX-License-Identifier: Apache-2.0
"""How much is too much. Above a limit a delivery is refused, above a quarter of it warned of.

The numbers rest on measurements of mattes that are true, see
engine/decisions/0012-acceptance.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stmatte.errors import StmatteError

CHATTER, POP, BAND = 0.004, 0.01, 0.05
"""Limits and the edge band by default, as parts of the plate's height."""

GREY = 1.0
"""Per cent of a matte's inside, and of its outside, that may be grey beyond the edge band."""

WARNED = 0.25
"""Part of a limit from which on a person is told."""


@dataclass(frozen=True)
class Limits:
    """What a delivery is measured against.

    chatter  pixels of the plate by which an edge comes and goes, along five frames
    pop      pixels by which it jumps on one frame
    band     pixels on either side of the edge where a matte may be grey
    grey     per cent of the inside, or of the outside, that is grey beyond that band
    """

    chatter: float
    pop: float
    band: float
    grey: float = GREY

    def __post_init__(self) -> None:
        for name, value in (
            ("chatter", self.chatter),
            ("pop", self.pop),
            ("band", self.band),
            ("grey", self.grey),
        ):
            if not value > 0:  # NaN is not
                raise StmatteError(
                    f"Limit --{name} {value:g} is not possible",
                    value=value,
                    allowed="a limit is above 0",
                )


def limits_for(
    height: int,
    chatter: float | None = None,
    pop: float | None = None,
    band: float | None = None,
    grey: float | None = None,
) -> Limits:
    """Return the limits for a plate of `height` pixels; None takes what is usual."""
    return Limits(
        CHATTER * height if chatter is None else chatter,
        POP * height if pop is None else pop,
        BAND * height if band is None else band,
        GREY if grey is None else grey,
    )


def judged(value: float, limit: float) -> Literal["warn", "fail"] | None:
    """Return what a value beside its limit is; None where nobody needs to know."""
    if value > limit:
        return "fail"
    return "warn" if value > WARNED * limit else None
