# SPDX-License-Identifier: Apache-2.0
"""Windows on the canvas: a small object is seen larger, and the network's picture stays its size.

Knows where on a canvas an object lies, how large it may be seen, and when a window has to
move or to widen (decisions/0011). Refuses to know networks, passes and the plate.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

Size = tuple[int, int]

SCALES = (1.5, 2.0, 3.0, 4.0)
"""How many times as large as on the whole canvas an object may be seen."""

FITS = 0.9
"""An object that a window is chosen for fills so much of its height and width at most."""

OUTGROWN = 0.95
"""Of an object that fills more than this of a window, the network sees too little around it."""

STILL = 1 / 8
"""An object's middle may leave the window's middle by so much of its side, and nothing moves."""

STEP = 16
"""Windows move by whole places of the network's grid: what stands still looks the same."""

LOST = 5
"""An object of which nothing was found for so many frames is looked for on the whole canvas."""

SPECKS = 200
"""One of so many pixels of an object is left out on each of its sides: specks lead no window."""

INSIDE = 0.5


@dataclass(frozen=True)
class Window:
    """A part of the canvas at some scale.

    grid    (H, W) of the whole canvas at this scale
    corner  (row, column) of its first pixel on the grid
    size    (h, w) of the window, in pixels of the grid
    """

    grid: Size
    corner: tuple[int, int]
    size: Size

    @classmethod
    def whole(cls, size: Size) -> Window:
        """Return the window through which all of a canvas is seen."""
        return cls(size, (0, 0), size)

    @property
    def is_whole(self) -> bool:
        """Tell whether all of the canvas is seen."""
        return self.grid == self.size

    @property
    def slices(self) -> tuple[slice, slice]:
        """Which rows and columns of the grid lie in the window."""
        (top, left), (height, width) = self.corner, self.size
        return slice(top, top + height), slice(left, left + width)

    def place_of(self, pixel: tuple[int, int], size: Size) -> tuple[int, int] | None:
        """Return (row, column) in the window of a pixel of a plate of `size`; None outside."""
        row = pixel[0] * self.grid[0] // size[0] - self.corner[0]
        column = pixel[1] * self.grid[1] // size[1] - self.corner[1]
        inside = 0 <= row < self.size[0] and 0 <= column < self.size[1]
        return (row, column) if inside else None

    def cut(self, canvas: Tensor) -> Tensor:
        """Return what of a canvas (..., H, W) lies in the window: (..., h, w)."""
        return canvas[(..., *self.slices)]

    def placed(self, part: Tensor) -> Tensor:
        """Return the canvas (..., H, W) of what is in the window (..., h, w); 0 outside it."""
        if self.is_whole:
            return part
        canvas = part.new_zeros(*part.shape[:-2], *self.grid)
        self.cut(canvas).copy_(part)
        return canvas


@dataclass(frozen=True)
class Extent:
    """Where an object lies, in parts of the canvas: 0 is the top or left, 1 the bottom or right."""

    top: float
    bottom: float
    left: float
    right: float

    @property
    def largest(self) -> float:
        """How much of the canvas's height or width the object fills, whichever is more."""
        return max(self.bottom - self.top, self.right - self.left)

    def on(self, grid: Size) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return where it begins and ends in pixels of a grid: its rows, its columns."""
        rows, columns = (self.top, self.bottom), (self.left, self.right)
        return (rows[0] * grid[0], rows[1] * grid[0]), (columns[0] * grid[1], columns[1] * grid[1])


@dataclass(frozen=True, eq=False)
class View:
    """Planes of a frame as they were seen.

    planes  (N + 1, h, w) in [0, 1], of the window's size
    """

    window: Window
    planes: Tensor

    def plane_on(self, grid: Size) -> Tensor:
        """Return the first object's plane on the whole canvas of a grid: (H, W), 0 outside."""
        return scaled(self.window.placed(self.planes[1]), grid)

    def through(self, window: Window) -> View:
        """Return what another window would have shown of the first object."""
        plane = window.cut(self.plane_on(window.grid))
        return View(window, torch.stack([1 - plane, plane]))


def scaled(plane: Tensor, grid: Size) -> Tensor:
    """Return a plane (H, W) of a whole canvas on another grid."""
    if grid == tuple(plane.shape):
        return plane
    way = {"mode": "bilinear", "antialias": True, "align_corners": False}
    return F.interpolate(plane[None, None], grid, **way)[0, 0].clamp(0, 1)  # type: ignore[arg-type]


def grids_of(size: Size, height: int) -> tuple[Size, ...]:
    """Return the canvas at all scales, ascending; the first is the network's own size.

    size    (h, w) at which the network sees the whole canvas
    height  of the plate: an object is never seen larger than the plate has it
    """
    grids = ((round(size[0] * scale), round(size[1] * scale)) for scale in SCALES)
    return (size, *(grid for grid in grids if grid[0] <= height))


def extent_of(view: View) -> Extent | None:
    """Return where the first object lies by what was seen; None if it is nowhere.

    What is surer than one half counts, but for a few pixels on each side. Whole numbers are
    counted, so that no device finds another place.
    """
    inside = view.planes[1] >= INSIDE
    sides = []
    for axis in (0, 1):
        passed: list[int] = inside.sum(dim=1 - axis).cumsum(dim=0).tolist()
        count, few = passed[-1], passed[-1] // SPECKS
        if not count:
            return None
        first, last = bisect_right(passed, few), bisect_left(passed, count - few)
        corner, length = view.window.corner[axis], view.window.grid[axis]
        sides += [(corner + first) / length, (corner + last + 1) / length]
    return Extent(*sides)


def chosen(extents: Iterable[Extent], grids: Sequence[Size]) -> int:
    """Return the finest grid on which all extents of an object fit into a window, as its index.

    grids  ascending; the first one has the windows' size, and everything fits on it
    """
    return min((_finest(extent, grids) for extent in extents), default=0)


def window_on(grid: Size, size: Size, extent: Extent) -> Window:
    """Return the window of a grid that has an object in its middle, as far as the canvas goes."""
    row, column = (
        _centred((first + last) / 2, side, length)
        for (first, last), side, length in zip(extent.on(grid), size, grid, strict=True)
    )
    return Window(grid, (row, column), size)


def followed(window: Window, extent: Extent) -> Window:
    """Return the window through which the next frame is seen.

    extent  where the object is now. As long as it is near the middle, the window stays; else
            it has the object in its middle again. The less room there is around the object,
            the nearer is meant
    """
    new = window_on(window.grid, window.size, extent)
    corner = []
    for axis, (first, last) in enumerate(extent.on(window.grid)):
        old, side = window.corner[axis], window.size[axis]
        room = max(0, side - (last - first)) / 2
        near = abs((first + last) / 2 - (old + side / 2)) <= min(STILL * side, room / 2)
        corner.append(old if near else new.corner[axis])
    return Window(window.grid, (corner[0], corner[1]), window.size)


def widened(index: int, extent: Extent, grids: Sequence[Size]) -> int:
    """Return the grid on which an object is seen from the next frame on, as its index.

    index   the grid on which it was seen
    extent  where it is now

    Before the next key a grid never becomes finer again: what shrinks may be going wrong.
    """
    if not index or extent.largest * grids[index][0] <= OUTGROWN * grids[0][0]:
        return index
    return min(index - 1, _finest(extent, grids))


def _finest(extent: Extent, grids: Sequence[Size]) -> int:
    """Return the finest grid on which an object fits into a window; on the first it always does."""
    filled, height = extent.largest, grids[0][0]
    return max(i for i, grid in enumerate(grids) if not i or filled * grid[0] <= FITS * height)


def _centred(middle: float, side: int, length: int) -> int:
    """Return where a side begins that has its middle there, in steps, and ends on the canvas."""
    return min(max(0, STEP * round((middle - side / 2) / STEP)), length - side)
