# SPDX-License-Identifier: Apache-2.0
"""Coverage by the colours on both sides of an edge, at the working size.

The network knows which side is the object's, but is wrong by a pixel or two about where
the edge runs. The plate knows that: a pixel of the edge is a mixture of the colour inside and
the colour outside, and its place on the line between the two says how much it is covered. That
holds for sharp edges, for motion blur and for defocus, since all of them mix light.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from stmatte.refine.grid import across, bell, tiles
from stmatte.refine.plain import SIDE, together, uneven

SPREAD = 2.4
"""Pixels of the working size within which colours count, one standard deviation."""

REACH = 6
"""Pixels on either side that are looked at."""

GRAIN = 1e-3
"""Variance of a colour that is always allowed for: grain, compression."""

DOUBT = 16.0
"""One over the variance that coverage is taken to have: how soon colours are believed."""

MARGIN = 0.03
"""What is within this of 0 or 1 becomes exactly that."""

FLOOR = 1e-4
"""Weight of a pixel that says nothing of a side."""

TINY = 1e-9  # keeps nothing from being divided by nothing


def unmixed(mattes: Tensor, picture: Tensor) -> Tensor:
    """Return mattes (N, h, w) that agree with the picture's colours around their edges.

    mattes   (N, h, w) coverage in [0, 1] that sums to at most 1
    picture  (3, h, w) in [0, 1] at the same size; looked at within `REACH` of edges

    The colours inside and outside are means around each pixel, and their spread is the mean of
    both sides'. Coverage is where the pixel's colour lies between the two in the direction
    that tells them apart best (Fisher's), believed as far as it does so: where inside and
    outside look alike, the matte stays as it was.
    Source: Fisher, "The Use of Multiple Measurements in Taxonomic Problems", 1936; the
    mixture of two local colours is that of Ruzon and Tomasi, "Alpha Estimation in
    Natural Images", CVPR 2000.
    """
    edges = uneven(mattes)
    size = (mattes.shape[1], mattes.shape[2])
    found = mattes.clone()
    rows = bell(size[0], SPREAD, REACH, mattes.device)
    columns = bell(size[1], SPREAD, REACH, mattes.device)
    for index, matte in enumerate(mattes):
        for tile, mark in tiles(edges[index], SIDE):
            if mark:
                wide = tile.grown(REACH, size).slices
                near = _Near(
                    rows[tile.slices[0], wide[0]],
                    columns[tile.slices[1], wide[1]],
                    picture[(..., *wide)],
                    matte[wide],
                )
                here = matte[tile.slices]
                found[index][tile.slices] = _mixture(near, picture[(..., *tile.slices)], here)
    # The step to what is left alone is taken in two: half of it beside the soft pixels.
    soft = (mattes > 0) & (mattes < 1)
    return together(torch.lerp(mattes, found, (soft.float() + edges.float()) / 2))


@dataclass(frozen=True)
class _Near:
    """What is around a tile: weights for its rows and columns, the picture, the matte."""

    rows: Tensor
    columns: Tensor
    picture: Tensor
    matte: Tensor


def _mixture(near: _Near, picture: Tensor, matte: Tensor) -> Tensor:
    """Return the matte (h, w) of a tile, given its picture (3, h, w) and what is around."""
    inside, outside = _sides(near)
    apart = inside.colour - outside.colour
    spread = (inside.spread + outside.spread) / 2
    best = solved(spread, apart, GRAIN)
    clear = (best * apart).sum(dim=0)  # how many deviations inside and outside are apart, squared
    along = (best * (picture - outside.colour)).sum(dim=0) / clear.clamp(min=TINY)
    # Beside a wide ramp both sides are mixtures themselves.
    between = inside.coverage - outside.coverage
    coverage = outside.coverage + along * between
    coverage = ((coverage - MARGIN) / (1 - 2 * MARGIN)).clamp(0, 1)
    sure = clear / (clear + DOUBT * between**2 + TINY)
    sure = sure * ((inside.coverage > 0.5) & (outside.coverage < 0.5))
    return torch.lerp(matte, coverage, sure)


@dataclass(frozen=True)
class _Side:
    """One side of an edge, around each pixel of a tile.

    colour    (3, h, w) its mean
    spread    (6, h, w) the covariance of its colours, see `solved`
    coverage  (h, w) the mean of the matte there
    """

    colour: Tensor
    spread: Tensor
    coverage: Tensor


def _sides(near: _Near) -> tuple[_Side, _Side]:
    """Return the inside and the outside; a pixel belongs to each as far as it is sure to."""
    away = 2 * near.matte - 1
    weights = torch.stack([away, -away]).clamp(min=0) ** 2 + FLOOR
    one, matte = torch.ones_like(near.matte)[None], near.matte[None]
    known = torch.cat([one, matte, near.picture, products(near.picture, near.picture)])
    means = across(near.rows, known * weights[:, None], near.columns)
    means = means[:, 1:] / means[:, :1]
    colours = means[:, 1:4].transpose(0, 1)
    spreads = means[:, 4:].transpose(0, 1) - products(colours, colours)
    inside, outside = (_Side(colours[:, i], spreads[:, i], means[i, 0]) for i in (0, 1))
    return inside, outside


PAIRS = ((0, 0, 0, 1, 1, 2), (0, 1, 2, 1, 2, 2))
"""Which two colours each of the six numbers of a covariance is about."""


def products(first: Tensor, second: Tensor) -> Tensor:
    """Return the six products (6, ...) of two symmetric sets of colours (3, ...)."""
    return first[list(PAIRS[0])] * second[list(PAIRS[1])]


def solved(spread: Tensor, wanted: Tensor, grain: float) -> Tensor:
    """Return x for (spread + grain) x = wanted, for every pixel.

    spread  (6, h, w) covariance of three colours: rr, rg, rb, gg, gb, bb
    wanted  (3, h, w), or (N, 3, h, w)
    grain   variance that is added to each colour, above 0

    Written out, since general solvers take longest to be called for so small a system.
    """
    a, b, c, d, e, f = spread
    a = a + grain
    by, bz = b / a, c / a
    d = (d + grain - by * b).clamp(min=grain)
    e = e - by * c
    ey = e / d
    f = (f + grain - bz * c - ey * e).clamp(min=grain)
    x, y, z = wanted.unbind(dim=-3)
    y = y - by * x
    z = (z - bz * x - ey * y) / f
    y = y / d - ey * z
    x = x / a - by * y - bz * z
    return torch.stack([x, y, z], dim=-3)
