# SPDX-License-Identifier: Apache-2.0
"""A convolution of joined maps as the sum of what it makes of each: convolutions are linear.

So what all objects share is convolved once, and each object's own map by itself.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


def convolved_first(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """Return what a 3x3 convolution makes of its first channels (N, c, h, w), without its bias."""
    weight = layer.weight[:, : x.shape[1]]
    return F.conv2d(x.to(weight.dtype), weight, padding=1)


def convolved_last(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """Return what a 3x3 convolution makes of its last channels (N, c, h, w), with its bias."""
    weight = layer.weight[:, -x.shape[1] :]
    return F.conv2d(x.to(weight.dtype), weight, layer.bias, padding=1)
