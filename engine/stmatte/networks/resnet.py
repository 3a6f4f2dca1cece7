# SPDX-License-Identifier: Apache-2.0
"""Residual stages of ResNet-50, to be strung together by encoders.

Parameter names are those that public checkpoints use. Batch norm uses its stored mean and
variance, always.

Source: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016; the stride
sits on the 3x3 convolution, as in the weights that everybody starts from.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.norm import FrozenNorm

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""What pictures in [0, 1] are normalised by: red, green, blue."""

EXPANSION = 4  # a bottleneck gives four times as many channels as it works with


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions around a shortcut.

    input    (B, inputs, H, W)
    returns  (B, 4 * width, H / stride, W / stride), not negative
    """

    def __init__(self, inputs: int, width: int, stride: int, *, project: bool):
        super().__init__()
        outputs = EXPANSION * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = FrozenNorm(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = FrozenNorm(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = FrozenNorm(outputs)
        self.downsample: nn.Sequential | None = None
        if project:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), FrozenNorm(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        return F.relu(self.bn3(self.conv3(x)) + shortcut, inplace=True)


def bottlenecks(inputs: int, width: int, count: int, stride: int) -> nn.Sequential:
    """Return one stage of `count` bottlenecks.

    The first one changes the number of channels and carries the stride; it alone has a
    projection on its shortcut, even where the stride is 1.
    """
    first = Bottleneck(inputs, width, stride, project=True)
    outputs = EXPANSION * width
    rest = (Bottleneck(outputs, width, 1, project=False) for _ in range(count - 1))
    return nn.Sequential(first, *rest)
