# SPDX-License-Identifier: Apache-2.0
"""Limbs: a part of a thing swings about a joint, and what lies beside it follows softly.

Every point turns about the joint by an angle that depends on its direction from there alone:
all of the swing in the limb's direction, nothing behind the joint. So each point keeps its
distance to the joint, and nothing tears or folds. Lengths are half heights of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from stmatte.learning.roaming import random_speeds, waves

MOST = 0.8
"""Radians to either side. From 0.95 on, directions beside a limb would change places."""

FASTEST = 0.45
"""Radians a frame: an arm that is thrown up within a quarter of a second."""

STILL, WHOLE = -0.5, 0.9
"""Cosine to the limb's direction up to which nothing swings, and from which on all does."""


@dataclass(frozen=True)
class Joints:
    """J joints of each of L things, in the order in which they are undone.

    places      (L, J, 2) on the thing, from its middle
    directions  (L, J) in which the limb lies at rest, radians
    angles      (L, J, K) by which it swings at each moment; 0 for joints that are not there
    """

    places: Tensor
    directions: Tensor
    angles: Tensor


def random_joints(
    counts: Tensor, extent: Tensor, times: Tensor, random: torch.Generator
) -> Joints | None:
    """Draw joints between the middle and the rim of things, with limbs that point outwards.

    counts   (L,) how many joints each thing has
    extent   (L, 2) half width and half height of each thing
    times    (K,) in frames
    returns  None if nothing swings
    """
    layers, most = len(counts), int(counts.max()) if len(counts) else 0
    if not most:
        return None
    there = torch.arange(most) < counts[:, None]
    angle = torch.rand(layers, most, generator=random) * 2 * math.pi
    outwards = torch.stack([angle.cos(), angle.sin()], dim=-1) * extent[:, None]
    places = outwards * (0.1 + 0.4 * torch.rand(layers, most, 1, generator=random))
    aside = torch.rand(layers, most, generator=random) - 0.5
    speeds = random_speeds(torch.full((most,), FASTEST), layers, random).clamp(min=0.04)
    swings = waves(speeds, times, random)
    return Joints(
        places,
        torch.atan2(outwards[..., 1], outwards[..., 0]) + aside,
        MOST * torch.tanh(swings / MOST) * there[..., None],
    )


def unswung(points: Tensor, joints: Joints) -> Tensor:
    """Return where on the thing at rest lies what is seen at points of it (L, K, N, 2)."""
    for index in range(joints.places.shape[1]):
        place = joints.places[:, None, None, index]
        angle = joints.angles[:, index, :, None]  # L, K, 1
        middle = joints.directions[:, None, None, index] + angle / 2
        arm = points - place
        length = arm.norm(dim=-1).clamp(min=1e-6)
        cosine = (arm[..., 0] * middle.cos() + arm[..., 1] * middle.sin()) / length
        share = ((cosine - STILL) / (WHOLE - STILL)).clamp(0, 1)
        turn = -angle * share.square() * (3 - 2 * share)
        cosine, sine = turn.cos(), turn.sin()
        points = place + torch.stack(
            [arm[..., 0] * cosine - arm[..., 1] * sine, arm[..., 0] * sine + arm[..., 1] * cosine],
            dim=-1,
        )
    return points
