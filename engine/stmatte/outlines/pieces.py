# SPDX-License-Identifier: Apache-2.0
"""Which contours of neighbouring frames are the same piece, and where its places are on each.

A piece is an outline or a hole for as long as it can be followed: where an object falls
apart, the larger part goes on and the other begins. Knows contours only, no curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.outlines.contours import Points, area, lengths, spread
from stmatte.outlines.matching import match, placed

_GRID = 96  # pixels across in which two contours are compared
_LEAST_ALIKE = 0.2  # of what both cover together, that they share
_MOVED = 0.5  # what it counts to be alike only once one is laid upon the other

_FINEST, _FEWEST, _MOST = 1.0, 48, 600  # pixels apart; places of a contour that are looked at
_MATCHED_APART, _MOST_MATCHED = 3.0, 240


@dataclass(frozen=True, eq=False)
class Seen:
    """A piece on one frame.

    points  (M, 2) of its contour, at equal distances
    shares  (M,) ascending from 0 to below 1 around the piece: the same on all its frames
    """

    points: Points
    shares: NDArray[np.float64]

    def moved_in(self, pixels: float) -> Seen:
        """Return the piece with its contour moved into the object by so many pixels."""
        along = np.roll(self.points, -1, axis=0) - np.roll(self.points, 1, axis=0)
        length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
        inwards = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
        return Seen(self.points + pixels * inwards, self.shares)


@dataclass(frozen=True, eq=False)
class Piece:
    """An outline or a hole from the frame where it appears to the one where it vanishes.

    first  its first frame, as an index
    loops  its contour on each frame from there on
    """

    first: int
    loops: tuple[Points, ...]

    @property
    def last(self) -> int:
        """Its last frame, as an index."""
        return self.first + len(self.loops) - 1

    @property
    def hole(self) -> bool:
        """Whether it is a hole in what lies around it."""
        return area(self.loops[0]) < 0


def pieces(frames: Sequence[Sequence[Points]]) -> tuple[Piece, ...]:
    """Follow contours from frame to frame; those that last longest come first.

    frames  the contours of each frame
    """
    done: list[Piece] = []
    going: list[tuple[int, list[Points]]] = []
    for frame, loops in enumerate(frames):
        pairs = _alike([one[-1] for _, one in going], loops)
        done += [
            Piece(first, tuple(one))
            for index, (first, one) in enumerate(going)
            if index not in pairs
        ]
        followed = []
        for index, other in pairs.items():
            first, one = going[index]
            followed.append((first, [*one, loops[other]]))
        taken = set(pairs.values())
        new = [(frame, [loop]) for index, loop in enumerate(loops) if index not in taken]
        going = followed + new
    done += [Piece(first, tuple(one)) for first, one in going]
    return tuple(
        sorted(done, key=lambda piece: (-len(piece.loops), piece.first, -area(piece.loops[0])))
    )


def seen(piece: Piece) -> tuple[tuple[Seen, ...], tuple[float, ...]]:
    """Return a piece on each of its frames, with the same places at the same shares.

    returns  the frames, and for each but the last how much of the contour is stretched or
             pressed together on the way to the next, from 0 to 1
    """
    longest = max(lengths(loop)[-1] for loop in piece.loops)
    count = int(np.clip(longest / _MATCHED_APART, _FEWEST, _MOST_MATCHED))
    at = np.arange(count) / count
    found = [_seen(piece.loops[0], at)]
    strains = []
    for this, following in pairwise(piece.loops):
        was, at = at, match(placed(this, at), following)
        found.append(_seen(following, at))
        strains.append(_strain(was * lengths(this)[-1], at * lengths(following)[-1]))
    return tuple(found), tuple(strains)


def cut(piece: Piece, at: int) -> tuple[Piece, Piece]:
    """Return a piece as two, of which the first has so many frames."""
    return Piece(piece.first, piece.loops[:at]), Piece(piece.first + at, piece.loops[at:])


def _strain(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    one, other = np.diff(before), np.diff(after)
    return float(np.sum(np.abs(other - one)) / max(np.sum(other + one), 1e-9))


def _seen(loop: Points, at: NDArray[np.float64]) -> Seen:
    """Sample a contour of which the places at equal shares lie at `at`."""
    count = int(np.clip(lengths(loop)[-1] / _FINEST, _FEWEST, _MOST))
    points = spread(loop, count)
    along = np.arange(count) / count
    # a turn before and one after, so that every point lies between two places
    turns = np.concatenate([at - 1, at, at + 1])
    turns = turns + np.arange(len(turns)) * 1e-9  # strictly ascending
    shares = np.arange(-len(at), 2 * len(at)) / len(at)
    mine = np.interp(along, turns, shares) % 1.0
    order = np.roll(np.arange(count), -int(np.argmin(mine)))
    return Seen(points[order], np.maximum.accumulate(mine[order]))


def _alike(before: Sequence[Points], now: Sequence[Points]) -> dict[int, int]:
    """Return which contour before is which now: index -> index, the surest first."""
    scores = [
        (_likeness(one, other), i, j) for i, one in enumerate(before) for j, other in enumerate(now)
    ]
    pairs: dict[int, int] = {}
    for score, i, j in sorted(scores, reverse=True):
        if score >= _LEAST_ALIKE and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs


def _likeness(one: Points, other: Points) -> float:
    areas = area(one), area(other)
    if areas[0] * areas[1] <= 0:
        return 0.0
    if min(map(abs, areas)) < _LEAST_ALIKE * max(map(abs, areas)):
        return 0.0
    there = _shared(one, other)
    away = other.mean(axis=0) - one.mean(axis=0)
    if np.hypot(*away) > 1.5 * np.sqrt(max(map(abs, areas))):
        return there
    return max(there, _MOVED * _shared(one + away, other))


def _shared(one: Points, other: Points) -> float:
    """Return what two contours cover both, as a share of what they cover together."""
    both = np.concatenate([one, other])
    corner = both.min(axis=0)
    scale = (_GRID - 1) / max(float((both.max(axis=0) - corner).max()), 1e-6)
    planes = []
    for loop in (one, other):
        plane = np.zeros((_GRID, _GRID), np.uint8)
        rounded = np.round((loop - corner) * scale).astype(np.int32).reshape(-1, 1, 2)
        cv2.fillPoly(plane, [rounded], 1)
        planes.append(plane > 0)
    together = int(np.count_nonzero(planes[0] | planes[1]))
    return int(np.count_nonzero(planes[0] & planes[1])) / max(together, 1)
