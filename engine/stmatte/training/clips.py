# SPDX-License-Identifier: Apache-2.0
"""Make training clips from raw layers: move, put over each other, light, blur, compress, hide.

Source: the image stage of Oh et al., TPAMI 2020 (clips from stills, by random affine motion of
objects and background). Ours: ways that are lively over many frames, limbs that swing, tilts
and bends, things that pass by or are there twice, compositing and blur in light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.filling import borrowed
from stmatte.training.blurring import (
    between_moments,
    moments_of,
    out_of_focus,
    random_focus,
    random_shutter,
)
from stmatte.training.compression import compressed
from stmatte.training.corpus import UNKNOWN
from stmatte.training.draw import OBJECTS, RawClip
from stmatte.training.layers import (
    NODE,
    base_nodes,
    extent_of,
    layer_nodes,
    near_card,
    sampled,
    touched,
)
from stmatte.training.light import exposures, light_of, shown
from stmatte.training.looks import coloured, grained, hidden, softened

SEEN = 0.003
"""Of the first frame, for an object to be asked for."""

EDGE = 5
"""Pixels around an object that are filled, too: its colour bleeds there."""


@dataclass(frozen=True)
class _Canvas:
    """What a clip is painted on, all in its place.

    images   (T, 3, H, W) light
    objects  (T, OBJECTS, H, W) coverage
    unknown  (T, 1, H, W)
    """

    images: Tensor
    objects: Tensor
    unknown: Tensor

    def plane(self, number: int) -> Tensor:
        """Return the plane (T, 1, H, W) of an object, or of what is unknown."""
        return self.unknown if number == UNKNOWN else self.objects[:, number - 1 : number]


def make_clips(
    raw: Sequence[RawClip],
    hiding: float,
    device: torch.device,
    random: torch.Generator,
    bend: float = 1.0,
    blurred: float = 0.0,
    compression: float = 0.0,
) -> TrainingClips:
    """Make clips from raw layers of one size and number of frames, with room for OBJECTS objects.

    hiding       chance of each cell of the Hide-and-Seek grid to be hidden, but in first frames
    random       a generator on the CPU
    bend         how much things bend and tilt, as a part of the usual; 0 is affine
    blurred      share of clips that are blurred along the motion, and of layers out of focus
    compression  share of clips that are compressed
    """
    frames, size = raw[0].frames, raw[0].base.shape[1:3]
    images = torch.empty(len(raw), frames, 3, *size, device=device)
    objects = torch.zeros(len(raw), frames, OBJECTS, *size, device=device)
    unknown = torch.zeros(len(raw), frames, 1, *size, device=device)
    for b, clip in enumerate(raw):
        canvas = _Canvas(images[b], objects[b], unknown[b])
        times = moments_of(frames, random_shutter(blurred, random))
        _lay_base(clip, canvas, times, bend, blurred, random)
        _lay_over(clip, canvas, times, bend, blurred, random)
    images *= exposures(len(raw), frames, random).to(device)[..., None, None]
    gamma = torch.exp2(torch.rand(len(raw), 1, 1, 1, 1, generator=random) - 0.5)
    images = coloured(shown(images, gamma.to(device)), random)
    images = grained(softened(images, random), random)
    images = hidden(compressed(images, compression, random), hiding, random)
    seen = objects[:, 0].mean(dim=(2, 3)) > SEEN
    return TrainingClips(images.clamp_(0, 1), objects.clamp_(0, 1), (unknown < 0.5).float(), seen)


def _lay_base(
    clip: RawClip,
    canvas: _Canvas,
    times: Tensor,
    bend: float,
    blurred: float,
    random: torch.Generator,
) -> None:
    """Paint a clip's base, and what is known of it."""
    device = canvas.images.device
    size = (canvas.images.shape[-2], canvas.images.shape[-1])
    base = light_of(clip.base, device).permute(0, 3, 1, 2)
    there = [int(n) for n in np.unique(clip.labels) if n]
    labels = _there(clip.labels, device)
    marks = [(labels == n).to(base.dtype) for n in there]
    if clip.mattes is not None:
        mattes = _there(clip.mattes, device).permute(0, 3, 1, 2) / 255
        mattes /= mattes.sum(dim=1, keepdim=True).clamp(min=1)
        there, marks = list(range(1, mattes.shape[1] + 1)), list(mattes.unbind(dim=1))
    if clip.hole is not None:
        hole = _there(clip.hole, device).to(base.dtype)[None]
        hole = F.max_pool2d(hole, 2 * EDGE + 1, stride=1, padding=EDGE)
        base = borrowed(base[0], hole, random)[None]
    if len(clip.base) == 1:
        alone = any(n < UNKNOWN for n in there)
        nodes = base_nodes(alone, size, times, bend, random)
        inside = (nodes.abs() <= 1).all(dim=-1)
        half = torch.tensor([size[1], size[0]]) / 2
        nodes = between_moments(nodes, clip.frames, inside, half).to(device)
        sigma = 0.0 if alone else random_focus(blurred, size[0], random)
        stack = torch.cat([out_of_focus(base[0], sigma, "reflect") if sigma else base[0], *marks])
        moved = sampled(stack, nodes, "reflection")
        base, marks = moved[:, :3], list(moved[:, 3:].unbind(dim=1))
    canvas.images.copy_(base)
    for n, mark in zip(there, marks, strict=True):
        canvas.plane(n)[:, 0].copy_(mark)


def _lay_over(
    clip: RawClip,
    canvas: _Canvas,
    times: Tensor,
    bend: float,
    blurred: float,
    random: torch.Generator,
) -> None:
    """Put the layers of a clip over its pictures, in light, and keep the mattes."""
    if not clip.layers:
        return
    device = canvas.images.device
    size = (canvas.images.shape[-2], canvas.images.shape[-1])
    own = 0 if clip.mattes is None else clip.mattes.shape[-1]
    present = {int(n) for n in np.unique(clip.labels) if n} | set(range(1, own + 1))
    every = layer_nodes(clip.layers, size, times, bend, random)
    for layer, nodes in zip(clip.layers, every, strict=True):
        card, extent = _card(layer.pixels, device), extent_of(layer, size)
        sigma = random_focus(blurred, size[0], random)
        if sigma:
            card = out_of_focus(card, sigma)
            larger = torch.tensor([card.shape[2], card.shape[1]]) / size[0]
            nodes, extent = nodes * (extent / larger), larger
        near = near_card(nodes, extent)
        box = touched(near)
        if box is None:
            continue
        rows, columns = box
        nodes = between_moments(nodes, clip.frames, near, extent * size[0] / 2)
        moved = sampled(card, nodes[:, :, rows, columns].to(device))
        colour, alpha = moved[:, :3], moved[:, 3:]
        through = 1 - alpha
        y, x = (
            slice(s.start * NODE, s.start * NODE + n)
            for s, n in zip(box, moved.shape[2:], strict=True)
        )
        canvas.images[..., y, x].mul_(through).add_(colour)
        for n in present:
            canvas.plane(n)[..., y, x].mul_(through)
        if layer.number:
            canvas.plane(layer.number)[..., y, x] = alpha
            present.add(layer.number)


def _there(array: NDArray[np.generic], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def _card(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Return RGBA bytes as light times alpha, and alpha: (4, h, w)."""
    alpha = _there(pixels[..., 3:], device) / 255
    return torch.cat([light_of(pixels[..., :3], device) * alpha, alpha], dim=-1).permute(2, 0, 1)
