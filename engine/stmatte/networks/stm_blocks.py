# SPDX-License-Identifier: Apache-2.0
"""The blocks of STM: its two encoders, the heads on them, and the decoder.

Module names are those of the public checkpoint, so that it loads as it is. They know batches
on the padded grid; frames, objects and memory are the network's business.

Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks", ICCV 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.halves import convolved_first, convolved_last
from stmatte.networks.norm import FrozenNorm
from stmatte.networks.resnet import IMAGENET_MEAN, IMAGENET_STD, bottlenecks
from stmatte.networks.scaling import enlarged
from stmatte.networks.turns import by_turns

VALUES = 512  # features of a value


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
        x = F.max_pool2d(F.relu(self.bn1(x), inplace=True), 3, stride=2, padding=1)
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
    ) -> Tensor:
        """Return r4 (N, 1024, H/16, W/16); pictures may be one (1, 3, H, W) for all N mattes."""
        seen = self.conv1((pictures - self.mean) / self.std)
        return self._remembered(seen + self.conv1_m(own) + self.conv1_o(others))

    def _remembered(self, x: Tensor) -> Tensor:
        return by_turns(lambda one: self._stages(one)[0], x)


class KeyValue(nn.Module):
    """Two heads on r4: where to look, and what to find there (section 3.1)."""

    def __init__(self) -> None:
        super().__init__()
        self.Key = nn.Conv2d(1024, 128, 3, padding=1)
        self.Value = nn.Conv2d(1024, VALUES, 3, padding=1)

    def forward(self, r4: Tensor) -> tuple[Tensor, Tensor]:
        return self.Key(r4), self.Value(r4)


class ResBlock(nn.Module):
    """x plus two convolutions of it, each behind a ReLU; nothing after the sum."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.conv2(F.relu(self.conv1(F.relu(x)), inplace=True))
        return x + change


class Refine(nn.Module):
    """Doubles the resolution of what was decoded, guided by features of the query."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.convFS = nn.Conv2d(inputs, width, 3, padding=1)
        self.ResFS = ResBlock(width)
        self.ResMM = ResBlock(width)

    def guide(self, features: Tensor) -> Tensor:
        """Return what features (B, inputs, h, w) of queries say: (B, width, h, w)."""
        return self.ResFS(self.convFS(features))  # type: ignore[no-any-return]

    def forward(self, guide: Tensor, decoded: Tensor) -> Tensor:
        return self.ResMM(added(guide, enlarged(decoded, 2)))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """From what was recalled to logits at full resolution (section 3.3).

    What it makes of the query alone is asked for with `guides`, once for all objects and all
    passes over a frame: that is more than half of its work. The first convolution sees the
    recalled value beside the query's own; being linear, it is the sum of one of each.
    """

    def __init__(self, width: int = 256):
        super().__init__()
        self.convFM = nn.Conv2d(2 * VALUES, width, 3, padding=1)
        self.ResMM = ResBlock(width)
        self.RF3 = Refine(512, width)
        self.RF2 = Refine(256, width)
        self.pred2 = nn.Conv2d(width, 2, 3, padding=1)

    def guides(self, value: Tensor, r3: Tensor, r2: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what queries say at strides 16, 8 and 4, each (B, 256, H/stride, W/stride).

        value   (B, 512, H/16, W/16), the queries' own
        r3, r2  (B, 512, H/8, W/8) and (B, 256, H/4, W/4), their features
        """
        own = convolved_last(self.convFM, value)
        return own, self.RF3.guide(r3), self.RF2.guide(r2)

    def forward(self, recalled: Tensor, guides: Sequence[Tensor]) -> Tensor:
        """Return logits (B * N, 2, H, W); channel 1 is the object.

        recalled  (B * N, 512, H/16, W/16), all objects of a query one after the other
        guides    of B queries
        """
        at16, at8, at4 = guides
        seen = convolved_first(self.convFM, recalled)
        m4 = self.ResMM(added(at16, seen))
        m3 = self.RF3(at8, m4)
        m2 = self.RF2(at4, m3)
        return enlarged(self.pred2(F.relu(m2)), 4)


def added(guide: Tensor, decoded: Tensor) -> Tensor:
    """Add what a query says to each of its objects.

    guide    (B, C, h, w)
    decoded  (B * N, C, h, w), all objects of a query one after the other
    """
    if len(guide) == 1:
        return guide + decoded
    each = decoded.view(len(guide), -1, *decoded.shape[1:])
    return (guide[:, None] + each).flatten(0, 1)
