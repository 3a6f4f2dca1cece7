# SPDX-License-Identifier: Apache-2.0
"""Mattes scaled to the plate's size without looking at the plate.

A cubic, held between the least and the most of the matte around each place: sharper than
straight lines, without their star-shaped corners, and without ringing. Where a matte is 0 or 1
all around it stays exactly that, and costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from stmatte.refine.grid import Axis, Size, Tile, across, axis, tiles

SIDE = 32
"""Side of a tile in pixels of the working size."""

TAPS = 3
"""Pixels around a tile that count for what is inside it."""


def scaled(mattes: Tensor, size: Size) -> Tensor:
    """Return mattes (N, h, w) in [0, 1] at the plate's size (N, H, W), in [0, 1].

    Where mattes sum to at most 1, they still do.
    """
    if mattes.shape[1:] == size:
        return mattes
    rows, columns = axes(mattes, size)
    limits = bounds(mattes)
    large = blank(mattes, (len(mattes), *size))
    for tile, mark in tiles(uneven(mattes).any(dim=0), SIDE, TAPS):
        place = share(tile, rows, columns)
        if mark:
            near = tile.grown(TAPS, (rows.coarse, columns.coarse))
            down, along = near.slices
            found = across(
                rows.cubic[place[0], down], mattes[:, down, along], columns.cubic[place[1], along]
            )
            large[(..., *place)] = together(held(found, limits, place, rows, columns))
        elif mattes[:, tile.top, tile.left].any():
            large[(..., *place)] = mattes[:, tile.top, tile.left, None, None]
    return large


def axes(mattes: Tensor, size: Size) -> tuple[Axis, Axis]:
    """Return how mattes (N, h, w) lie over a plate of a size (H, W): rows and columns."""
    height, width = mattes.shape[1:]
    return axis(height, size[0], mattes.device), axis(width, size[1], mattes.device)


def share(tile: Tile, rows: Axis, columns: Axis) -> tuple[slice, slice]:
    """Return the plate's pixels that belong to a tile."""
    return (
        slice(*rows.fine_share(tile.top, tile.bottom)),
        slice(*columns.fine_share(tile.left, tile.right)),
    )


def bounds(mattes: Tensor) -> tuple[Tensor, Tensor]:
    """Return the least and the most of mattes (N, h, w) in the 3 x 3 pixels around each."""
    return -_most(-mattes), _most(mattes)


def _most(mattes: Tensor) -> Tensor:
    """Return the most in 3 x 3 pixels. Pooling does the same, at twenty times the cost."""
    along = mattes.clone()
    torch.maximum(along[..., 1:], mattes[..., :-1], out=along[..., 1:])
    torch.maximum(along[..., :-1], mattes[..., 1:], out=along[..., :-1])
    most = along.clone()
    torch.maximum(most[:, 1:], along[:, :-1], out=most[:, 1:])
    torch.maximum(most[:, :-1], along[:, 1:], out=most[:, :-1])
    return most


def uneven(mattes: Tensor) -> Tensor:
    """Return where mattes (N, h, w) aren't 0, or aren't 1, in all the 3 x 3 pixels around."""
    low, high = bounds(mattes)
    return (high > 0) & (low < 1)


def held(
    found: Tensor,
    limits: tuple[Tensor, Tensor],
    place: tuple[slice, slice],
    rows: Axis,
    columns: Axis,
    which: slice | list[int] = slice(None),
) -> Tensor:
    """Return what was found (N, H', W') of a place of the plate, held between its `bounds`.

    which  the objects whose bounds they are
    """
    low, high = limits
    least = _picked(low, which, place, rows, columns, torch.minimum)
    most = _picked(high, which, place, rows, columns, torch.maximum)
    return torch.minimum(torch.maximum(found, least), most)


def _picked(
    coarse: Tensor,
    which: slice | list[int],
    place: tuple[slice, slice],
    rows: Axis,
    columns: Axis,
    of_two: Callable[[Tensor, Tensor], Tensor],
) -> Tensor:
    """Return the number of the pixel of the working size that each of the plate's lies in.

    of_two  what is taken where a centre lies on the border of two
    """
    touched = [p.coarse_range(q.start, q.stop) for p, q in zip((rows, columns), place, strict=True)]
    coarse = coarse[(which, *(slice(*each) for each in touched))]
    for dim, pixels, along in ((1, place[0], rows), (2, place[1], columns)):
        first = touched[dim - 1][0]
        found = coarse.index_select(dim, along.before[pixels] - first)
        if along.ties:
            found = of_two(found, coarse.index_select(dim, along.after[pixels] - first))
        coarse = found
    return coarse


def blank(like: Tensor, size: tuple[int, ...]) -> Tensor:
    """Return zeros that take memory only where something is written to them."""
    if like.device.type != "cpu":
        return like.new_zeros(size)
    return torch.from_numpy(np.zeros(size, np.float32))


def together(mattes: Tensor) -> Tensor:
    """Return mattes (N, ...), scaled down where they are more than 1 together."""
    return mattes if len(mattes) == 1 else mattes / mattes.sum(dim=0).clamp(min=1)
