# SPDX-License-Identifier: Apache-2.0
"""Masks that could be those of the frame before: the truth, moved and bent a little.

A network that looks back learns from two frames what it will have to do over many: to follow a
mask that is nearly right.
Source: Oh et al., "Fast Video Object Segmentation by Reference-Guided Mask Propagation", CVPR
2018, the simulated samples of its first training stage; how far masks move is our choice.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.learning.motion import CONTROL, Reach, affine_grids, thin_plate_bends

USUAL = Reach(rotation=0.15, zoom=0.2, shift=0.08, shear=0.1, bend=0.08)


def deformed(masks: Tensor, amount: float, random: torch.Generator) -> Tensor:
    """Return masks (T, N, H, W), each moved and bent on its own; what comes from outside is 0.

    amount  how far, as a part of the usual; 0 leaves them as they are
    random  a generator on the CPU
    """
    if not amount:
        return masks
    layers = masks.flatten(0, 1)[:, None]
    size = (masks.shape[-2], masks.shape[-1])
    sizes = torch.tensor(
        [USUAL.rotation, USUAL.zoom, USUAL.shift, USUAL.shift, USUAL.shear, USUAL.shear]
    )
    motion = (torch.rand(len(layers), 1, 6, generator=random) * 2 - 1) * sizes * amount
    bends = torch.rand(len(layers), CONTROL * CONTROL, 2, generator=random) * 2 - 1
    grid = affine_grids(motion.to(masks.device), size)
    grid = grid + thin_plate_bends((bends * USUAL.bend * amount).to(masks.device), size)
    moved = F.grid_sample(layers, grid, padding_mode="zeros", align_corners=False)
    return moved.view_as(masks).clamp(0, 1)
