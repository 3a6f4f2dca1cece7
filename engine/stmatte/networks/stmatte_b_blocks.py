# SPDX-License-Identifier: Apache-2.0
"""What stmatte-b has beside stmatte-s: later blocks of MobileNetV2, a second look, a finer end.

Source: for blocks 14 to 17, Sandler et al., "MobileNetV2: Inverted Residuals and Linear
Bottlenecks", CVPR 2018, Table 2. All else is ours.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.mobilenet import InvertedResidual, MobileNet
from stmatte.networks.residual import Residual
from stmatte.networks.scaling import enlarged
from stmatte.networks.stmatte_s_blocks import Decoder, Widths

LATER = {14: (96, 160, 2), 15: (160, 160, 1), 16: (160, 160, 1), 17: (160, 320, 1)}
"""Block: (input channels, output channels, stride)."""

DEEP = 320  # channels after block 17
FINE = 32  # channels at stride 2


class LaterMobileNet(MobileNet):
    """MobileNetV2 up to block 17; names follow the backbone's file, as those before do."""

    def __init__(self) -> None:
        super().__init__()
        for block, (inputs, outputs, stride) in LATER.items():
            self.features[str(block)] = InvertedResidual(inputs, outputs, stride, expand=True)

    def later(self, s16: Tensor) -> Tensor:
        """Return what blocks 14 to 17 make of block 13's features: DEEP channels, at its size.

        They work at stride 32, as they learnt to, and see an even number of places.
        """
        height, width = s16.shape[-2:]
        even = F.pad(s16, (0, width % 2, 0, height % 2), mode="replicate")
        return enlarged(self._blocks(even, min(LATER), max(LATER)), 2)[..., :height, :width]


class Besides(NamedTuple):
    """Channels of the second look at each stride."""

    s4: int
    s8: int
    s16: int


class SecondLook(nn.Module):
    """Sees the picture anew, all of its pixels, with what MobileNet saw of it in hand."""

    def __init__(self, of: Widths, own: Besides):
        """Make it.

        of   what MobileNet gives at each stride, and DEEP channels more at stride 16
        own  what this gives
        """
        super().__init__()
        self.at4 = nn.Conv2d(3 * 16, own.s4, 3, padding=1)
        self.join4 = nn.Conv2d(of.s4, own.s4, 1)
        self.mix4 = Residual(own.s4, 1)
        self.to8 = nn.Conv2d(own.s4, own.s8, 3, stride=2, padding=1)
        self.join8 = nn.Conv2d(of.s8, own.s8, 1)
        self.mix8 = Residual(own.s8, 2)
        self.to16 = nn.Conv2d(own.s8, own.s16, 3, stride=2, padding=1)
        self.join16 = nn.Conv2d(of.s16 + DEEP, own.s16, 1)
        self.mix16 = Residual(own.s16, 3)

    def forward(
        self, images: Tensor, s4: Tensor, s8: Tensor, s16: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return maps (B, C, H / stride, W / stride) of strides 4, 8 and 16.

        images       (B, 3, H, W) in [0, 1]
        s4, s8, s16  what MobileNet saw at each stride
        """
        pixels = F.pixel_unshuffle(images * 2 - 1, 4)
        at4 = self.mix4(self.at4(pixels) + self.join4(s4))
        at8 = self.mix8(self.to8(F.relu(at4)) + self.join8(s8))
        return at4, at8, self.mix16(self.to16(F.relu(at8)) + self.join16(s16))


class FineDecoder(Decoder):
    """Decides at stride 4 as stmatte-s does, and corrects that at stride 2."""

    beyond4 = 3

    def __init__(self, w: Widths):
        super().__init__(w)
        self.to2 = nn.Conv2d(w.at4, 4 * FINE, 3, padding=1)
        self.mix2 = Residual(FINE)
        self.fine = nn.Conv2d(FINE, 1, 3, padding=1)
        nn.init.zeros_(self.fine.weight)
        nn.init.zeros_(self.fine.bias)  # type: ignore[arg-type]

    def logits(self, read4: Tensor, x: Tensor) -> Tensor:
        """Return the logits (B, 1, H, W) of what `mixed4` returned."""
        at2 = self.mix2(F.pixel_shuffle(self.to2(x), 2))
        return super().logits(read4, x) + enlarged(self.fine(F.relu(at2)).float(), 2)


def wider_key(inputs: int, outputs: int, plain: int, faint: float) -> nn.Conv2d:
    """Return a 1x1 convolution that passes its first `plain` channels on, and hardly any other.

    faint  of what scale the weights of all other keys are. Not 0: two keys of 0 are alike
           whatever they see, and nothing would be learnt
    """
    layer = nn.Conv2d(inputs, outputs, 1, bias=False)
    with torch.no_grad():
        layer.weight.mul_(faint)
        layer.weight[:plain] = 0
        layer.weight[:plain, :plain, 0, 0] = torch.eye(plain)
    return layer
