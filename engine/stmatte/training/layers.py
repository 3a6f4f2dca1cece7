# SPDX-License-Identifier: Apache-2.0
"""Move the layers of one clip and put them over each other, in light, colours times alpha.

Ways and coarse grids are computed on the CPU, whatever the device: they are small, the same on
every machine, and say beforehand which part of the picture a layer touches at all. Only that
part is sampled.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.learning.motion import CONTROL, thin_plate_lattice
from stmatte.learning.roaming import (
    Pace,
    gone_for_a_while,
    passing_ways,
    random_speeds,
    random_ways,
    waves,
)
from stmatte.learning.swinging import random_joints, unswung
from stmatte.learning.tilting import card_views, on_cards
from stmatte.training.things import Layer

NODE = 8
"""Pixels between the nodes of a coarse grid: a line of a tilted card bends by less than a tenth
of a pixel between two of them."""

LATTICE = 9
"""Places per side of a card at which its bend is computed."""

MARGIN = 0.2
"""Half heights around a card that count as its own, so that none falls between two nodes."""

THING = Pace(turn=0.2, grow=0.1, shift=0.5, shear=0.04, tilt=0.12)
STILL = Pace(turn=0.06, grow=0.05, shift=0.2, shear=0.02, tilt=0.05)
CAMERA = Pace(turn=0.02, grow=0.03, shift=0.12, shear=0.01, tilt=0.02)
THING_BEND, STILL_BEND, CAMERA_BEND = 0.08, 0.03, 0.01
"""Fastest bend a frame, as a part of half a thing's sides, or of half the picture's."""

THING_START = torch.tensor([0.3, 0.1, 0.0, 0.0, 0.06, 0.06, 0.3, 0.3])
STILL_START = torch.tensor([0.08, 0.06, 0.0, 0.0, 0.03, 0.03, 0.1, 0.1])
"""How a thing, or a still, lies in the first frame, at most; places are drawn with the things."""

CLOSER = 0.12
"""log2: a still is shown a little larger, so that less of its mirrored surround is seen."""

Box = tuple[slice, slice]


def layer_nodes(
    layers: tuple[Layer, ...],
    size: tuple[int, int],
    times: Tensor,
    bend: float,
    random: torch.Generator,
) -> Tensor:
    """Draw the motion of things; return which place of its card each node of the picture shows.

    times    (K,) in frames
    bend     how much things bend and tilt, as a part of the usual
    returns  (L, K, rows, columns, 2) from -1 to 1 on the card
    """
    aspect = size[1] / size[0]
    extent = torch.tensor([_extent(layer, size) for layer in layers])
    start = torch.zeros(len(layers), 8)
    start[:, 2:4] = torch.tensor([layer.place for layer in layers])
    start += THING_START * _even(random, len(layers), 8) * _tilts(bend)
    ways = random_ways(_bent(THING, bend), start, times, random, aspect)
    crossing = passing_ways(THING, start[:, 2:4], times, random, aspect)
    away = gone_for_a_while(ways, extent, times, random, aspect)
    passes, leaves = (
        torch.tensor(flags)[:, None, None]
        for flags in ([lay.passes for lay in layers], [lay.leaves for lay in layers])
    )
    ways = torch.where(passes, crossing, torch.where(leaves, away, ways))
    points = on_cards(card_views(ways), _nodes(size))
    joints = random_joints(torch.tensor([lay.joints for lay in layers]), extent, times, random)
    if joints is not None:
        points = unswung(points, joints)
    places = points / extent[:, None, None]
    bent = _with_bends(places, THING_BEND * bend, times, random)
    return bent.reshape(len(layers), len(times), *_shape(size), 2)


def base_nodes(
    alone: bool, size: tuple[int, int], times: Tensor, bend: float, random: torch.Generator
) -> Tensor:
    """Draw the motion of a still; return which place of it each node of the picture shows.

    alone    whether what is asked for is in the still itself; else it is what lies behind
    returns  (K, rows, columns, 2) from -1 to 1 on the still
    """
    aspect = size[1] / size[0]
    start = STILL_START * _even(random, 1, 8) * _tilts(bend)
    start[:, 1] += CLOSER
    ways = random_ways(_bent(STILL if alone else CAMERA, bend), start, times, random, aspect)
    places = on_cards(card_views(ways), _nodes(size)) / torch.tensor([aspect, 1.0])
    speed = (STILL_BEND if alone else CAMERA_BEND) * bend
    return _with_bends(places, speed, times, random).reshape(len(times), *_shape(size), 2)


def near_card(nodes: Tensor, extent: Tensor) -> Tensor:
    """Return at which nodes (K, rows, columns) a card is seen, or nearly.

    nodes   (K, rows, columns, 2) places on the card
    extent  (2,) half width and half height of the card, in half heights of the picture
    """
    return (nodes.abs() <= 1 + MARGIN / extent).all(dim=-1)


def touched(near: Tensor) -> Box | None:
    """Return the rows and columns of nodes between which a card is ever seen, None if nowhere.

    near  (K, rows, columns) from `near_card`
    """
    ever = near.any(dim=0)
    if not ever.any():
        return None
    rows, columns = (ever.any(dim=side).nonzero()[:, 0].tolist() for side in (1, 0))
    return (
        slice(max(0, rows[0] - 1), rows[-1] + 2),
        slice(max(0, columns[0] - 1), columns[-1] + 2),
    )


def between(nodes: Tensor) -> Tensor:
    """Return what the nodes (K, rows, columns, 2) say for each pixel between them.

    returns  (K, (rows - 1) * NODE, (columns - 1) * NODE, 2)
    """
    rows, columns = nodes.shape[1:3]
    fine = F.interpolate(
        nodes.permute(0, 3, 1, 2),
        size=((rows - 1) * NODE + 1, (columns - 1) * NODE + 1),
        mode="bilinear",
        align_corners=True,
    )
    return fine[..., :-1, :-1].permute(0, 2, 3, 1)


def sampled(card: Tensor, nodes: Tensor, beyond: str = "zeros") -> Tensor:
    """Return how a card (C, h, w) is seen on each of K frames, (K, C, H, W).

    nodes   (moments, K, rows, columns, 2): what is seen is the mean of the moments
    beyond  what lies beyond the card: "zeros" or "reflection"
    """
    cards = card.expand(nodes.shape[1], *card.shape)
    moments = [
        F.grid_sample(cards, between(moment), padding_mode=beyond, align_corners=False)
        for moment in nodes
    ]
    for other in moments[1:]:
        moments[0] += other
    return moments[0].div_(len(moments)) if len(moments) > 1 else moments[0]


def extent_of(layer: Layer, size: tuple[int, int]) -> Tensor:
    """Return half width and half height of a layer's card, in half heights of the picture."""
    return torch.tensor(_extent(layer, size))


def _extent(layer: Layer, size: tuple[int, int]) -> tuple[float, float]:
    height, width = layer.pixels.shape[:2]
    return width / size[0], height / size[0]


def _shape(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] // NODE + 1, size[1] // NODE + 1


def _nodes(size: tuple[int, int]) -> Tensor:
    """Return the centres of every NODE-th pixel, and the first one beyond, as (N, 2) x and y."""
    rows, columns = _shape(size)
    y = (torch.arange(rows) * NODE + 0.5) * 2 / size[0] - 1
    x = ((torch.arange(columns) * NODE + 0.5) * 2 - size[1]) / size[0]
    return torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], dim=-1).reshape(-1, 2)


def _even(random: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(shape, generator=random) * 2 - 1


def _tilts(bend: float) -> Tensor:
    """Return what a start is multiplied by: the tilts by `bend`."""
    return torch.tensor([1.0] * 6 + [min(1.0, bend)] * 2)


def _bent(pace: Pace, bend: float) -> Pace:
    return Pace(pace.turn, pace.grow, pace.shift, pace.shear, pace.tilt * min(1.0, bend))


def _with_bends(places: Tensor, speed: float, times: Tensor, random: torch.Generator) -> Tensor:
    """Return places (L, K, N, 2) on bending cards, whose control points move at `speed`."""
    layers, moments, count = places.shape[:3]
    speeds = random_speeds(torch.full((CONTROL * CONTROL, 2), speed), layers, random)
    offsets = waves(speeds, times, random).permute(0, 3, 1, 2).flatten(0, 1)
    if not speed:
        return places
    bends = thin_plate_lattice(offsets, LATTICE, LATTICE).permute(0, 3, 1, 2)
    at = places.reshape(layers * moments, 1, count, 2)
    moved = F.grid_sample(bends, at, padding_mode="border", align_corners=False)
    return places + moved[:, :, 0].transpose(1, 2).reshape(places.shape)
