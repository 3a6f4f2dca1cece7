# SPDX-License-Identifier: Apache-2.0
"""How pixels of the working size lie over pixels of the plate, one axis at a time.

The outer borders of both pictures coincide, so the centre of pixel i lies at i + 0.5 of
its own size: nothing shifts, and a flipped picture gives the flipped result at any two sizes.
Every way of scaling is a matrix for the rows and one for the columns; what lies beyond a
border is what lies at it. Axes may scale differently (anamorphic plates), and one of them
may even shrink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Size = tuple[int, int]

SHARPNESS = -0.5
"""Keys' cubic, which is exact for ramps and parabolas."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of both pictures: `coarse` pixels of the working size, `fine` ones of the plate.

    cubic   (fine, coarse) scales up with a cubic
    linear  (fine, coarse) scales up in straight lines
    mean    (coarse, fine) averages by area
    before  (fine) the coarse pixel that a fine pixel's centre lies in, ...
    after   (fine) ... and the next one where it lies between two, else the same
    ties    whether any lies between two
    """

    coarse: int
    fine: int
    cubic: Tensor
    linear: Tensor
    mean: Tensor
    before: Tensor
    after: Tensor
    ties: bool

    def fine_range(self, start: int, stop: int) -> tuple[int, int]:
        """Return the fine pixels that coarse ones from start to stop touch."""
        return start * self.fine // self.coarse, -(-stop * self.fine // self.coarse)

    def coarse_range(self, start: int, stop: int) -> tuple[int, int]:
        """Return the coarse pixels that fine ones from start to stop touch."""
        return start * self.coarse // self.fine, -(-stop * self.coarse // self.fine)

    def fine_share(self, start: int, stop: int) -> tuple[int, int]:
        """Return the fine pixels that belong to coarse ones from start to stop, and to no other."""
        return round(start * self.fine / self.coarse), round(stop * self.fine / self.coarse)


@dataclass(frozen=True)
class Tile:
    """A rectangle of the working size: rows from `top` to `bottom`, columns `left` to `right`."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, other: Tile) -> tuple[slice, slice]:
        """Return where the tile is in the pixels of another one that holds it."""
        down, along = other.slices
        return within(self.slices[0], down), within(self.slices[1], along)

    def grown(self, by: int, size: Size) -> Tile:
        """Return the tile with so many pixels more on each side, inside the picture."""
        return Tile(
            max(0, self.top - by),
            min(size[0], self.bottom + by),
            max(0, self.left - by),
            min(size[1], self.right + by),
        )


def within(inner: slice, outer: slice) -> slice:
    """Return where pixels are in those of another range that holds them."""
    return slice(inner.start - outer.start, inner.stop - outer.start)


def tiles(mask: Tensor, side: int, around: int = 0) -> Iterator[tuple[Tile, bool]]:
    """Yield the tiles of a picture, and whether anything is set in each or near it.

    mask    (h, w) bool
    side    of a tile, in pixels; the last ones of a row or column may be smaller
    around  how many pixels beyond its sides count as near
    """
    height, width = mask.shape
    counts = F.pad(mask.cumsum(dim=0, dtype=torch.int32).cumsum(dim=1), (1, 0, 1, 0)).cpu().numpy()
    tops, lefts = np.arange(0, height, side), np.arange(0, width, side)
    above, below = np.maximum(tops - around, 0), np.minimum(tops + side + around, height)
    before, after = np.maximum(lefts - around, 0), np.minimum(lefts + side + around, width)
    strips = counts[below] - counts[above]
    found = strips[:, after] > strips[:, before]
    for top, row in zip(tops.tolist(), found.tolist(), strict=True):
        for left, mark in zip(lefts.tolist(), row, strict=True):
            yield Tile(top, min(height, top + side), left, min(width, left + side)), mark


def widened(mask: Tensor, by: int) -> Tensor:
    """Return a region (..., h, w) bool that reaches so many pixels farther, in squares.

    Pooling does the same, at many times the cost where `by` is large.
    """
    for dim in (-1, -2):
        count = F.pad(mask.transpose(dim, -1).cumsum(-1, dtype=torch.int32), (by + 1, 0))
        last = count[..., -1:].expand(*count.shape[:-1], by)
        count = torch.cat([count, last], dim=-1)
        mask = (count[..., 2 * by + 1 :] > count[..., : -2 * by - 1]).transpose(dim, -1)
    return mask


def across(rows: Tensor, picture: Tensor, columns: Tensor) -> Tensor:
    """Return a picture (..., h, w) scaled by a matrix for its rows and one for its columns."""
    return rows @ (picture @ columns.mT)


@lru_cache(maxsize=8)
def axis(coarse: int, fine: int, device: torch.device) -> Axis:
    """Return how `coarse` pixels lie over `fine` ones."""
    centres = (torch.arange(fine, dtype=torch.float64) + 0.5) * coarse / fine
    if fine < coarse:
        cubic = linear = _means(fine, coarse)
        back = (torch.arange(coarse, dtype=torch.float64) + 0.5) * fine / coarse
        mean = _taps(back - 0.5, fine, _line, 1)
    else:
        cubic = _taps(centres - 0.5, coarse, _cubic, 2)
        linear = _taps(centres - 0.5, coarse, _line, 1)
        mean = _means(coarse, fine)
    before = (centres.ceil() - 1).clamp(0, coarse - 1).long()
    after = centres.floor().clamp(0, coarse - 1).long()
    return Axis(
        coarse,
        fine,
        cubic.float().to(device),
        linear.float().to(device),
        mean.float().to(device),
        before.to(device),
        after.to(device),
        bool((before != after).any()),
    )


@lru_cache(maxsize=8)
def bell(length: int, spread: float, reach: int, device: torch.device) -> Tensor:
    """Return the matrix (length, length) that averages a row of pixels with a bell's weights.

    spread  standard deviation in pixels
    reach   pixels on either side that count; beyond a border there are none
    """
    places = torch.arange(length, dtype=torch.float64)
    away = places[:, None] - places
    weights = torch.exp(-0.5 * (away / spread) ** 2) * (away.abs() <= reach)
    return (weights / weights.sum(dim=1, keepdim=True)).float().to(device)


def _means(coarse: int, fine: int) -> Tensor:
    """Return the matrix (coarse, fine) that averages by area."""
    share = fine / coarse
    first = torch.arange(coarse, dtype=torch.float64)[:, None] * share
    pixel = torch.arange(fine, dtype=torch.float64)
    shared = torch.minimum(first + share, pixel + 1) - torch.maximum(first, pixel)
    shared = shared.clamp(min=0)
    return shared / shared.sum(dim=1, keepdim=True)


def _taps(places: Tensor, length: int, weigh: Callable[[Tensor], Tensor], reach: int) -> Tensor:
    """Return the matrix that reads a row of `length` pixels at places between their centres."""
    matrix = torch.zeros(len(places), length, dtype=torch.float64)
    first = places.floor()
    for tap in range(1 - reach, reach + 1):
        index = first + tap
        weights = weigh((places - index).abs())
        matrix.scatter_add_(1, index.clamp(0, length - 1).long()[:, None], weights[:, None])
    return matrix


def _line(away: Tensor) -> Tensor:
    return (1 - away).clamp(min=0)


def _cubic(away: Tensor) -> Tensor:
    """Source: Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981."""
    a = SHARPNESS
    near = ((a + 2) * away - (a + 3)) * away**2 + 1
    far = a * (((away - 5) * away + 8) * away - 4)
    return torch.where(away <= 1, near, torch.where(away < 2, far, torch.zeros_like(away)))
