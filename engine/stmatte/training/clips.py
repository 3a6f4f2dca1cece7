# SPDX-License-Identifier: Apache-2.0
"""Make training clips from raw layers: move, put over each other, light, blur, hide.

Source: the image stage of Oh et al., TPAMI 2020 (clips from stills, by random affine motion of
objects and background). Ours: ways that are lively over many frames, limbs that swing, tilts
and bends, things that pass by or are there twice, compositing in light.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.filling import borrowed
from stmatte.training.corpus import UNKNOWN
from stmatte.training.draw import OBJECTS, RawClip
from stmatte.training.layers import (
    NODE,
    base_nodes,
    between,
    extent_of,
    layer_nodes,
    sampled,
    touched,
)
from stmatte.training.light import exposures, light_of, shown
from stmatte.training.looks import coloured, grained, hidden, softened

SEEN = 0.003
"""Of the first frame, for an object to be asked for."""

EDGE = 5
"""Pixels around an object that are filled, too: its colour bleeds there."""


def make_clips(
    raw: Sequence[RawClip],
    hiding: float,
    device: torch.device,
    random: torch.Generator,
    bend: float = 1.0,
) -> TrainingClips:
    """Make clips from raw layers of one size and number of frames, with room for OBJECTS objects.

    hiding  chance of each cell of the Hide-and-Seek grid to be hidden, in frames after the first
    random  a generator on the CPU
    bend    how much things bend and tilt, as a part of the usual; 0 is affine
    """
    frames, size = raw[0].frames, raw[0].base.shape[1:3]
    images = torch.empty(len(raw), frames, 3, *size, device=device)
    objects = torch.zeros(len(raw), frames, OBJECTS, *size, device=device)
    unknown = torch.zeros(len(raw), frames, 1, *size, device=device)
    for b, clip in enumerate(raw):
        _lay_base(clip, images[b], objects[b], unknown[b], bend, random)
        _lay_over(clip, images[b], objects[b], unknown[b], bend, random)
    images *= exposures(len(raw), frames, random).to(device)[..., None, None]
    gamma = torch.exp2(torch.rand(len(raw), 1, 1, 1, 1, generator=random) - 0.5)
    images = coloured(shown(images, gamma.to(device)), random)
    images = hidden(grained(softened(images, random), random), hiding, random)
    seen = objects[:, 0].mean(dim=(2, 3)) > SEEN
    return TrainingClips(images.clamp_(0, 1), objects.clamp_(0, 1), (unknown < 0.5).float(), seen)


def _lay_base(
    clip: RawClip,
    images: Tensor,
    objects: Tensor,
    unknown: Tensor,
    bend: float,
    random: torch.Generator,
) -> None:
    """Fill the pictures (T, 3, H, W) and what is known of them with a clip's base."""
    device, size = images.device, clip.base.shape[1:3]
    base = light_of(clip.base, device).permute(0, 3, 1, 2)
    there = [int(n) for n in np.unique(clip.labels) if n]
    labels = torch.from_numpy(np.ascontiguousarray(clip.labels)).to(device)
    marks = [(labels == n).to(base.dtype) for n in there]
    if clip.hole is not None:
        hole = torch.from_numpy(np.ascontiguousarray(clip.hole)).to(device)
        hole = F.max_pool2d(hole.to(base.dtype)[None], 2 * EDGE + 1, stride=1, padding=EDGE)
        base = borrowed(base[0], hole, random)[None]
    if len(clip.base) == 1:
        times = torch.arange(float(clip.frames))
        alone = any(n < UNKNOWN for n in there)
        nodes = base_nodes(alone, (size[0], size[1]), times, bend, random)
        stack = torch.cat([base[0], *marks]) if marks else base[0]
        moved = sampled(stack, between(nodes.to(device)), "reflection")
        base, marks = moved[:, :3], list(moved[:, 3:].unbind(dim=1))
    images.copy_(base)
    for n, mark in zip(there, marks, strict=True):
        (unknown[:, 0] if n == UNKNOWN else objects[:, n - 1]).copy_(mark)


def _lay_over(
    clip: RawClip,
    images: Tensor,
    objects: Tensor,
    unknown: Tensor,
    bend: float,
    random: torch.Generator,
) -> None:
    """Put the layers of a clip over its pictures (T, 3, H, W), in light, and keep the mattes."""
    if not clip.layers:
        return
    device, size = images.device, (images.shape[-2], images.shape[-1])
    times = torch.arange(float(clip.frames))
    nodes = layer_nodes(clip.layers, size, times, bend, random)
    present = {int(n) for n in np.unique(clip.labels) if n}
    for layer, its_nodes in zip(clip.layers, nodes, strict=True):
        box = touched(its_nodes, extent_of(layer, size))
        if box is None:
            continue
        grid = between(its_nodes[:, box[0], box[1]].to(device))
        rows, columns = (
            slice(s.start * NODE, s.start * NODE + n)
            for s, n in zip(box, grid.shape[1:3], strict=True)
        )
        moved = sampled(_card(layer.pixels, device), grid)
        colour, alpha = moved[:, :3], moved[:, 3:]
        through = 1 - alpha
        images[..., rows, columns].mul_(through).add_(colour)
        for n in present:
            plane = unknown if n == UNKNOWN else objects[:, n - 1 : n]
            plane[..., rows, columns].mul_(through)
        if layer.number:
            objects[:, layer.number - 1 : layer.number, rows, columns] = alpha
            present.add(layer.number)


def _card(pixels: np.ndarray, device: torch.device) -> Tensor:
    """Return RGBA bytes as light times alpha, and alpha: (4, h, w)."""
    alpha = torch.from_numpy(np.ascontiguousarray(pixels[..., 3:])).to(device) / 255
    return torch.cat([light_of(pixels[..., :3], device) * alpha, alpha], dim=-1).permute(2, 0, 1)
