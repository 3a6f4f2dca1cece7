# SPDX-License-Identifier: Apache-2.0
"""Chatter and pops: which frames of an object move without their plate. Knows numbers only.

Chatter is judged along five frames, since what is hidden for a moment makes a true matte
change by itself, too, but not for long. A pop is a jump of the edge that its neighbours in
time don't have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from stmatte.acceptance.finding import Finding
from stmatte.acceptance.limits import WARNED, Limits, judged

AROUND = 2
"""Frames on either side that chatter is judged along."""
NEAR, TIMES = 4, 4.0
"""A pop is so many times what frames this near to it do."""
FEWEST = 3
"""Frames with a measure, below which nothing is judged."""
SURE = 0.5
"""Share of the edge whose motion must be known for a frame to count."""
MOMENT = 2
"""Frames; what vanishes or appears for no longer is told."""


@dataclass(frozen=True)
class Moved:
    """What an object's matte does on one frame, in pixels of the plate; None is not known.

    there    whether the object is in the picture at all
    change   see `evaluation.flicker.Flicker`
    chatter  as there
    sure     as there
    """

    there: bool
    change: float | None = None
    chatter: float | None = None
    sure: float = 0.0


Moves = Mapping[int, Moved]


def chatter_findings(moves: Moves, limits: Limits, name: str) -> Iterator[Finding]:
    """Yield the frames on which an edge comes and goes."""
    known = _known(moves, "chatter")
    for frame, value in known.items():
        near = [known[f] for f in range(frame - AROUND, frame + AROUND + 1) if f in known]
        if len(near) < FEWEST or value <= WARNED * limits.chatter:
            continue
        verdict = judged(median(near), limits.chatter)
        if verdict:
            yield Finding("chatter", verdict, "the edge chatters", frame, name, value, "px")


def pop_findings(moves: Moves, limits: Limits, name: str) -> Iterator[Finding]:
    """Yield the frames on which an edge jumps, or an object comes or goes for a moment."""
    known = _known(moves, "change")
    for frame, value in known.items():
        near = [
            known[f] for f in range(frame - NEAR, frame + NEAR + 1) if f in known and f != frame
        ]
        if len(near) < FEWEST or value <= TIMES * median(near):
            continue
        verdict = judged(value, limits.pop)
        if verdict:
            yield Finding("pops", verdict, "the edge jumps", frame, name, value, "px")
    runs = [
        (there, [f for f, _ in run])
        for there, run in groupby(sorted(moves.items()), key=lambda move: move[1].there)
    ]
    for there, frames in runs[1:-1]:
        if len(frames) <= MOMENT:
            words = f"is {'there' if there else 'gone'} for a moment"
            for frame in frames:
                yield Finding("pops", "warn", words, frame, name)
    if runs and not any(there for there, _ in runs):
        yield Finding("pops", "warn", "is empty on every frame", object=name)


def in_words(moves: Mapping[str, Moves], what: str) -> str:
    """Return the median and the worst of a measure, for every object.

    what   "chatter" or "change"
    """
    told = []
    for name, of_object in moves.items():
        known = _known(of_object, what)
        if known:
            at = max(known, key=lambda frame: known[frame])
            told.append(f"{name} {median(known.values()):.2f} px, at most {known[at]:.2f} at {at}")
        else:
            told.append(f"{name} not known")
    return "; ".join(told)


def _known(moves: Moves, what: str) -> dict[int, float]:
    found = {frame: getattr(moved, what) for frame, moved in moves.items() if moved.sure >= SURE}
    return {frame: value for frame, value in sorted(found.items()) if value is not None}
