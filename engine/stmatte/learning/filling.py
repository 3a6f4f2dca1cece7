# SPDX-License-Identifier: Apache-2.0
"""What may lie behind an object: a picture's hole filled from around it, smoothly.

It invents no detail. A network that learns from it sees where an object ends, and a soft
patch where it was.

Source: the pyramid of Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4 (pull-push).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def filled(image: Tensor, hole: Tensor) -> Tensor:
    """Return a picture (3, H, W) whose hole (1, H, W), 1 inside and 0 outside, is filled.

    Outside, the picture is as it was. Where all is hole, it becomes black.
    """
    seen = 1 - hole
    return image * seen + _pulled(image * seen, seen) * hole


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
