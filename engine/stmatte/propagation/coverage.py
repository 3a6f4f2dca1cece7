# SPDX-License-Identifier: Apache-2.0
"""What leaves the engine: from the network's probabilities to coverage.

A probability says how sure the network is that a pixel is the object's; coverage says how
much of the pixel the object fills. Knows the planes of one frame at working resolution, all
objects together. Refuses to know frames before and after, the plate, and what was keyed: a
key is delivered as it was drawn and never comes through here. See engine/decisions/0005.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.networks.aggregation import EPSILON

GAIN = 1.4
"""How much steeper log-odds of coverage are than those of a claim."""

MARGIN = 0.1
"""What is within this of 0 or 1 becomes exactly that; the rest is stretched."""

BAND = 1 / 16
"""How far from an edge coverage may be soft, as a part of the picture's height."""

Shape = tuple[tuple[int, int], tuple[int, int]]  # two directions, each rows down and columns right
SQUARE: Shape = ((0, 1), (1, 0))
DIAMOND: Shape = ((1, 1), (1, -1))
OCTAGON = 3  # pixels that a square and a diamond of one pixel reach together, along rows

MOST_RINGS = 254  # their steps are counted in a byte
LEAST = 1e-12  # keeps a share of nothing from becoming 0 / 0
HALVINGS = 30  # of an interval of log-odds at most 30 long: finer than float32


def to_coverage(planes: Tensor, *, aggregated: bool, band: int | None = None) -> Tensor:
    """Return how much of every pixel each object covers, by what the network found of each.

    planes      (N, h, w) float32 in [0, 1]: of each object, propagated alone, its probability
                at working resolution
    aggregated  whether the planes went through `soft_aggregate`, which doubles log-odds
    band        pixels, 6 or more: from there on coverage is exactly 0 or 1; None means a
                sixteenth of the height
    returns     (N, h, w) float32 in [0, 1] that sums to at most 1, but for rounding

    Distance counts to the nearest edge, which is where the object's own share passes one half:
    also that of a hole or of a loose piece. In the first half of the band coverage is as soft
    as the curve makes it, from there it fades to 0 or 1. A piece that nowhere reaches one half
    has no edge and is not delivered.
    """
    if not len(planes):
        return planes
    gain = GAIN / 2 if aggregated else GAIN
    shares = _shared(gain * torch.logit(planes, eps=EPSILON))
    shares = _hardened(shares, band or default_band(planes.shape[-2]))
    # Objects that touch look like one: that one gets the same curve, and they divide it.
    whole = _stretched(shares.sum(dim=0, keepdim=True))
    parts = _stretched(shares)
    claimed = parts.sum(dim=0, keepdim=True)
    return parts * (whole / claimed.clamp(min=LEAST))


def default_band(height: int) -> int:
    """Return the band in pixels for a picture of this working height."""
    return OCTAGON * max(2, round(BAND * height / OCTAGON))


def _shared(odds: Tensor) -> Tensor:
    """Return shares of at most 1 together: where there is more, log-odds fall by a common shift.

    odds     (N, h, w) log-odds
    returns  (N, h, w) in [0, 1]

    The surest loses least. Where all but the surest come to less than `MARGIN`, sharing
    would change nothing that is left after stretching, and is not done.
    """
    shares = odds.sigmoid()
    total = shares.sum(dim=0)
    contested = (total > 1) & (total - shares.amax(dim=0) > MARGIN)
    if contested.any():
        shares[:, contested] = _lowered(odds[:, contested]).sigmoid()
    return shares


def _lowered(odds: Tensor) -> Tensor:
    """Lower log-odds (N, K) by a common shift each, until their probabilities sum to 1."""
    low = torch.zeros_like(odds[0])
    high = odds.amax(dim=0).clamp(min=0) + float(len(odds))  # every probability is below 1 / N
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        over = (odds - middle).sigmoid().sum(dim=0) > 1
        low = torch.where(over, middle, low)
        high = torch.where(over, high, middle)
    return odds - high


def _hardened(shares: Tensor, band: int) -> Tensor:
    """Bring shares (N, h, w) to 0 or 1 outside the band around their edges, without a step."""
    inside, nearness = shares >= 0.5, torch.zeros_like(shares)
    # the rest is 0 in any case once it is stretched, and no edge lies there
    part = (slice(None), *_around((shares > MARGIN).any(dim=0)))
    nearness[part] = _nearness(inside[part], band)
    return torch.lerp(inside.to(shares), shares, nearness)


def _around(there: Tensor) -> tuple[slice, slice]:
    """Return the rows and columns of what is there (h, w), and one more on each side."""
    sides = []
    for axis in (1, 0):
        found = there.any(dim=axis).nonzero()
        sides.append(
            slice(max(0, int(found[0]) - 1), int(found[-1]) + 2) if len(found) else slice(0)
        )
    return sides[0], sides[1]


def _nearness(inside: Tensor, band: int) -> Tensor:
    """Return how near each pixel is to the edge of a region, in [0, 1].

    inside   (N, h, w) bool
    returns  (N, h, w) float32: 1 in the first half of the band, and from there in a line of small
             steps to 0 at its end

    Both sides grow in octagons, which are nearly round and as cheap as squares; the
    edge is where they meet.
    """
    rings = min(max(2, band // OCTAGON), MOST_RINGS)
    full, reach = rings // 2, rings * OCTAGON
    met = 2 - inside.to(torch.uint8)  # bit 0 for the inside, bit 1 for the outside
    met = F.pad(met, [reach] * 4)  # or borders would hold growth up
    met = _grown(_grown(met, SQUARE, full), DIAMOND, full)
    steps = torch.zeros_like(inside, dtype=torch.uint8)
    fades = (None, *[DIAMOND, SQUARE] * (rings - full))[:-1]  # at the end of the last it is 0
    for shape in fades:
        met = met if shape is None else _grown(met, shape, 1)
        here = met[:, reach:-reach, reach:-reach]
        steps += here & (here >> 1)  # 1 where both sides are met
    return steps.float() / len(fades)


def _grown(met: Tensor, shape: Shape, pixels: int) -> Tensor:
    """Return sides met (N, h, w), grown by so many pixels in both directions of a shape."""
    for down, right in shape:
        grown = 0
        while grown < pixels:
            step = min(pixels - grown, 2 * grown + 1)  # farther would leave gaps
            met = _and_beside(met, step * down, step * right)
            grown += step
    return met


def _and_beside(met: Tensor, down: int, right: int) -> Tensor:
    """Return the sides that are met here, or so far before or behind."""
    here, there = _without_border(met, down, right), _without_border(met, -down, -right)
    grown = met.clone()
    _without_border(grown, down, right).bitwise_or_(there)
    _without_border(grown, -down, -right).bitwise_or_(here)
    return grown


def _without_border(met: Tensor, down: int, right: int) -> Tensor:
    """Leave out so many rows above (below, if negative) and columns on the left (right)."""
    height, width = met.shape[-2:]
    rows = slice(max(0, down), height + min(0, down))
    return met[..., rows, max(0, right) : width + min(0, right)]


def _stretched(shares: Tensor) -> Tensor:
    """Make what is nearly 0 or 1 exactly that. Sums of 1 stay 1 for two objects."""
    return ((shares - MARGIN) / (1 - 2 * MARGIN)).clamp(0, 1)
