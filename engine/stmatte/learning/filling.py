# SPDX-License-Identifier: Apache-2.0
"""What may lie behind an object: a picture's hole filled with what lies beside it.

A soft patch alone would teach a network that objects lie before blur (engine/decisions/0019).
So the picture itself is borrowed, a hole's width or height further; what it does not reach is
filled smoothly from around.

Source: for the smooth part, the pyramid of Gortler et al., "The Lumigraph", SIGGRAPH 1996,
section 3.4 (pull-push).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

MARGIN = 8
"""Pixels between a hole and what is borrowed for it."""


def borrowed(image: Tensor, hole: Tensor, random: torch.Generator) -> Tensor:
    """Return a picture (3, H, W) that shows in its hole (1, H, W) what lies beside that.

    hole    1 inside and 0 outside
    random  chooses from which side, left and right before above and below
    """
    size = (image.shape[-2], image.shape[-1])
    wide, high = (_extent(hole[0].any(dim=side)) + MARGIN for side in (0, 1))
    sides = [(0, wide), (0, -wide)], [(high, 0), (-high, 0)]
    left = hole
    for pair in sides:
        for index in torch.randperm(2, generator=random).tolist():
            shift = pair[index]
            there = _inside(size, shift).to(hole.device) * (1 - hole.roll(shift, (1, 2))) * left
            image = torch.where(there > 0, image.roll(shift, (1, 2)), image)
            left = left - there
    return filled(image, left)


def filled(image: Tensor, hole: Tensor) -> Tensor:
    """Return a picture (3, H, W) whose hole (1, H, W), 1 inside and 0 outside, is filled smoothly.

    Outside, the picture is as it was. Where all is hole, it becomes black.
    """
    seen = 1 - hole
    return image * seen + _pulled(image * seen, seen) * hole


def _extent(seen: Tensor) -> int:
    """Return how far it is from the first place that is true to the last."""
    places = seen.nonzero()
    return int(places.max() - places.min()) + 1 if len(places) else 0


def _inside(size: tuple[int, int], shift: tuple[int, int]) -> Tensor:
    """Return (1, H, W): 1 where a picture that was shifted shows something of itself."""
    there = torch.zeros(1, *size)
    rows, columns = (
        slice(max(0, by), side + min(0, by)) for by, side in zip(shift, size, strict=True)
    )
    there[:, rows, columns] = 1
    return there


def _pulled(colour: Tensor, weight: Tensor) -> Tensor:
    """Return a picture of colour (3, H, W), which is multiplied by its weight (1, H, W)."""
    known = colour / weight.clamp(min=1e-4)
    if max(weight.shape[-2:]) == 1:
        return known
    coarse = F.avg_pool2d(torch.cat([colour, weight])[None], 2, ceil_mode=True)[0]
    # a place that is half known says as much as a whole one: only nothing says nothing
    sure = coarse[3:].clamp(min=1e-4).reciprocal().clamp(max=4) * coarse
    behind = _pulled(sure[:3], sure[3:])
    behind = F.interpolate(behind[None], size=weight.shape[-2:], mode="bilinear")[0]
    sure_here = weight.clamp(max=1)
    return known * sure_here + behind * (1 - sure_here)
