# SPDX-License-Identifier: Apache-2.0
"""How a camera makes a clip look: colour, softness, grain; and Hide-and-Seek. Batched torch.

All of it changes pictures in their place and leaves mattes alone.
Source of Hide-and-Seek: Singh and Lee, ICCV 2017, here on a 24 x 24 grid.
"""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

HIDING_GRID = 24
SOFT = 0.15  # share of frames that are soft as a whole
GRAIN = 0.03  # standard deviation, at most
SPARE = 64  # pixels by which the grain is larger than a picture, so that it is never twice the same


def coloured(images: Tensor, random: torch.Generator) -> Tensor:
    """Change contrast, saturation and tint: much per clip, a little per frame."""
    batch, frames = images.shape[:2]

    def draw(clip: float, frame: float, channels: int) -> Tensor:
        one = torch.rand(batch, 1, channels, generator=random) * 2 - 1
        each = torch.rand(batch, frames, channels, generator=random) * 2 - 1
        return one * clip + each * frame

    saturation, contrast, tint = 1 + draw(0.4, 0.03, 1), 1 + draw(0.3, 0.03, 1), draw(0.08, 0.01, 3)
    # grey + (colour - grey) * saturation, then mean + (that - mean) * contrast + tint
    third = torch.full((3, 3), 1 / 3)
    matrix = saturation[..., None] * (torch.eye(3) - third) + third
    matrix = (matrix * contrast[..., None]).to(images.device)
    mean = images[..., ::4, ::4].mean(dim=(1, 2, 3, 4))[:, None, None]
    shift = mean * (1 - contrast).to(images.device) + tint.to(images.device)
    flat = images.flatten(0, 1).flatten(2)
    changed = torch.baddbmm(shift.flatten(0, 1)[..., None], matrix.flatten(0, 1), flat)
    return changed.reshape(images.shape)


def softened(images: Tensor, random: torch.Generator) -> Tensor:
    """Blur some frames, by a Gaussian or along a line."""
    batch, frames = images.shape[:2]
    chosen = (torch.rand(batch * frames, generator=random) < SOFT).nonzero()[:, 0]
    along = torch.rand(batch * frames, 1, 1, generator=random) * torch.pi
    sigma = torch.rand(batch * frames, 1, 1, generator=random) * 1.6 + 0.2
    thin = torch.where(torch.rand(batch * frames, 1, 1, generator=random) < 0.5, sigma, 0.3)
    if not len(chosen):
        return images
    radius = 3
    steps = torch.arange(-radius, radius + 1.0)
    u = along.cos() * steps[None, None, :] + along.sin() * steps[None, :, None]
    v = -along.sin() * steps[None, None, :] + along.cos() * steps[None, :, None]
    kernel = torch.exp(-0.5 * ((u / sigma) ** 2 + (v / thin) ** 2))[chosen]
    kernel = kernel / kernel.sum(dim=(1, 2), keepdim=True)
    weight = kernel.repeat_interleave(3, dim=0)[:, None].to(images.device)
    flat, there = images.flatten(0, 1), chosen.to(images.device)
    padded = F.pad(flat[there], (radius,) * 4, mode="reflect").flatten(0, 1)[None]
    blurred = F.conv2d(padded, weight, groups=weight.shape[0])[0]
    flat[there] = blurred.reshape(-1, *images.shape[2:])
    return flat.reshape(images.shape)


def grained(images: Tensor, random: torch.Generator) -> Tensor:
    """Add grain: one sheet of noise, laid on each frame at another place."""
    batch, frames, _, height, width = images.shape
    strength = (torch.rand(batch, generator=random) * GRAIN).tolist()
    rows, columns = torch.randint(0, SPARE, (2, batch, frames), generator=random).tolist()
    sheet = _noise(height + SPARE, width + SPARE, images.device)
    for b in range(batch):
        for t in range(frames):
            y, x = rows[b][t], columns[b][t]
            images[b, t].add_(sheet[:, y : y + height, x : x + width], alpha=strength[b])
    return images


def hidden(images: Tensor, chance: float, random: torch.Generator) -> Tensor:
    """Hide cells of a grid behind the clip's mean colour, in all frames but the first."""
    if not chance:
        return images
    batch, frames, _, height, width = images.shape
    cells = torch.rand(batch, frames - 1, 1, HIDING_GRID, HIDING_GRID, generator=random) < chance
    over = F.interpolate(cells.flatten(0, 1).float().to(images.device), size=(height, width))
    mean = images.mean(dim=(1, 3, 4))[:, None, :, None, None]
    over = over.reshape(batch, frames - 1, 1, height, width).bool()
    images[:, 1:] = torch.where(over, mean, images[:, 1:])
    return images


@cache
def _noise(height: int, width: int, device: torch.device) -> Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randn(3, height, width, generator=random).to(device)
