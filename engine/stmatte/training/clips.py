# SPDX-License-Identifier: Apache-2.0
"""Make training clips from raw layers: move, paste, blur, colour, hide. Batched torch.

Source: the image stage of Oh et al., TPAMI 2020 (clips of three frames from stills, by
random affine motion of objects and background), with thin-plate motion, pasted occluders
and Hide-and-Seek (Singh and Lee, ICCV 2017) on a 24 x 24 grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.motion import (
    Reach,
    affine_grids,
    random_bends,
    random_walk,
    thin_plate_bends,
)
from stmatte.training.corpus import UNKNOWN
from stmatte.training.draw import PASTED, RawClip

BASE_OBJECTS = 2
HIDING_GRID = 24
BASE_START = Reach(rotation=0.1, zoom=0.1, shift=0.05, shear=0.05, bend=0.03)
BASE_STEP = Reach(rotation=0.04, zoom=0.06, shift=0.06, shear=0.03, bend=0.04)
THING_START = Reach(rotation=0.5, zoom=0.2, shift=0.1, shear=0.1, bend=0.05)
THING_STEP = Reach(rotation=0.2, zoom=0.15, shift=0.2, shear=0.08, bend=0.06)


def make_clips(
    raw: Sequence[RawClip],
    hiding: float,
    device: torch.device,
    random: torch.Generator,
    bend: float = 1.0,
) -> TrainingClips:
    """Make clips from raw layers of one size, with room for BASE_OBJECTS + PASTED objects.

    hiding  chance of each cell of the Hide-and-Seek grid to be hidden, in frames after the first
    random  a generator on the CPU
    bend    how much things bend, as a part of the usual
    """
    base = torch.from_numpy(np.stack([clip.base for clip in raw])).to(device)
    labels = torch.from_numpy(np.stack([clip.labels for clip in raw])).to(device)
    layers = torch.from_numpy(np.stack([clip.layers for clip in raw])).to(device)
    batch, frames = labels.shape[:2]
    base = base.permute(0, 1, 4, 2, 3).float() / 255
    marks = [(labels == n).float() for n in (*range(1, BASE_OBJECTS + 1), UNKNOWN)]
    stack = torch.cat([base, torch.stack(marks, dim=2)], dim=2)
    still = [not clip.moving for clip in raw]
    stack = _move_base(stack, torch.tensor(still), random, bend)
    images, objects, unknown = torch.split(stack, [3, BASE_OBJECTS, 1], dim=2)

    things = layers.permute(0, 1, 4, 2, 3).float() / 255  # B, P, 4, H, W
    things = torch.cat([things[:, :, :3] * things[:, :, 3:], things[:, :, 3:]], dim=2)
    moved = _move_things(things, frames, random, bend)  # B, P, T, 4, H, W
    pasted: list[Tensor] = []
    for index in range(PASTED):
        colour, alpha = torch.split(moved[:, index], [3, 1], dim=2)
        images = images * (1 - alpha) + colour
        objects = objects * (1 - alpha)
        unknown = unknown * (1 - alpha)
        pasted = [coverage * (1 - alpha) for coverage in pasted] + [alpha]
    objects = torch.cat([objects, *pasted], dim=2)
    asked = torch.from_numpy(np.stack([clip.asked for clip in raw])).to(device)
    asked = torch.cat([asked.new_ones(batch, BASE_OBJECTS), asked], dim=1)
    seen = objects[:, 0].mean(dim=(2, 3)) > 0.003
    images = _colour(images, random)
    images = _soften(images, random)
    images = _hide(images, hiding, random)
    return TrainingClips(
        images.clamp(0, 1), objects.clamp(0, 1), (unknown < 0.5).float(), asked & seen
    )


def _move_base(stack: Tensor, still: Tensor, random: torch.Generator, bend: float) -> Tensor:
    """Move (B, T, C, H, W): bases from stills on their own way, rendered ones as a whole."""
    batch, frames, channels, height, width = stack.shape
    size = (height, width)
    motion = random_walk(BASE_START, BASE_STEP, batch, frames, random)
    motion = torch.where(still[:, None, None], motion, motion[:, :1].expand_as(motion) * 0.5)
    # half of the time mirrored, as a whole clip
    flip = (torch.rand(batch, generator=random) < 0.5).to(stack.device)
    stack = torch.where(flip[:, None, None, None, None], stack.flip(-1), stack)
    bends = random_bends(BASE_START.bend * bend, BASE_STEP.bend * bend, batch, frames, random)
    bends = bends.reshape(batch, frames, -1, 2) * still[:, None, None, None]
    grid = affine_grids(motion.to(stack.device), size)
    grid = grid + thin_plate_bends(bends.flatten(0, 1).to(stack.device), size)
    moved = F.grid_sample(stack.flatten(0, 1), grid, padding_mode="reflection", align_corners=False)
    return moved.reshape(batch, frames, channels, height, width)


def _move_things(things: Tensor, frames: int, random: torch.Generator, bend: float) -> Tensor:
    """Move (B, P, 4, H, W) layers over T frames: (B, P, T, 4, H, W)."""
    batch, count, channels, height, width = things.shape
    size = (height, width)
    motion = random_walk(THING_START, THING_STEP, batch * count, frames, random)
    bends = random_bends(
        THING_START.bend * bend, THING_STEP.bend * bend, batch * count, frames, random
    )
    grid = affine_grids(motion.to(things.device), size)
    grid = grid + thin_plate_bends(bends.to(things.device), size)
    repeated = things.flatten(0, 1).repeat_interleave(frames, dim=0)
    moved = F.grid_sample(repeated, grid, padding_mode="zeros", align_corners=False)
    return moved.reshape(batch, count, frames, channels, height, width)


def _colour(images: Tensor, random: torch.Generator) -> Tensor:
    """Change contrast, brightness, saturation and tint: much per clip, a little per frame."""
    batch, frames = images.shape[:2]

    def draw(clip: float, frame: float, channels: int) -> Tensor:
        one = torch.rand(batch, 1, channels, 1, 1, generator=random) * 2 - 1
        each = torch.rand(batch, frames, channels, 1, 1, generator=random) * 2 - 1
        return (one * clip + each * frame).to(images.device)

    gamma = torch.exp2(draw(0.5, 0.1, 1))
    images = images.clamp(1e-4, 1) ** gamma
    grey = images.mean(dim=2, keepdim=True)
    images = grey + (images - grey) * (1 + draw(0.4, 0.05, 1))
    mean = images.mean(dim=(2, 3, 4), keepdim=True)
    images = mean + (images - mean) * (1 + draw(0.3, 0.05, 1))
    return images + draw(0.08, 0.03, 3)


def _soften(images: Tensor, random: torch.Generator) -> Tensor:
    """Blur some frames, by a Gaussian or along a line, and add grain."""
    batch, frames, _, _, _ = images.shape
    radius = 3
    steps = torch.arange(-radius, radius + 1.0)
    along = torch.rand(batch * frames, 1, 1, generator=random) * torch.pi
    sigma = torch.rand(batch * frames, 1, 1, generator=random) * 1.6 + 0.2
    thin = torch.where(torch.rand(batch * frames, 1, 1, generator=random) < 0.5, sigma, 0.3)
    u = along.cos() * steps[None, None, :] + along.sin() * steps[None, :, None]
    v = -along.sin() * steps[None, None, :] + along.cos() * steps[None, :, None]
    kernel = torch.exp(-0.5 * ((u / sigma) ** 2 + (v / thin) ** 2))
    sharp = torch.zeros_like(kernel)
    sharp[:, radius, radius] = 1
    chosen = torch.rand(batch * frames, 1, 1, generator=random) < 0.3
    kernel = torch.where(chosen, kernel / kernel.sum(dim=(1, 2), keepdim=True), sharp)
    weight = kernel.repeat_interleave(3, dim=0)[:, None].to(images.device)
    flat = F.pad(images.flatten(0, 1), (radius,) * 4, mode="reflect").flatten(0, 1)[None]
    blurred = F.conv2d(flat, weight, groups=weight.shape[0])[0].reshape(images.shape)
    grain = torch.rand(batch, 1, 1, 1, 1, generator=random) * 0.03
    noise = torch.randn(images.shape, generator=random) * grain
    return blurred + noise.to(images.device)


def _hide(images: Tensor, chance: float, random: torch.Generator) -> Tensor:
    """Hide cells of a grid behind the clip's mean colour, in all frames but the first."""
    batch, frames, _, height, width = images.shape
    hidden = torch.rand(batch, frames, 1, HIDING_GRID, HIDING_GRID, generator=random) < chance
    hidden[:, 0] = False
    cells = F.interpolate(
        hidden.flatten(0, 1).float(), size=(height, width), mode="nearest"
    ).reshape(batch, frames, 1, height, width)
    mean = images.mean(dim=(1, 3, 4), keepdim=True)
    return torch.where(cells.to(images.device) > 0, mean, images)
