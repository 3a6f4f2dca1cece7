# SPDX-License-Identifier: Apache-2.0
"""Which place of a contour is which on the next frame.

Two closed lines are laid onto each other by dynamic programming: places match that are near
to each other and face the same way, in their order, and neighbours stay at about the same
distance from each other. Knows no frame numbers, no curves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.outlines.contours import Points, area, lengths, spread

FINER = 2  # places of the next contour for each of this one
_STEPS = np.arange(0, 2 * FINER + 1)  # of the next contour, for one of this
_STRETCH = 0.02  # what it costs to go one step more or less than usual, squared
_FACING = 1.0
_NEAR = 0.05  # of the root of the area: so far away is worth as much as `_FACING` a right angle


def match(this: Points, following: Points) -> NDArray[np.float64]:
    """Return where on the next contour each place of this one is found.

    this       (S, 2) places on a contour, in order
    following  (M, 2) the next contour, a closed line
    returns    (S,) ascending ways along it, in shares of its length; may begin below 0 and
               end above 1, but never goes around more than once
    """
    count = len(this)
    there = spread(following, FINER * count)
    costs = _costs(this, there)
    shift = _best_shift(costs)
    wide = max(4, len(there) // 6)
    free = _walk(costs, shift, 2 * count, wide, pinned=False)
    # one turn from the middle of two, where neither end is felt
    begin = count // 2
    turn = _walk(np.roll(costs, -begin, axis=0), int(free[begin]), count, wide, pinned=True)
    found = np.roll(turn, begin)
    found[:begin] -= len(there)
    return _within_a_turn(found / len(there), count)


def placed(loop: Points, shares: NDArray[Any]) -> Points:
    """Return the points of a closed line at these shares of its length."""
    along = lengths(loop)
    closed = np.concatenate([loop, loop[:1]])
    at = (np.asarray(shares) % 1.0) * along[-1]
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _within_a_turn(found: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    found = np.maximum.accumulate(found)
    return np.asarray(np.minimum(found, found[0] + 1 - 0.25 / count), np.float64)


def _costs(this: Points, there: Points) -> NDArray[np.float64]:
    """Return (S, FINER * S) how unlike each place of one line is to each of the other.

    The two are laid onto each other as they lie, or centre on centre, whichever is better.
    """
    size = np.sqrt(max(abs(area(this)), abs(area(there)), 1.0)) * _NEAR
    facing = 1 - _normals(this) @ _normals(there).T
    both = []
    for moved in (this, this - _centre(this) + _centre(there)):
        apart = np.sum((moved[:, None] - there[None]) ** 2, axis=2) / size**2
        # a limb that has gone far away should cost much, but no more than any other
        both.append(4 * apart / (4 + apart) + _FACING * facing)
    return min(both, key=lambda costs: float(costs.min(axis=1).mean()))


def _centre(loop: Points) -> Points:
    return np.asarray(spread(loop, 64).mean(axis=0), np.float64)


def _normals(loop: Points) -> Points:
    reach = max(1, len(loop) // 60)
    along = np.roll(loop, -reach, axis=0) - np.roll(loop, reach, axis=0)
    size = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    return np.stack([along[:, 1], -along[:, 0]], axis=1) / size[:, None]


def _best_shift(costs: NDArray[np.float64]) -> int:
    count, there = costs.shape
    rows = np.arange(count)[:, None]
    columns = (FINER * rows + np.arange(there)[None]) % there
    return int(np.argmin(costs[rows, columns].sum(axis=0)))


def _walk(
    costs: NDArray[np.float64], shift: int, rows: int, wide: int, *, pinned: bool
) -> NDArray[np.float64]:
    """Return the cheapest column for each of so many rows, at most `wide` from the straight way.

    shift   where the straight way begins
    pinned  begin there, and end a whole turn later; else begin and end anywhere
    """
    count, there = costs.shape
    offsets = np.arange(-wide, wide + 1)
    price = _STRETCH * (_STEPS - FINER) ** 2.0
    best = np.full(len(offsets), np.inf) if pinned else np.zeros(len(offsets))
    best[wide] = 0.0
    came = np.zeros((rows + 1, len(offsets)), np.int8)
    padded = np.full(len(offsets) + 2 * FINER, np.inf)
    best = best + costs[0, (shift + offsets) % there]
    for row in range(1, rows + 1):
        padded[FINER : FINER + len(offsets)] = best
        # a step of FINER keeps the offset; the column before it lies at offset - (step - FINER)
        tried = np.stack(
            [
                padded[2 * FINER - step : 2 * FINER - step + len(offsets)] + cost
                for step, cost in zip(_STEPS.tolist(), price.tolist(), strict=True)
            ]
        )
        came[row] = np.argmin(tried, axis=0)
        best = tried[came[row], np.arange(len(offsets))]
        best = best + costs[row % count, (FINER * row + shift + offsets) % there]
    at = wide if pinned else int(np.argmin(best))
    found = np.zeros(rows + 1)
    for row in range(rows, -1, -1):
        found[row] = FINER * row + shift + offsets[at]
        if row:
            at = at - (int(_STEPS[came[row, at]]) - FINER)
    return found[:rows]
