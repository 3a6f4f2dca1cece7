# SPDX-License-Identifier: Apache-2.0
"""Boxes: rectangles of a coarse grid, and what lies in them of maps at any finer stride."""

from __future__ import annotations

from dataclasses import dataclass

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


def box_around(region: Tensor) -> Box | None:
    """Return the smallest box around what is true of a region (h, w); None if nothing is."""
    rows, columns = region.any(dim=1).nonzero(), region.any(dim=0).nonzero()
    if len(rows) == 0:
        return None
    height, width = region.shape
    return Box(
        int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1, (height, width)
    )
