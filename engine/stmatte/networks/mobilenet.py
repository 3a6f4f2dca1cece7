# SPDX-License-Identifier: Apache-2.0
"""MobileNetV2 up to block 13, batch norm folded in, with a dense branch at stride 8.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018,
Table 2. The weights that ship were trained with TensorFlow, whose "SAME" padding sits at
the bottom and right of an even picture; torch's symmetric padding would shift the features.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.strips import by_strips

# block: (input channels, output channels, stride) of blocks 1 to 13
BLOCKS = {
    1: (32, 16, 1),
    2: (16, 24, 2),
    3: (24, 24, 1),
    4: (24, 32, 2),
    5: (32, 32, 1),
    6: (32, 32, 1),
    7: (32, 64, 2),
    8: (64, 64, 1),
    9: (64, 64, 1),
    10: (64, 64, 1),
    11: (64, 96, 1),
    12: (96, 96, 1),
    13: (96, 96, 1),
}
EXPANSION = 6

STRIP = 12 * 2**20
"""Bytes of an expanded map that a CPU holds at once, unless something is learnt."""


class Features(NamedTuple):
    """Feature maps of one batch of pictures, (B, C, H / stride, W / stride)."""

    s4: Tensor  # 24 channels, after block 3
    s8: Tensor  # 32 channels, after block 6
    dense: Tensor  # 64 channels, after block 10, at stride 8 by dilation
    s16: Tensor  # 96 channels, after block 13


def pad_same(x: Tensor) -> Tensor:
    """Pad for a 3x3 convolution of stride 2 as TensorFlow's "SAME" does on even sizes."""
    return F.pad(x, (0, 1, 0, 1))


class InvertedResidual(nn.Module):
    """Expand 1x1, depthwise 3x3, project 1x1; the input is added where shapes allow."""

    def __init__(self, inputs: int, outputs: int, stride: int, expand: bool):
        super().__init__()
        hidden = inputs * EXPANSION if expand else inputs
        self.expand = nn.Conv2d(inputs, hidden, 1) if expand else None
        padding = 1 if stride == 1 else 0
        self.depthwise = nn.Conv2d(hidden, hidden, 3, stride, padding, groups=hidden)
        self.project = nn.Conv2d(hidden, outputs, 1)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        stride = self.depthwise.stride[0]
        rows = self._rows_at_once(x, stride)
        if rows < x.shape[-2] // stride:
            return by_strips(self._whole, x, stride, rows)
        return self._whole(x)

    def _rows_at_once(self, x: Tensor, stride: int) -> int:
        """Return how many rows to make at a time."""
        if x.device.type != "cpu" or torch.is_grad_enabled() or torch.compiler.is_compiling():
            return x.shape[-2] // stride
        weight = self.depthwise.weight
        row = x.shape[0] * weight.shape[0] * x.shape[-1] * weight.element_size()
        return max(1, STRIP // (row * stride))

    def _whole(self, x: Tensor) -> Tensor:
        hidden = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        if self.depthwise.stride[0] == 2:
            hidden = pad_same(hidden)
        out: Tensor = self.project(F.relu6(self.depthwise(hidden), inplace=True))
        return x + out if self.shortcut else out


class MobileNet(nn.Module):
    """See pictures at strides 4, 8 and 16; names follow the shipped backbone file.

    Blocks 7 to 10 run at stride 8 with dilation 2 instead of stride 16, which gives the
    same features at four times as many places. Their odd places are, to the number, those
    of the strided network, and go on into blocks 11 to 13.

    Blocks 8 to 10 see the four sets of every other place as pictures of their own: dilation 2
    never mixes these, and plain convolutions are much faster than dilated ones, backwards above
    all.

    exact  parts that stay in float32 in half precision, see `precision.readied`: what the first
           block loses, every later one sees, and depthwise convolutions average little of what
           rounding does to them. In 16 bits mattes differ three times as much
    """

    exact = ("features.0", "features.1", "features.2.depthwise", "features.3.depthwise")

    def __init__(self) -> None:
        super().__init__()
        blocks: dict[str, nn.Module] = {"0": nn.Conv2d(3, 32, 3, 2, 0)}
        for block, (inputs, outputs, stride) in BLOCKS.items():
            blocks[str(block)] = InvertedResidual(
                inputs, outputs, 1 if block == 7 else stride, expand=block > 1
            )
        self.features = nn.ModuleDict(blocks)

    def _blocks(self, x: Tensor, first: int, last: int) -> Tensor:
        for block in range(first, last + 1):
            x = self.features[str(block)](x)
        return x

    def forward(self, images: Tensor) -> Features:
        """See a batch of pictures.

        images  (B, 3, H, W) display-referred sRGB in [0, 1]; H and W multiples of 16
        """
        x = F.relu6(self.features["0"](pad_same(images * 2 - 1)), inplace=True)
        s4 = self._blocks(x, 1, 3)
        s8 = self._blocks(s4, 4, 6)
        parts = self._blocks(_split(self._blocks(s8, 7, 7)), 8, 10)
        s16 = self._blocks(parts[-len(images) :], 11, 13)
        return Features(s4, s8, _join(parts), s16)


def _split(x: Tensor) -> Tensor:
    """Make pictures of every other place, row by row and column by column.

    (B, C, H, W) -> (4 * B, C, H / 2, W / 2): first all of even rows and even columns, last all
    of odd rows and odd columns.
    """
    batch, channels, height, width = x.shape
    cells = x.reshape(batch, channels, height // 2, 2, width // 2, 2)
    return cells.permute(3, 5, 0, 1, 2, 4).reshape(-1, channels, height // 2, width // 2)


def _join(parts: Tensor) -> Tensor:
    """Undo `_split`."""
    four, channels, height, width = parts.shape
    cells = parts.reshape(2, 2, four // 4, channels, height, width)
    return cells.permute(2, 3, 4, 0, 5, 1).reshape(four // 4, channels, 2 * height, 2 * width)
