# SPDX-License-Identifier: Apache-2.0
"""Clips from one picture and its mattes: what was keyed, moved a little from frame to frame.

The first frame is the key itself, as memory will hold it. Then the picture moves as a whole, or
each object goes its own way over a background that was filled behind it. The light changes.

Source: two ways of RGMP (Oh et al., CVPR 2018, section 3.3), which learns on a shot's first
frame as it learns from stills.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.filling import borrowed
from stmatte.learning.motion import (
    Reach,
    affine_grids,
    random_bends,
    random_walk,
    thin_plate_bends,
)

FRAMES = 3
TOGETHER = 0.5
"""Share of the clips in which all moves as one: nothing in them is invented."""

STILL = Reach(rotation=0, zoom=0, shift=0, shear=0, bend=0)
PICTURE_STEP = Reach(rotation=0.08, zoom=0.08, shift=0.1, shear=0.04, bend=0.04)
BACKGROUND_STEP = Reach(rotation=0.03, zoom=0.04, shift=0.06, shear=0.02, bend=0.02)
OBJECT_STEP = Reach(rotation=0.15, zoom=0.12, shift=0.12, shear=0.08, bend=0.05)
GAIN, LIFT = 0.12, 0.04
"""How much brighter a colour may become, as a share of it and of white."""

EDGE = 5
"""Pixels around an object that are filled, too: its colour bleeds there."""


@dataclass(frozen=True)
class KeyPicture:
    """A key as a network sees it.

    image   (3, H, W) in [0, 1]
    mattes  (N, H, W) coverage of the objects that the key speaks for, at least one
    """

    image: Tensor
    mattes: Tensor


def moved_clip(key: KeyPicture, random: torch.Generator) -> TrainingClips:
    """Make one clip of FRAMES frames from a key.

    random  a generator on the CPU; it alone decides how things move
    """
    together = float(torch.rand(1, generator=random)) < TOGETHER
    images, objects = _as_one(key, random) if together else _apart(key, random)
    images = _relit(images, random).clamp(0, 1)
    known = torch.ones_like(images[:, :1])
    asked = (key.mattes > 0.5).any(dim=(1, 2))
    return TrainingClips(images[None], objects.clamp(0, 1)[None], known[None], asked[None])


def _as_one(key: KeyPicture, random: torch.Generator) -> tuple[Tensor, Tensor]:
    layer = torch.cat([key.image, key.mattes])[None]
    moved = _moved(layer, PICTURE_STEP, random, "reflection")[0]
    return moved[:, :3], moved[:, 3:]


def _apart(key: KeyPicture, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Move every object on its own, one before the other, over what was filled behind them."""
    covered = (key.mattes.sum(dim=0, keepdim=True) > 0.02).float()
    hole = F.max_pool2d(covered, 2 * EDGE + 1, stride=1, padding=EDGE)
    behind = borrowed(key.image, hole, random)
    images = _moved(behind[None], BACKGROUND_STEP, random, "reflection")[0]
    objects = images.new_zeros(FRAMES, len(key.mattes), *images.shape[-2:])
    alpha = key.mattes[:, None]
    things = torch.cat([key.image * alpha, alpha], dim=1)
    moved = _moved(things, OBJECT_STEP, random, "zeros", _middles(key.mattes))
    for index in torch.randperm(len(things), generator=random).tolist():
        colour, covers = moved[index, :, :3], moved[index, :, 3:]
        images = images * (1 - covers) + colour
        objects = objects * (1 - covers)
        objects[:, index] = covers[:, 0]
    return torch.cat([key.image[None], images[1:]]), torch.cat([key.mattes[None], objects[1:]])


def _moved(
    layers: Tensor,
    step: Reach,
    random: torch.Generator,
    beyond: str,
    about: Tensor | None = None,
) -> Tensor:
    """Move layers (L, C, H, W) over the frames of a clip: (L, FRAMES, C, H, W).

    beyond  what lies beyond a layer's border: "reflection" or "zeros"
    """
    count, size = len(layers), (layers.shape[-2], layers.shape[-1])
    motion = random_walk(STILL, step, count, FRAMES, random).to(layers.device)
    bends = random_bends(0, step.bend, count, FRAMES, random).to(layers.device)
    grid = affine_grids(motion, size, about) + thin_plate_bends(bends, size)
    repeated = layers.repeat_interleave(FRAMES, dim=0)
    moved = F.grid_sample(repeated, grid, padding_mode=beyond, align_corners=False)
    return moved.reshape(count, FRAMES, *layers.shape[1:])


def _middles(mattes: Tensor) -> Tensor:
    """Return the middle (x, y) of each matte (N, H, W) in [-1, 1]."""
    weights = mattes / mattes.sum(dim=(1, 2), keepdim=True).clamp(min=1e-6)
    height, width = mattes.shape[-2:]
    x = (torch.arange(width, device=mattes.device) + 0.5) * 2 / width - 1
    y = (torch.arange(height, device=mattes.device) + 0.5) * 2 / height - 1
    return torch.stack([(weights * x).sum((1, 2)), (weights * y[:, None]).sum((1, 2))], dim=1)


def _relit(images: Tensor, random: torch.Generator) -> Tensor:
    """Change each colour's brightness in all frames but the first."""
    gain = 1 + GAIN * (torch.rand(FRAMES, 3, 1, 1, generator=random) * 2 - 1)
    lift = LIFT * (torch.rand(FRAMES, 3, 1, 1, generator=random) * 2 - 1)
    gain[0], lift[0] = 1, 0
    return images * gain.to(images.device) + lift.to(images.device)
