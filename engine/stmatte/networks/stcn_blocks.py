# SPDX-License-Identifier: Apache-2.0
"""Blocks of STCN that LMRC is built of, too. Names are those of the public checkpoint."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.halves import convolved_first, convolved_last
from stmatte.networks.norm import FrozenNorm
from stmatte.networks.resnet import bottlenecks
from stmatte.networks.scaling import enlarged


class KeyEncoder(nn.Module):
    """ResNet-50 up to its third stage, of pictures alone.

    input    (B, 3, H, W) normalised, H and W multiples of 16
    returns  f16 (B, 1024, H/16, W/16), f8 (B, 512, H/8, W/8), f4 (B, 256, H/4, W/4)
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = FrozenNorm(64)
        self.res2 = bottlenecks(64, 64, count=3, stride=1)
        self.layer2 = bottlenecks(256, 128, count=4, stride=2)
        self.layer3 = bottlenecks(512, 256, count=6, stride=2)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        f4 = self.res2(stem(self.bn1(self.conv1(pictures))))
        f8 = self.layer2(f4)
        return self.layer3(f8), f8, f4


class KeyProjection(nn.Module):
    """A 3x3 convolution to the key of 64 features."""

    def __init__(self, inputs: int):
        super().__init__()
        self.key_proj = nn.Conv2d(inputs, 64, 3, padding=1)
        nn.init.orthogonal_(self.key_proj.weight)
        nn.init.zeros_(self.key_proj.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> Tensor:
        return self.key_proj(features)  # type: ignore[no-any-return]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut. Other than elsewhere, all have a bias."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        self.bn1 = FrozenNorm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.bn2 = FrozenNorm(outputs)
        self.downsample: nn.Sequential | None = None
        if inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride), FrozenNorm(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(x)) + shortcut, inplace=True)


class MattedEncoder(nn.Module):
    """ResNet-18 up to its third stage, of a picture with an object's matte and the others'.

    input    (B, 5, H, W): normalised picture, matte, sum of all other mattes
    returns  (B, 64, H/4, W/4), (B, 128, H/8, W/8), (B, 256, H/16, W/16)
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(5, 64, 7, stride=2, padding=3)
        self.bn1 = FrozenNorm(64)
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256, 1))

    def see(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x4 = self.layer1(stem(self.bn1(self.conv1(x))))
        x8 = self.layer2(x4)
        return x4, x8, self.layer3(x8)


class ResBlock(nn.Module):
    """A shortcut plus two convolutions, each behind a ReLU; nothing after the sum.

    Of a map whose last channels are the same for all objects, `shared` sees these once.
    """

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.downsample = nn.Conv2d(inputs, outputs, 3, padding=1) if inputs != outputs else None
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.conv2(F.relu(self.conv1(F.relu(x)), inplace=True))
        return change + (x if self.downsample is None else self.downsample(x))

    def shared(self, features: Tensor) -> Tensor:
        """Return what the last channels say, by linearity of what comes first.

        features  (1, C, h, w)
        returns   (1, 2 * outputs, h, w): to the first convolution, and to the shortcut
        """
        shortcut = cast(nn.Conv2d, self.downsample)  # the joined map has more channels than given
        beside = convolved_last(self.conv1, F.relu(features))
        return torch.cat([beside, convolved_last(shortcut, features)], dim=1)

    def joined(self, x: Tensor, shared: Tensor) -> Tensor:
        """Return `forward` of x (N, inputs - C, h, w) beside the features of `shared`."""
        shortcut = cast(nn.Conv2d, self.downsample)
        beside, around = shared.chunk(2, dim=1)
        seen = convolved_first(self.conv1, F.relu(x)) + beside
        change: Tensor = self.conv2(F.relu(seen, inplace=True))
        return change + (convolved_first(shortcut, x) + around)


class Up(nn.Module):
    """Doubles the resolution of what was decoded, guided by finer features.

    guide    (B or 1, inputs, 2h, 2w), what `skip_conv` makes of these features
    decoded  (B, inputs, h, w)
    returns  (B, outputs, 2h, 2w)
    """

    def __init__(self, guides: int, inputs: int, outputs: int):
        super().__init__()
        self.skip_conv = nn.Conv2d(guides, inputs, 3, padding=1)
        self.out_conv = ResBlock(inputs, outputs)

    def forward(self, guide: Tensor, decoded: Tensor) -> Tensor:
        return self.out_conv(guide + enlarged(decoded, 2))  # type: ignore[no-any-return]


def stem(x: Tensor) -> Tensor:
    """Return what the first stage of a ResNet sees, (B, 64, H/4, W/4)."""
    return F.max_pool2d(F.relu(x), 3, stride=2, padding=1)


def with_mattes(picture: Tensor, mattes: Tensor) -> Tensor:
    """Return a picture (3, H, W) with each object's matte and the others': (N, 5, H, W).

    mattes  (N, H, W); those of the others are summed up, even beyond 1
    """
    others = mattes.sum(dim=0) - mattes
    pictures = picture.expand(len(mattes), -1, -1, -1)
    return torch.cat([pictures, mattes[:, None], others[:, None]], dim=1)
