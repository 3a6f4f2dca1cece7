# SPDX-License-Identifier: Apache-2.0
"""Blur along the motion, and what is out of focus: of light, colours times alpha, and alpha.

A shutter is open for a part of a frame. A layer is where it is when the shutter opens and where
it is when it closes, and goes straight on in between; what is seen is the mean of some moments.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SHUTTER = (0.3, 0.9)
"""Parts of a frame for which a shutter is open."""

STEP = 5.0
"""Pixels between two moments of a blur: less is not to be seen in a picture of 256 lines."""

MOMENTS = 8
"""Most moments, each of which costs as much as a whole sharp layer."""

FOCUS = (0.7, 3.0)
"""Standard deviations of what is out of focus, in pixels of a picture of 256 lines."""


def random_shutter(share: float, random: torch.Generator) -> float:
    """Draw for which part of a frame a clip's shutter is open: 0 for all but `share` of clips."""
    low, high = SHUTTER
    chosen, size = torch.rand(2, generator=random).tolist()
    return low + (high - low) * size if chosen < share else 0.0


def moments_of(frames: int, shutter: float) -> Tensor:
    """Return when the shutter opens and closes, one after the other: (frames * 2,), else (frames,).

    Without a shutter, which is 0, the frames' own moments.
    """
    times = torch.arange(float(frames))
    if not shutter:
        return times
    return (times[:, None] + torch.tensor([-0.5, 0.5]) * shutter).flatten()


def between_moments(nodes: Tensor, frames: int, near: Tensor, pixels: Tensor) -> Tensor:
    """Return nodes for as many moments as a blur needs: (moments, frames, rows, columns, 2).

    nodes   (frames or frames * 2, rows, columns, 2) places at `moments_of`
    near    (frames or frames * 2, rows, columns) where the layer is seen at all
    pixels  (2,) of the picture for one unit of a place
    """
    if len(nodes) == frames:
        return nodes[None]
    opened, closed = nodes[0::2], nodes[1::2]
    seen = near[0::2] | near[1::2]
    way = ((closed - opened) * pixels).norm(dim=-1)[seen]
    count = int(min(MOMENTS, 1 + float(way.max()) / STEP)) if len(way) else 1
    parts = (torch.arange(float(count)) + 0.5) / count
    return torch.stack([torch.lerp(opened, closed, part) for part in parts.tolist()])


def random_focus(share: float, height: int, random: torch.Generator) -> float:
    """Draw by how many pixels of a picture of `height` a layer is out of focus; 0 is in focus."""
    low, high = FOCUS
    chosen, size = torch.rand(2, generator=random).tolist()
    return (low + (high - low) * size) * height / 256 if chosen < share else 0.0


def out_of_focus(card: Tensor, sigma: float, beyond: str = "constant") -> Tensor:
    """Blur a card (C, h, w) by a Gaussian of `sigma` pixels.

    beyond  what lies beyond it: "constant", nothing, so that it gets larger by the blur's reach;
            or "reflect", itself mirrored, so that it keeps its size
    """
    reach = int(2.5 * sigma + 1)
    steps = torch.arange(-reach, reach + 1.0, device=card.device)
    kernel = torch.exp(-0.5 * (steps / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(len(card), 1, 1, -1)
    wide = F.pad(card[None], ((2 if beyond == "constant" else 1) * reach,) * 4, mode=beyond)
    across = F.conv2d(wide, kernel, groups=len(card))
    return F.conv2d(across, kernel.transpose(2, 3), groups=len(card))[0]
