# SPDX-License-Identifier: Apache-2.0
"""Boxes: rectangles of a coarse grid, and what lies in them of maps at any finer stride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from torch import Tensor


@dataclass(frozen=True)
class Box:
    """A rectangle of places, ends excluded.

    grid  (h, w) of the grid that its places are counted in
    """

    top: int
    bottom: int
    left: int
    right: int
    grid: tuple[int, int]

    def grown(self, places: int) -> Box:
        """Return the box so many places larger on every side, as far as the grid goes."""
        return Box(
            max(0, self.top - places),
            min(self.grid[0], self.bottom + places),
            max(0, self.left - places),
            min(self.grid[1], self.right + places),
            self.grid,
        )

    def of(self, map_: Tensor) -> Tensor:
        """Return the part (..., h', w') of a map (..., H, W) over the whole grid, as a view.

        H and W are the grid's sides, or the same multiple of both.
        """
        stride = map_.shape[-2] // self.grid[0]
        return map_[
            ...,
            self.top * stride : self.bottom * stride,
            self.left * stride : self.right * stride,
        ]

    def inside(self, wider: Box) -> Box:
        """Return this box as it lies in the part that a wider one cuts out."""
        return Box(
            self.top - wider.top,
            self.bottom - wider.top,
            self.left - wider.left,
            self.right - wider.left,
            (wider.bottom - wider.top, wider.right - wider.left),
        )


def boxes_around(region: Tensor, margin: int) -> list[Box]:
    """Return the boxes around what is true of a region (h, w), several where that is less work.

    margin  places about a box that have to be worked out with it

    One box would often hold nearly a whole frame, for a few places far from all others.
    """
    height, width = region.shape
    places = [(y, x) for y, x in region.nonzero().tolist()]
    return [Box(*sides, (height, width)) for sides in _cut_apart(places, margin)]


Sides = tuple[int, int, int, int]
"""Top, bottom, left and right of a box, ends excluded."""


def _cut_apart(places: Sequence[tuple[int, int]], margin: int) -> list[Sides]:
    """Return the sides of boxes around places, cut in two by a row or column while that pays."""
    if not places:
        return []
    whole = _around(places)
    work, axis, at = min(_best_cut(places, axis, margin) for axis in (0, 1))
    if work >= _work(whole, margin):
        return [whole]
    before = [place for place in places if place[axis] < at]
    after = [place for place in places if place[axis] >= at]
    return _cut_apart(before, margin) + _cut_apart(after, margin)


def _best_cut(places: Sequence[tuple[int, int]], axis: int, margin: int) -> tuple[float, int, int]:
    """Return the least work after a cut across an axis, the axis, and where the cut is."""
    lines: dict[int, list[tuple[int, int]]] = {}
    for place in sorted(places, key=lambda place: place[axis]):
        lines.setdefault(place[axis], []).append(place)
    each = [_around(line) for line in lines.values()]
    before = accumulate(each, _both)
    after = list(accumulate(reversed(each), _both))[-2::-1]
    works = (
        (_work(one, margin) + _work(other, margin), axis, at)
        for one, other, at in zip(before, after, list(lines)[1:], strict=False)
    )
    return min(works, default=(inf, axis, 0))


def _around(places: Sequence[tuple[int, int]]) -> Sides:
    rows, columns = zip(*places, strict=True)
    return min(rows), max(rows) + 1, min(columns), max(columns) + 1


def _both(one: Sides, other: Sides) -> Sides:
    return (
        min(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        max(one[3], other[3]),
    )


def _work(sides: Sides, margin: int) -> int:
    top, bottom, left, right = sides
    return (bottom - top + 2 * margin) * (right - left + 2 * margin)
