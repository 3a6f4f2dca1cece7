# SPDX-License-Identifier: Apache-2.0
"""Light and display: pictures are composited, blurred and exposed in light, and seen as display.

One power stands for sRGB's curve in both directions, so that what is not changed comes back
exactly and needs no branch. What is composited differs from what sRGB's own curve would give by
less than `ERROR`, which is less than grain.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.learning.roaming import waves

POWER = 2.2
ERROR = 0.03
"""Most that a composite over the true curve's differs, of 1, on display. Only mixes with near
black come to it; the mean over all mixes is below 0.005."""

EXPOSURE, WHITE = 0.12, 0.04
"""Stops that exposure, and that red and blue against green, change a frame at most."""

JUMP, JUMPS = 0.1, 0.5
"""Chance of a clip that its exposure jumps once, and stops by which it does at most."""


def light_of(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Return bytes of a display picture as light in [0, 1], of the same shape."""
    return _curve(device)[torch.from_numpy(np.ascontiguousarray(pixels)).to(device).int()]


def shown(light: Tensor, gamma: Tensor | float = 1.0) -> Tensor:
    """Turn light into display in its place and return it; `gamma` above 1 makes it darker."""
    return light.clamp_(min=1e-5).pow_(gamma / POWER)


def exposures(clips: int, frames: int, random: torch.Generator) -> Tensor:
    """Draw what the light of each frame is multiplied by, (clips, frames, 3): a smooth drift.

    In some clips exposure jumps, as when a camera sets itself anew.
    """
    times = torch.arange(float(frames))
    stops = waves(torch.tensor([EXPOSURE, WHITE, WHITE]).expand(clips, 3), times, random)
    quick = torch.rand(clips, 3, 1, generator=random)
    stops = (stops - stops[..., :1]) * quick.square()
    when = 1 + (torch.rand(clips, 1, generator=random) * (frames - 1)).floor()
    size = (torch.rand(clips, 1, generator=random) * 2 - 1) * JUMPS
    jumps = torch.rand(clips, 1, generator=random) < JUMP
    stops[:, 0] += torch.where(jumps & (times >= when), size, 0.0)
    green = stops[:, 0]
    return torch.exp2(torch.stack([green + stops[:, 1], green, green + stops[:, 2]], dim=-1))


@cache
def _curve(device: torch.device) -> Tensor:
    return (torch.arange(256.0, device=device) / 255) ** POWER
