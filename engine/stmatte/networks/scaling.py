# SPDX-License-Identifier: Apache-2.0
"""Scaling feature maps up: the one way in which all networks do it."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def enlarged(maps: Tensor, factor: int, *, corners: bool = False) -> Tensor:
    """Scale (B, C, H, W) up by a whole number: bilinear, half-pixel centres, edges clamped.

    corners  lay the corner places of both grids upon each other instead of the corners of
             the picture, as all did who published with PyTorch 0.3
    """
    return F.interpolate(maps, scale_factor=factor, mode="bilinear", align_corners=corners)
