# SPDX-License-Identifier: Apache-2.0
"""Blocks of LMRC that STCN does not have: values on three grids, comparator, decoder."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.local import best_nearby, difference
from stmatte.networks.scaling import enlarged
from stmatte.networks.stcn_blocks import MattedEncoder, ResBlock, Up

STRIDES = (16, 8, 4)  # of the grids that are read, coarse to fine
FEATURES = {16: 1024, 8: 512, 4: 256}  # of the key encoder
TRUNK = {16: 256, 8: 128, 4: 64}  # of the value encoder, before it sees the key encoder's
VALUE = {16: 256, 8: 128, 4: 64}
READS = {"near16": 16, "near8": 8, "near4": 4, "moved8": 8, "moved4": 4}
"""The reads of the frame before, with their strides."""

BEST = 5  # similarities that the comparator looks at
ALPHA = 3.0  # steepness of its difference


class ValueEncoder(MattedEncoder):
    """A picture with mattes, joined on three grids with what the key encoder saw of it.

    seen         (N, 5, H, W), see `with_mattes`
    f16, f8, f4  of the same picture: (1024, H/16, W/16), (512, H/8, W/8), (256, H/4, W/4)
    returns      (N, 256, H/16, W/16), (N, 128, H/8, W/8), (N, 64, H/4, W/4)
    """

    def __init__(self) -> None:
        super().__init__()
        self.join16, self.join8, self.join4 = (
            nn.Conv2d(TRUNK[stride] + FEATURES[stride], VALUE[stride], 3, padding=1)
            for stride in STRIDES
        )

    def forward(
        self, seen: Tensor, f16: Tensor, f8: Tensor, f4: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        x4, x8, x16 = self.see(seen)
        return (
            self.join16(_beside(x16, f16)),
            self.join8(_beside(x8, f8)),
            self.join4(_beside(x4, f4)),
        )


class Comparator(nn.Module):
    """How far a read of the frame before is to be relied on (equation 10).

    Weights begin such that what is more alike nearby than anywhere else counts more.
    """

    def __init__(self) -> None:
        super().__init__()
        for name in READS:
            layer = nn.Conv2d(BEST, 1, 1)
            nn.init.constant_(layer.weight, 1 / BEST)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
            self.add_module(name, layer)

    def forward(self, name: str, similarity: Tensor, far: Tensor) -> Tensor:
        """Return (1, H, W) in (0, 1).

        name        of the read
        similarity  (windows, H, W) of its windows, -inf outside the map
        far         (BEST, H, W) the highest similarities in all of memory, highest first
        """
        differs = difference(best_nearby(similarity, BEST), far, ALPHA)
        reliability: Tensor = self.get_submodule(name)(differs[None])[0].sigmoid()
        return reliability


class Decoder(nn.Module):
    """From what was recalled to logits at full resolution: STCN's, with more to be guided by."""

    def __init__(self) -> None:
        super().__init__()
        self.compress = ResBlock(VALUE[16] + VALUE[16] + 512, 512)
        self.up_16_8 = Up(FEATURES[8] + 2 * VALUE[8], 512, 256)
        self.up_8_4 = Up(FEATURES[4] + 2 * VALUE[4], 256, 256)
        self.pred = nn.Conv2d(256, 1, 3, padding=1)

    def forward(self, seen: Mapping[str, Tensor], recalled: Mapping[str, Tensor]) -> Tensor:
        """Return logits (N, 1, H, W); positive is the object.

        seen      the query's thin (512, H/16, W/16), f8 and f4
        recalled  far (N, 256, H/16, W/16) and the reads of `READS`; 0 where one is left out
        """
        far = recalled["far"]
        height, width = far.shape[-2:]
        reads = {
            name: recalled[name]
            if name in recalled
            else far.new_zeros(len(far), VALUE[stride], height * 16 // stride, width * 16 // stride)
            for name, stride in READS.items()
        }
        x = self.compress(_beside(torch.cat([far, reads["near16"]], dim=1), seen["thin"]))
        for stride, up in ((8, self.up_16_8), (4, self.up_8_4)):
            nearby = torch.cat([reads[f"near{stride}"], reads[f"moved{stride}"]], dim=1)
            x = up(up.skip_conv(_before(seen[f"f{stride}"], nearby)), x)
        return enlarged(self.pred(F.relu(x)), 4)


def _beside(batch: Tensor, one: Tensor) -> Tensor:
    """Return (N, C + C', H, W): each of a batch, and then the features that all share."""
    return torch.cat([batch, one.expand(len(batch), -1, -1, -1)], dim=1)


def _before(one: Tensor, batch: Tensor) -> Tensor:
    """Return (N, C' + C, H, W): the features that all share, and then each of a batch."""
    return torch.cat([one.expand(len(batch), -1, -1, -1), batch], dim=1)
