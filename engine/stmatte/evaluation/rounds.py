# SPDX-License-Identifier: Apache-2.0
"""Interactive work, round by round: what each round scored, and where to draw next.

Pure arithmetic on scores. Source: the DAVIS interactive challenge (Caelles et al., 2018); the
details follow davisinteractive 1.0.4.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError

Metric = Literal["J", "F", "J_AND_F"]
"""Which score counts; the last is half the sum of both."""

Table = NDArray[np.float64]
"""(T, N) scores of every frame and object."""


@dataclass(frozen=True)
class Round:
    """What was scored when the masks of one round were handed in.

    sequence, scribble  which sample: the sequence, and which of its first scribbles, from 1
    number              of the round in its sample, from 1
    seconds             from the handing out of strokes to the handing in of masks
    j, f                of every frame, the first and last too, and of every object
    """

    sequence: str
    scribble: int
    number: int
    seconds: float
    j: Table
    f: Table

    @property
    def sample(self) -> tuple[str, int]:
        """What tells samples apart."""
        return self.sequence, self.scribble

    def scores(self, metric: Metric) -> Table:
        """Return the scores (T, N) that count."""
        return counted(self.j, self.f, metric)


def of_whole_samples(rounds: Sequence[Round], most: int | None) -> tuple[Round, ...]:
    """Return the rounds of those samples that are known to be over.

    rounds  in the order in which they were done: all of a sample before those of the next
    most    rounds that a sample has; None where time alone ends it

    Samples before the last one are over. The last one is if it has had all its rounds.
    """
    if not rounds:
        return ()
    last = [each for each in rounds if each.sample == rounds[-1].sample]
    return tuple(rounds if len(last) == most else rounds[: -len(last)])


def counted(j: Table, f: Table, metric: Metric) -> Table:
    """Return J, F, or half their sum. Raises StmatteError for another metric."""
    if metric not in get_args(Metric):
        raise StmatteError(
            f'Metric "{metric}" is not known', value=metric, allowed=", ".join(get_args(Metric))
        )
    return {"J": j, "F": f, "J_AND_F": (j + f) / 2}[metric]


def next_frame(
    scores: Table, drawn: Collection[int] = (), allowed: Sequence[int] | None = None
) -> int:
    """Return the frame where the robot draws next: the worst of those left, the first of equals.

    scores   (T, N)
    drawn    frames that the robot drew on already; the first scribble does not count
    allowed  frames that the caller allows; none or an empty list allows all

    Frames outside of the sequence are passed over. Where all that is allowed was drawn on, all
    of it is allowed again; where all of the sequence was, `drawn` does not count any more.

    Raises StmatteError if all allowed frames lie outside of the sequence.
    """
    means = scores.mean(axis=1)
    every = range(len(means))
    inside = [frame for frame in (allowed or every) if frame in every]
    if not inside:
        raise StmatteError(
            f"None of the allowed frames {', '.join(map(str, allowed or ()))} is in the sequence",
            value=allowed,
            allowed=f"it has frames 0 to {len(means) - 1}",
        )
    spent = set[int]() if set(drawn) >= set(every) else set(drawn)
    left = [frame for frame in inside if frame not in spent] or inside
    return min(left, key=lambda frame: (means[frame], frame))
