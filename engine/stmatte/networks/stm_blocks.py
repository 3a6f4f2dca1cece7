# SPDX-License-Identifier: Apache-2.0
"""The blocks of STM: its two encoders, the heads on them, and the decoder.

Module names are those of the public checkpoint, so that it loads as it is. They know batches
on the padded grid; frames, objects and memory are the network's business.

Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks", ICCV 2019.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.norm import FrozenNorm
from stmatte.networks.resnet import IMAGENET_MEAN, IMAGENET_STD, bottlenecks
from stmatte.networks.scaling import enlarged


class Encoder(nn.Module):
    """ResNet-50 up to its third stage.

    input    (B, 3, H, W) in [0, 1], H and W multiples of 16; normalised in here, after
             padding, so that the border is black rather than mean grey
    returns  r4 (B, 1024, H/16, W/16), r3 (B, 512, H/8, W/8), r2 (B, 256, H/4, W/4)
    """

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenNorm(64)
        self.res2 = bottlenecks(64, 64, count=3, stride=1)
        self.res3 = bottlenecks(256, 128, count=4, stride=2)
        self.res4 = bottlenecks(512, 256, count=6, stride=2)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self._stages(self.conv1((pictures - self.mean) / self.std))

    def _stages(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = F.max_pool2d(F.relu(self.bn1(x)), 3, stride=2, padding=1)
        r2 = self.res2(x)
        r3 = self.res3(r2)
        return self.res4(r3), r3, r2


class MemoryEncoder(Encoder):
    """The same with mattes: one more first convolution each for the object and the others.

    The paper joins picture and mattes as channels. The public weights keep three
    convolutions whose results are added, which is the same function.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1_m = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        self.conv1_o = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)

    def forward(  # type: ignore[override]  # an encoder with mattes is called with mattes
        self, pictures: Tensor, own: Tensor, others: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        seen = self.conv1((pictures - self.mean) / self.std)
        return self._stages(seen + self.conv1_m(own) + self.conv1_o(others))


class KeyValue(nn.Module):
    """Two heads on r4: where to look, and what to find there (section 3.1)."""

    def __init__(self) -> None:
        super().__init__()
        self.Key = nn.Conv2d(1024, 128, 3, padding=1)
        self.Value = nn.Conv2d(1024, 512, 3, padding=1)

    def forward(self, r4: Tensor) -> tuple[Tensor, Tensor]:
        return self.Key(r4), self.Value(r4)


class ResBlock(nn.Module):
    """x plus two convolutions of it, each behind a ReLU; nothing after the sum."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.conv2(F.relu(self.conv1(F.relu(x))))
        return x + change


class Refine(nn.Module):
    """Doubles the resolution of what was decoded, guided by features of the query."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.convFS = nn.Conv2d(inputs, width, 3, padding=1)
        self.ResFS = ResBlock(width)
        self.ResMM = ResBlock(width)

    def forward(self, features: Tensor, decoded: Tensor) -> Tensor:
        # A frame's features are added to each of its objects'.
        guide: Tensor = self.ResFS(self.convFS(features))[:, None]
        batch = (len(features), -1, *guide.shape[2:])
        refined: Tensor = self.ResMM((guide + enlarged(decoded, 2).view(batch)).flatten(0, 1))
        return refined


class Decoder(nn.Module):
    """From what was recalled to logits at full resolution (section 3.3).

    found    (B * N, 1024, H/16, W/16), the recalled value before the query's own
    r3, r2   (B, 512, H/8, W/8) and (B, 256, H/4, W/4), the queries' features
    returns  (B * N, 2, H, W) logits; channel 1 is the object
    """

    def __init__(self, width: int = 256):
        super().__init__()
        self.convFM = nn.Conv2d(1024, width, 3, padding=1)
        self.ResMM = ResBlock(width)
        self.RF3 = Refine(512, width)
        self.RF2 = Refine(256, width)
        self.pred2 = nn.Conv2d(width, 2, 3, padding=1)

    def forward(self, found: Tensor, r3: Tensor, r2: Tensor) -> Tensor:
        m4 = self.ResMM(self.convFM(found))
        m3 = self.RF3(r3, m4)
        m2 = self.RF2(r2, m3)
        return enlarged(self.pred2(F.relu(m2)), 4)
