# SPDX-License-Identifier: Apache-2.0
"""Where things go in the course of a clip: ways that stay in the picture and stay lively.

A way is a sum of waves: it speeds up, slows down and comes back, at any number of frames, and
may be asked for between frames too. Lengths are half heights of the picture: its middle is
(0, 0), its upper edge y = -1, its right edge x = its aspect. Knows numbers, no pictures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

TURN, GROW, X, Y, SHEAR, SQUEEZE, YAW, PITCH = range(8)
"""What a way says for each moment; see `Pace` for the units."""

SLOWEST = 0.02
"""Of the fastest pace: many things in a shot nearly stand."""

FREQUENCIES = (0.04, 0.16)
"""Cycles a frame. A wave gets at most 1 / (2 pi 0.04), four frames' way, from its middle."""

OVERTONE = 2.3
"""Frequency of the second, weaker wave, as a part of the first: no simple fraction, so that
what comes back does not come back in the same way."""


@dataclass(frozen=True)
class Pace:
    """How far a thing gets from one frame to the next at the very most.

    turn  radians; grow  log2; shift  half heights; shear  slope; tilt  radians out of the picture
    """

    turn: float
    grow: float
    shift: float
    shear: float
    tilt: float

    def speeds(self) -> Tensor:
        """Return the numbers in the order of a way, (8,)."""
        shift, shear, tilt = [self.shift] * 2, [self.shear] * 2, [self.tilt] * 2
        return torch.tensor([self.turn, self.grow, *shift, *shear, *tilt])


def waves(speeds: Tensor, times: Tensor, random: torch.Generator) -> Tensor:
    """Draw smooth ups and downs around 0 whose change a frame is `speeds` at most.

    speeds   any shape S
    times    (K,) in frames
    returns  (*S, K)
    """

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(speeds.shape, generator=random)[..., None]

    turn = 2 * math.pi
    frequency, phase, second = uniform(*FREQUENCIES), uniform(0, turn), uniform(0, turn)
    along = turn * frequency * times
    wave = 0.7 * (along + phase).sin() + 0.3 / OVERTONE * (along * OVERTONE + second).sin()
    return speeds[..., None] / (turn * frequency) * wave


def random_speeds(fastest: Tensor, layers: int, random: torch.Generator) -> Tensor:
    """Draw speeds (layers, *fastest.shape): as many slow ones as quick ones, by ratio."""
    shape = (layers, *fastest.shape)
    return fastest * SLOWEST ** torch.rand(shape, generator=random)


def random_ways(
    fastest: Pace, start: Tensor, times: Tensor, random: torch.Generator, aspect: float
) -> Tensor:
    """Draw where layers go, (layers, K, 8), so that their middle stays within the picture.

    start   (layers, 8) how they are at time 0
    times   (K,) in frames; the first one is where the way starts
    aspect  width / height of the picture
    """
    speeds = random_speeds(fastest.speeds(), len(start), random)
    way = waves(speeds, times, random)
    way = (start[..., None] + way - way[..., :1]).transpose(1, 2).contiguous()
    way[..., X] = bounced(way[..., X], aspect)
    way[..., Y] = bounced(way[..., Y], 1.0)
    return way


def bounced(place: Tensor, bound: float) -> Tensor:
    """Return places thrown back at -bound and bound as often as needed; inside, as they are."""
    return ((place - bound) % (4 * bound) - 2 * bound).abs() - bound


def passing_ways(
    fastest: Pace, meets: Tensor, times: Tensor, random: torch.Generator, aspect: float
) -> Tensor:
    """Draw straight ways (layers, K, 8) through the picture for what passes by in front.

    meets  (layers, 2) a place (x, y) that each crosses. On the first frame, too: what it hides
           there comes to light later, and belongs to its object all the same
    """
    layers, last = len(meets), float(times[-1])
    start = torch.zeros(layers, 8)
    way = random_ways(fastest, start, times, random, aspect)
    angle = torch.rand(layers, 1, generator=random) * 2 * math.pi
    speed = fastest.shift * (0.4 + 0.8 * torch.rand(layers, 1, generator=random))
    when = torch.rand(layers, 1, generator=random) * last
    gone = speed * (times - when)
    way[..., X] = meets[:, :1] + gone * angle.cos()
    way[..., Y] = meets[:, 1:] + gone * angle.sin() * 0.5  # most of what passes goes sideways
    return way


def gone_for_a_while(
    way: Tensor, extent: Tensor, times: Tensor, random: torch.Generator, aspect: float
) -> Tensor:
    """Return ways (layers, K, 8) that leave the picture at the nearest edge and come back.

    extent  (layers, 2) half width and half height of each thing
    """
    last = float(times[-1])
    first = way[:, 0, [X, Y]]
    edges = torch.tensor([aspect, 1.0])
    outside = edges + extent - first.abs()  # how far it is to be out of sight
    nearest = outside == outside.amin(dim=1, keepdim=True)
    share = 0.6 + 0.6 * torch.rand(len(way), 1, generator=random)  # partly out, or quite
    away = torch.where(nearest, outside * share * torch.where(first < 0, -1.0, 1.0), 0.0)
    leaves = torch.rand(len(way), 1, generator=random) * last * 0.3
    back = last * (0.8 + 0.3 * torch.rand(len(way), 1, generator=random))
    phase = ((times - leaves) / (back - leaves)).clamp(0, 1)
    # out for half of that time
    bump = (2 * (math.pi * phase).sin()).clamp(max=1)
    way = way.clone()
    way[..., [X, Y]] += bump[..., None] * away[:, None]
    return way
