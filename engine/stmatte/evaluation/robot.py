# SPDX-License-Identifier: Apache-2.0
"""A robot artist: keys the true matte where a rule says, round after round, and keeps score.

It measures rules for the next key against each other. It knows frame numbers and scores
only: how mattes are made, and how they are scored, is handed in as `Play`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan

Scores = Mapping[int, float]
"""Frame -> J in [0, 1] of its matte; of every frame of the sequence, 1 where it is keyed."""

Play = Callable[[tuple[int, ...]], Scores]
"""Keyed frames, ascending -> the scores of the mattes that follow from these keys."""

Choose = Callable[[tuple[int, ...], Scores], int | None]
"""Keyed frames, and the scores that an artist couldn't know -> the frame to key next.

None if there is nothing left that is worth a key.
"""

Spread = Callable[[Sequence[int], int], tuple[int, ...]]
"""Frames of a sequence, number of corrections -> all keyed frames, the first one included."""


@dataclass(frozen=True)
class Round:
    """Where the robot stands after some corrections.

    keys    keyed frames, ascending; the first frame of the sequence is always among them
    scores  of every frame
    """

    keys: tuple[int, ...]
    scores: Scores

    def mean(self, left_out: Collection[int] = ()) -> float:
        """Return the mean score of all frames but those that are left out; NaN of none."""
        judged = [score for frame, score in self.scores.items() if frame not in left_out]
        return sum(judged) / len(judged) if judged else nan


def follow(first: int, corrections: int, play: Play, choose: Choose) -> tuple[Round, ...]:
    """Key the first frame, then, again and again, where a rule says.

    returns  `corrections` + 1 rounds; where the rule has nothing more to say, the round before
             is repeated
    """
    keys: tuple[int, ...] = (first,)
    rounds = [Round(keys, play(keys))]
    for _ in range(corrections):
        frame = choose(keys, rounds[-1].scores)
        if frame is not None and frame not in keys:
            keys = tuple(sorted((*keys, frame)))
            rounds.append(Round(keys, play(keys)))
        else:
            rounds.append(rounds[-1])
    return tuple(rounds)


def spread(frames: Sequence[int], corrections: int, play: Play, where: Spread) -> tuple[Round, ...]:
    """Key by clockwork: for every number of corrections from 0 on, all keys are laid anew."""
    rounds = []
    for count in range(corrections + 1):
        keys = where(frames, count)
        rounds.append(Round(keys, play(keys)))
    return tuple(rounds)


def evenly(frames: Sequence[int], corrections: int) -> tuple[int, ...]:
    """Return the first frame and so many others, evenly spaced up to the last one.

    Halves are rounded up.
    """
    last = len(frames) - 1
    steps = [int(i * last / corrections + 0.5) for i in range(1, corrections + 1)]
    return tuple(sorted({frames[0], *(frames[step] for step in steps)}))


def halving(frames: Sequence[int], corrections: int) -> tuple[int, ...]:
    """Return the first frame, the last, and then always the middle of the widest gap.

    Of gaps that are as wide, the first is halved.
    """
    at = [0]
    if corrections:
        at.append(len(frames) - 1)
    for _ in range(corrections - 1):
        width, begin = max(((b - a, -a) for a, b in pairwise(at)), default=(0, 0))
        at = sorted({*at, -begin + width // 2})
    return tuple(frames[i] for i in at)


def worst(keys: tuple[int, ...], scores: Scores) -> int | None:
    """Choose the frame with the lowest score: what an artist would do who sees every error."""
    left = {frame: score for frame, score in scores.items() if frame not in keys}
    return min(left, key=lambda frame: (left[frame], frame), default=None)


def keyed_by_any(rounds: Collection[Round]) -> frozenset[int]:
    """Return the frames that any of the rounds keyed: what is left can be compared fairly."""
    return frozenset(frame for each in rounds for frame in each.keys)
