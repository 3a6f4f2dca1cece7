# SPDX-License-Identifier: Apache-2.0
"""What a check found, and what all of them say together.

A finding is about one frame, one object, or the delivery as a whole. Knows words and frame
numbers, no pictures and no files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from stmatte.plan.ranges import written

Verdict = Literal["ok", "warn", "fail"]

CHECKS = (
    "frames",
    "readable",
    "size",
    "data window",
    "storage",
    "channels",
    "names",
    "values",
    "solid",
    "chatter",
    "pops",
)
"""Every check, in the order in which a person reads them."""


@dataclass(frozen=True)
class Finding:
    """Something that a supervisor would not let pass, or would want to know.

    check    one of `CHECKS`
    verdict  "fail" refuses the delivery, "warn" doesn't
    words    what it is; the same on every frame where it is the same
    frame    the plate's frame number; None is the delivery as a whole
    object   whose matte; "" where it is none's in particular
    value    how bad, in `unit`; None where there is nothing to measure
    """

    check: str
    verdict: Literal["warn", "fail"]
    words: str
    frame: int | None = None
    object: str = ""
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Group:
    """Findings that say the same, of several frames.

    frames  ascending; () is the delivery as a whole
    worst   the largest value, and `worst_at` its frame
    """

    check: str
    verdict: Literal["warn", "fail"]
    words: str
    object: str
    frames: tuple[int, ...]
    worst: float | None = None
    worst_at: int | None = None
    unit: str = ""

    def __str__(self) -> str:
        whose = f"{self.object}: " if self.object else ""
        where = f" ({written(self.frames)})" if self.frames else ""
        if self.worst is None:
            return f"{whose}{self.words}{where}"
        at = "" if self.worst_at is None else f" at {self.worst_at}"
        return f"{whose}{self.words}, {self.worst:.3g} {self.unit}{at}{where}"


@dataclass(frozen=True)
class Report:
    """What was found in a delivery.

    groups    all that was found; for each check, what refuses first
    measured  check -> what was measured, in words, also where nothing is wrong
    frames    how many files were looked at
    objects   names of the mattes
    """

    groups: tuple[Group, ...]
    measured: Mapping[str, str]
    frames: int
    objects: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing refuses the delivery."""
        return all(group.verdict != "fail" for group in self.groups)

    def verdict(self, check: str) -> Verdict:
        """Return the worst that a check found."""
        found = {group.verdict for group in self.groups if group.check == check}
        return "fail" if "fail" in found else "warn" if "warn" in found else "ok"

    def of(self, check: str) -> tuple[Group, ...]:
        """Return what a check found."""
        return tuple(group for group in self.groups if group.check == check)


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Put findings together that say the same, in the order of the checks, the worst first."""
    alike: dict[tuple[int, int, str, str, str], list[Finding]] = {}
    for found in findings:
        rank = CHECKS.index(found.check), 0 if found.verdict == "fail" else 1
        alike.setdefault((*rank, found.object, found.words, found.unit), []).append(found)
    return tuple(_group(alike[key]) for key in sorted(alike))


def _group(alike: list[Finding]) -> Group:
    one = alike[0]
    frames = sorted({found.frame for found in alike if found.frame is not None})
    valued = [found for found in alike if found.value is not None]
    worst = max(valued, key=lambda found: found.value or 0.0, default=None)
    return Group(
        one.check,
        one.verdict,
        one.words,
        one.object,
        tuple(frames),
        None if worst is None else worst.value,
        None if worst is None else worst.frame,
        one.unit,
    )
