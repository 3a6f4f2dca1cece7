# SPDX-License-Identifier: Apache-2.0
"""Mattes at the plate's size that follow the plate's edges.

First coverage is put right at the working size (`colours`). Then it is scaled up, and around
edges what is finer than the working size is taken from the plate: within a few pixels,
coverage goes with colour in a straight line, and as much of the line is added as the plate
has detail. Where the plate shows no edge that is nothing, and where the sizes are the same
it is nothing, too. What was lost to scaling is put back, so that coverage is neither won nor lost.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from stmatte.refine.colours import products, solved, unmixed
from stmatte.refine.grid import Axis, Size, Tile, across, axis, bell, tiles, widened, within
from stmatte.refine.plain import SIDE, axes, blank, bounds, held, share, together, uneven

Places = slice | Tensor
"""Rows or columns of the plate: a range of them, or one for each of P pixels (P), int64."""

Guide = Callable[[Places, Places], Tensor]
"""Shows rows and columns of the plate as a display does: (H', W', 3) or (P, 3), in [0, 1]."""

AT_ONCE = 2**18
"""Pixels of the plate that are asked for at once."""

SEEN = 9
"""How far from an edge the plate is looked at, in pixels of the working size."""

SPREAD, REACH = 0.8, 2
"""Neighbourhood in which coverage goes with colour in a straight line; as in `bell`."""

GRAIN = 1e-4
"""Variance of a colour that is no edge: grain. At the working size most of it is gone."""

TAPS = 3
"""Pixels around a tile that scaling asks for."""


def guided(mattes: Tensor, size: Size, guide: Guide) -> Tensor:
    """Return mattes (N, H, W) at the plate's size that follow the plate's edges.

    mattes   (N, h, w) coverage in [0, 1] that sums to at most 1; so does the result
    size     (H, W) of the plate
    guide    shows the plate; only pixels near edges are asked for, each once

    The band that is changed reaches two pixels of the working size beyond where a matte is soft:
    softness that the network found widens it. All else is exactly 0 or 1, as it was.
    Source: the straight line is that of He, Sun and Tang, "Guided Image Filtering", TPAMI
    2013; that detail is added to a scaled picture, and what is lost put back, is ours.
    """
    edges = uneven(mattes).any(dim=0)
    picture, small = looked_at(edges, size, guide, mattes)
    mattes = unmixed(mattes, small)
    if mattes.shape[1:] == size:
        return mattes
    rows, columns = axes(mattes, size)
    limits = bounds(mattes)
    large = blank(mattes, (len(mattes), *size))
    masks = [tiles(mask, SIDE, TAPS) for mask in uneven(mattes)]
    for each in zip(*masks, strict=True):
        tile = each[0][0]
        place = share(tile, rows, columns)
        flat = mattes[:, tile.top, tile.left, None, None]
        # who has no edge here is 0 or 1 all over; only the others are worked out
        which = [index for index, (_, mark) in enumerate(each) if mark]
        if which:
            found, y, x = _detailed(tile, mattes, which, limits, small, picture, rows, columns)
            found = found[(..., within(place[0], y), within(place[1], x))]
            found = held(found, limits, place, rows, columns, which)
            large[(..., *place)] = together(_beside(found, which, flat))
        elif flat.any():
            large[(..., *place)] = flat
    return large


def _beside(found: Tensor, which: list[int], flat: Tensor) -> Tensor:
    """Return all objects (N, H', W') of a tile: some as they were found, the others flat."""
    if len(which) == len(flat):
        return found
    every = flat.expand(-1, *found.shape[1:]).clone()
    every[which] = found
    return every


def looked_at(edges: Tensor, size: Size, guide: Guide, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the plate (3, H, W) and its means at the working size (3, h, w).

    edges  (h, w) bool at the working size; farther than `SEEN` from them, both may be 0
    like   a tensor of the wanted type and on the wanted device
    """
    height, width = edges.shape
    rows, columns = axis(height, size[0], like.device), axis(width, size[1], like.device)
    picture, small = blank(like, (*size, 3)), blank(like, (3, height, width))
    # a pixel of the plate may lie in two of the working size, or in more where an axis shrinks
    beyond = max(-(-height // size[0]), -(-width // size[1]))
    near = widened(edges, SEEN + beyond)
    near = near.index_select(0, rows.before).index_select(1, columns.before)
    down, along = near.nonzero(as_tuple=True)
    for first in range(0, len(down), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        picture[down[some], along[some]] = guide(down[some], along[some]).to(like)
    for tile, mark in tiles(edges, SIDE, SEEN):
        if mark:
            y = slice(*rows.fine_range(tile.top, tile.bottom))
            x = slice(*columns.fine_range(tile.left, tile.right))
            piece, place = picture[y, x].permute(2, 0, 1), tile.slices
            means = rows.mean[place[0], y], columns.mean[place[1], x]
            small[(..., *place)] = across(means[0], piece, means[1])
    return picture.permute(2, 0, 1), small


def _detailed(
    tile: Tile,
    mattes: Tensor,
    which: list[int],
    limits: tuple[Tensor, Tensor],
    small: Tensor,
    picture: Tensor,
    rows: Axis,
    columns: Axis,
) -> tuple[Tensor, slice, slice]:
    """Return mattes of a tile and a little around it at the plate's size, and where that is.

    which  the objects whose mattes they are
    """
    size = (rows.coarse, columns.coarse)
    around = tile.grown(1, size)  # what is put back is scaled up, too
    y = slice(*rows.fine_range(around.top, around.bottom))
    x = slice(*columns.fine_range(around.left, around.right))
    known = around.grown(TAPS, size)
    down, along = known.slices

    def up(coarse: Tensor) -> Tensor:
        return across(rows.linear[y, down], coarse, columns.linear[x, along])

    near, colours = mattes[which, down, along], small[:, down, along]
    slopes = _slopes(known, mattes, which, small)
    detail = picture[:, y, x] - up(colours)
    found = across(rows.cubic[y, down], near, columns.cubic[x, along])
    found = held(found + (up(slopes) * detail).sum(dim=1), limits, (y, x), rows, columns, which)
    # what scaling and holding have won or lost, in each pixel of the working size
    means = across(rows.mean[around.slices[0], y], found, columns.mean[around.slices[1], x])
    lost = torch.zeros_like(near)
    lost[(..., *around.within(known))] = mattes[(which, *around.slices)] - means
    return found + up(lost), y, x


def _slopes(known: Tile, mattes: Tensor, which: list[int], small: Tensor) -> Tensor:
    """Return how coverage goes with colour (N, 3, h, w) around each pixel of a tile."""
    size = (mattes.shape[1], mattes.shape[2])
    fits = known.grown(REACH, size)
    wide = fits.grown(REACH, size)
    rows = bell(size[0], SPREAD, REACH, mattes.device)
    columns = bell(size[1], SPREAD, REACH, mattes.device)

    def mean(values: Tensor, of: Tile, around: Tile) -> Tensor:
        down, along = of.slices
        return across(rows[down, around.slices[0]], values, columns[along, around.slices[1]])

    # about their mean: beside squares of what is near 1, variances below GRAIN are lost to rounding
    colours, near = small[(..., *wide.slices)], mattes[(which, *wide.slices)]
    colours = colours - colours.mean(dim=(-2, -1), keepdim=True)
    colour, coverage = mean(colours, fits, wide), mean(near, fits, wide)
    spread = mean(products(colours, colours), fits, wide) - products(colour, colour)
    both = mean(near[:, None] * colours, fits, wide) - coverage[:, None] * colour
    return mean(solved(spread, both, GRAIN), known, fits)
