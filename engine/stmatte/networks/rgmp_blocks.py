# SPDX-License-Identifier: Apache-2.0
"""The blocks of RGMP: one encoder for both of its streams, and what compares and refines.

Module names are those of the public checkpoint, so that it loads as it is. They know
batches of pictures and masks at one scale; scales and objects are the network's business.

Source: Oh et al., "Fast Video Object Segmentation by Reference-Guided Mask Propagation",
CVPR 2018; the global convolution is Peng et al., "Large Kernel Matters", CVPR 2017.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.norm import FrozenNorm
from stmatte.networks.resnet import IMAGENET_MEAN, IMAGENET_STD, bottlenecks
from stmatte.networks.scaling import enlarged

WIDTH = 256  # channels of all that is decoded


class Features(NamedTuple):
    """What the encoder makes of a batch, (B, C, H / stride, W / stride)."""

    r5: Tensor  # 2048 channels at stride 32
    r4: Tensor  # 1024 at 16
    r3: Tensor  # 512 at 8
    r2: Tensor  # 256 at 4


class Encoder(nn.Module):
    """ResNet-50 that sees a picture and a mask. Both streams have these very weights.

    The paper says four channels. The public weights keep two convolutions whose results are
    added, which is the same function; the mask's has the bias.
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.conv1_p = nn.Conv2d(1, 64, 7, stride=2, padding=3)
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenNorm(64)
        self.res2 = bottlenecks(64, 64, count=3, stride=1)
        self.res3 = bottlenecks(256, 128, count=4, stride=2)
        self.res4 = bottlenecks(512, 256, count=6, stride=2)
        self.res5 = bottlenecks(1024, 512, count=3, stride=2)

    def forward(self, pictures: Tensor, masks: Tensor) -> Features:
        """See pictures (B, 3, H, W) in [0, 1] with masks (B, 1, H, W); sides multiples of 32.

        Pictures are normalised in here, after padding, so that the border is black.
        """
        x = self.conv1((pictures - self.mean) / self.std) + self.conv1_p(masks)
        x = F.max_pool2d(F.relu(self.bn1(x)), 3, stride=2, padding=1)
        r2 = self.res2(x)
        r3 = self.res3(r2)
        r4 = self.res4(r3)
        return Features(self.res5(r4), r4, r3, r2)


class GlobalConvolution(nn.Module):
    """A convolution as large as 7 x 7 of two thin ones, both ways round and added.

    Nothing stands between the thin ones: it is one linear map that sees far.
    """

    def __init__(self, inputs: int, outputs: int, size: int = 7):
        super().__init__()
        tall, wide, margin = (size, 1), (1, size), size // 2
        self.conv_l1 = nn.Conv2d(inputs, outputs, tall, padding=(margin, 0))
        self.conv_l2 = nn.Conv2d(outputs, outputs, wide, padding=(0, margin))
        self.conv_r1 = nn.Conv2d(inputs, outputs, wide, padding=(0, margin))
        self.conv_r2 = nn.Conv2d(outputs, outputs, tall, padding=(margin, 0))

    def forward(self, x: Tensor) -> Tensor:
        left: Tensor = self.conv_l2(self.conv_l1(x))
        right: Tensor = self.conv_r2(self.conv_r1(x))
        return left + right


class Refine(nn.Module):
    """Doubles the resolution of what was decoded, guided by features of the target.

    corners  whether scaling up aligns the corners
    """

    def __init__(self, inputs: int, corners: bool):
        super().__init__()
        self.corners = corners
        self.convFS1 = nn.Conv2d(inputs, WIDTH, 3, padding=1)
        self.convFS2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.convFS3 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.convMM1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.convMM2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)

    def forward(self, features: Tensor, decoded: Tensor) -> Tensor:
        guide = self.convFS1(features)
        guide = guide + self.convFS3(F.relu(self.convFS2(F.relu(guide))))
        refined: Tensor = guide + enlarged(decoded, 2, corners=self.corners)
        return refined + self.convMM2(F.relu(self.convMM1(F.relu(refined))))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """From both streams to logits at full resolution.

    target     of the frame that is asked for, with the mask of the frame before
    reference  (B, 2048, h, w) the r5 of the key
    returns    (B, 2, H, W) logits; channel 1 is the object

    `pred5` to `pred3` are side outputs for training.
    """

    def __init__(self, corners: bool) -> None:
        super().__init__()
        self.corners = corners
        self.GC = GlobalConvolution(2 * 2048, WIDTH)
        self.convG1 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.convG2 = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        self.RF4 = Refine(1024, corners)
        self.RF3 = Refine(512, corners)
        self.RF2 = Refine(256, corners)
        self.pred5 = nn.Conv2d(WIDTH, 2, 3, padding=1)
        self.pred4 = nn.Conv2d(WIDTH, 2, 3, padding=1)
        self.pred3 = nn.Conv2d(WIDTH, 2, 3, padding=1)
        self.pred2 = nn.Conv2d(WIDTH, 2, 3, padding=1)

    def forward(self, target: Features, reference: Tensor) -> Tensor:
        return self.draw(target, self.compare(target.r5, reference))

    def compare(self, r5: Tensor, reference: Tensor) -> Tensor:
        """Return m5 (B, 256, h, w) at stride 32: a frame's r5 held against the key's."""
        m5: Tensor = self.GC(torch.cat([r5, reference], dim=1))
        change: Tensor = self.convG2(F.relu(self.convG1(F.relu(m5))))
        return m5 + change

    def refine(self, target: Features, m5: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return m4, m3 and m2, (B, 256, h, w) at strides 16, 8 and 4."""
        m4 = self.RF4(target.r4, m5)
        m3 = self.RF3(target.r3, m4)
        return m4, m3, self.RF2(target.r2, m3)

    def draw(self, target: Features, m5: Tensor) -> Tensor:
        """Return the logits (B, 2, H, W) of what was compared."""
        m2 = self.refine(target, m5)[-1]
        return enlarged(self.pred2(F.relu(m2)), 4, corners=self.corners)
