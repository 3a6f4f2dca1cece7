# SPDX-License-Identifier: Apache-2.0
"""Data window and display window: where a picture has pixels, and which of them are shown.

Coordinates are those of OpenEXR: whole pixels, y grows downwards, the display window mostly
begins at (0, 0). Overscan is a data window that is larger than the display window. Knows
arrays, no files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Slices = tuple[slice, slice]


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels.

    x, y           its top left pixel, may be negative
    width, height  in pixels, 1 or more
    """

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def of_size(cls, size: tuple[int, int]) -> Box:
        """Return the box of a picture (H, W) that begins at (0, 0)."""
        return cls(0, 0, size[1], size[0])

    @property
    def size(self) -> tuple[int, int]:
        """(H, W)."""
        return self.height, self.width

    @property
    def right(self) -> int:
        """The column after the last one."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The row after the last one."""
        return self.y + self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height} at {self.x},{self.y}"

    def meets(self, other: Box) -> bool:
        """Return whether the two have a pixel in common."""
        return max(self.x, other.x) < min(self.right, other.right) and max(self.y, other.y) < min(
            self.bottom, other.bottom
        )

    def shared(self, other: Box) -> Box:
        """Return the pixels that two boxes have in common; they must meet."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Box(x, y, min(self.right, other.right) - x, min(self.bottom, other.bottom) - y)

    def within(self, outer: Box) -> Box:
        """Return the same box as counted from the top left pixel of another."""
        return Box(self.x - outer.x, self.y - outer.y, self.width, self.height)

    def slices(self, inner: Box) -> Slices:
        """Return where the pixels of `inner`, which lies within, are in this box's array."""
        y, x = inner.y - self.y, inner.x - self.x
        return slice(y, y + inner.height), slice(x, x + inner.width)


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all of `boxes`, of which there is at least one."""
    every = tuple(boxes)
    x, y = min(box.x for box in every), min(box.y for box in every)
    return Box(x, y, max(box.right for box in every) - x, max(box.bottom for box in every) - y)


def placed_in(pixels: NDArray[Any], box: Box, window: Box) -> NDArray[Any]:
    """Return the pixels of a box as another one has them.

    pixels   (H, W, ...) of `box`
    returns  (H', W', ...) of `window`: 0 where it goes beyond the box, without what lies
             outside it
    """
    if box == window:
        return pixels
    placed = np.zeros((*window.size, *pixels.shape[2:]), pixels.dtype)
    if box.meets(window):
        common = box.shared(window)
        placed[window.slices(common)] = pixels[box.slices(common)]
    return placed
