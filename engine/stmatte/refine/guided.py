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
from stmatte.refine.grid import Axis, Size, Tile, across, axis, bell, tiles, within
from stmatte.refine.plain import SIDE, axes, blank, bounds, held, share, together, uneven

Guide = Callable[[slice, slice], Tensor]
"""Shows rows and columns of the plate as a display does: (H', W', 3) float32 in [0, 1]."""

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
    guide    shows the plate; only pieces near edges are asked for, each once

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
    for tile, mark in tiles(uneven(mattes).any(dim=0), SIDE, TAPS):
        place = share(tile, rows, columns)
        if mark:
            found, y, x = _detailed(tile, mattes, limits, small, picture, rows, columns)
            here = within(place[0], y), within(place[1], x)
            found = held(found[(..., *here)], limits, place, rows, columns)
            large[(..., *place)] = together(found)
        elif mattes[:, tile.top, tile.left].any():
            large[(..., *place)] = mattes[:, tile.top, tile.left, None, None]
    return large


def looked_at(edges: Tensor, size: Size, guide: Guide, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the plate (3, H, W) and its means at the working size (3, h, w).

    edges  (h, w) bool at the working size; farther than `SEEN` from them, both may be 0
    like   a tensor of the wanted type and on the wanted device
    """
    height, width = edges.shape
    rows, columns = axis(height, size[0], like.device), axis(width, size[1], like.device)
    picture, small = blank(like, (3, *size)), blank(like, (3, height, width))
    for tile, mark in tiles(edges, SIDE, SEEN):
        if mark:
            y = slice(*rows.fine_range(tile.top, tile.bottom))
            x = slice(*columns.fine_range(tile.left, tile.right))
            piece = guide(y, x).to(like).permute(2, 0, 1)
            picture[:, y, x] = piece
            down, along = tile.slices
            small[(..., *tile.slices)] = across(rows.mean[down, y], piece, columns.mean[along, x])
    return picture, small


def _detailed(
    tile: Tile,
    mattes: Tensor,
    limits: tuple[Tensor, Tensor],
    small: Tensor,
    picture: Tensor,
    rows: Axis,
    columns: Axis,
) -> tuple[Tensor, slice, slice]:
    """Return the mattes of a tile and a little around it at the plate's size, and where that is."""
    size = (rows.coarse, columns.coarse)
    around = tile.grown(1, size)  # what is put back is scaled up, too
    y = slice(*rows.fine_range(around.top, around.bottom))
    x = slice(*columns.fine_range(around.left, around.right))
    known = around.grown(TAPS, size)
    down, along = known.slices

    def up(coarse: Tensor) -> Tensor:
        return across(rows.linear[y, down], coarse, columns.linear[x, along])

    near, colours = mattes[:, down, along], small[:, down, along]
    slopes = _slopes(known, mattes, small)
    detail = picture[:, y, x] - up(colours)
    found = across(rows.cubic[y, down], near, columns.cubic[x, along])
    found = held(found + (up(slopes) * detail).sum(dim=1), limits, (y, x), rows, columns)
    # what scaling and holding have won or lost, in each pixel of the working size
    means = across(rows.mean[around.slices[0], y], found, columns.mean[around.slices[1], x])
    lost = torch.zeros_like(near)
    lost[(..., *around.within(known))] = mattes[(..., *around.slices)] - means
    return found + up(lost), y, x


def _slopes(known: Tile, mattes: Tensor, small: Tensor) -> Tensor:
    """Return how coverage goes with colour (N, 3, h, w) around each pixel of a tile."""
    size = (mattes.shape[1], mattes.shape[2])
    fits = known.grown(REACH, size)
    wide = fits.grown(REACH, size)
    rows = bell(size[0], SPREAD, REACH, mattes.device)
    columns = bell(size[1], SPREAD, REACH, mattes.device)

    def mean(values: Tensor, of: Tile, around: Tile) -> Tensor:
        down, along = of.slices
        return across(rows[down, around.slices[0]], values, columns[along, around.slices[1]])

    colours, near = small[(..., *wide.slices)], mattes[(..., *wide.slices)]
    colour, coverage = mean(colours, fits, wide), mean(near, fits, wide)
    spread = mean(products(colours, colours), fits, wide) - products(colour, colour)
    both = mean(near[:, None] * colours, fits, wide) - coverage[:, None] * colour
    return mean(solved(spread, both, GRAIN), known, fits)
