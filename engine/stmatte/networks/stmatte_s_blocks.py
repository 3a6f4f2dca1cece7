# SPDX-License-Identifier: Apache-2.0
"""The blocks of stmatte-s: what is seen and recalled, the value encoder and the decoder."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.residual import Residual
from stmatte.networks.scaling import enlarged

CONFIDENT = 0.02  # read masks are kept this far from 0 and 1, or their logits drown the decoder


class Widths(NamedTuple):
    """Channels of each part, and how many more blocks mix at each stride: those of stmatte-s."""

    s4: int = 24
    s8: int = 96
    s16: int = 96
    value: int = 128
    masks4: int = 32  # of the value encoder
    masks8: int = 64
    at16: int = 128  # of the decoder
    at8: int = 96
    at4: int = 48
    more16: int = 0
    more8: int = 0
    more4: int = 0


class Seen(NamedTuple):
    """What the image encoder makes of a batch of pictures, (B, C, H / stride, W / stride)."""

    s4: Tensor
    s8: Tensor  # features of stride 8 and dense ones
    s16: Tensor
    key8: Tensor  # 64 channels in stmatte-s, unit length
    key16: Tensor  # 96 channels in stmatte-s, unit length


class Recalled(NamedTuple):
    """What was read for a batch of objects."""

    mask8: Tensor  # (B, 1, h8, w8) coverage of the object, in [0, 1]
    others8: Tensor  # (B, 1, h8, w8) coverage of the other objects
    likeness8: Tensor  # (B, 1, h8, w8) similarity of the best match, at most 1
    mask16: Tensor  # (B, 1, h16, w16) coverage of the object, read over the whole frame
    value16: Tensor  # (B, widths.value, h16, w16)
    near16: Tensor | None = None  # (B, h16, w16) bool, where the object can be; None: anywhere


class ValueEncoder(nn.Module):
    """Mask of an object and of the others, joined to the picture's features, to stride 16."""

    def __init__(self, w: Widths):
        super().__init__()
        self.at4 = nn.Conv2d(w.s4 + 2 * 16, w.masks4, 3, padding=1)
        self.to8 = nn.Conv2d(w.masks4, w.masks8, 3, stride=2, padding=1)
        self.join8 = nn.Conv2d(w.s8, w.masks8, 1)
        self.mix8 = Residual(w.masks8, w.more8)
        self.to16 = nn.Conv2d(w.masks8, w.value, 3, stride=2, padding=1)
        self.join16 = nn.Conv2d(w.s16, w.value, 1)
        self.mix16 = Residual(w.value, w.more16)

    def forward(self, seen: Seen, mask: Tensor, others: Tensor) -> Tensor:
        """Return the value (B, C, H / 16, W / 16) of masks (B, 1, H, W)."""
        masks = F.pixel_unshuffle(torch.cat([mask, others], dim=1), 4)  # B, 32, H / 4, W / 4
        x = F.relu(self.at4(torch.cat([seen.s4, masks], dim=1)))
        x = self.mix8(self.to8(x) + self.join8(seen.s8))
        return self.mix16(self.to16(F.relu(x)) + self.join16(seen.s16))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """From what was read to the logit of the object, decided at stride 4."""

    def __init__(self, w: Widths):
        super().__init__()
        self.at16 = nn.Conv2d(w.value + w.s16 + 1, w.at16, 3, padding=1)
        self.mix16 = Residual(w.at16, w.more16)
        self.to8 = nn.Conv2d(w.at16, w.at8, 1)
        self.join8 = nn.Conv2d(w.s8 + 3, w.at8, 3, padding=1)
        self.mix8 = Residual(w.at8, w.more8)
        self.to4 = nn.Conv2d(w.at8, w.at4, 1)
        self.join4 = nn.Conv2d(w.s4 + 1, w.at4, 3, padding=1)
        self.mix4 = Residual(w.at4, w.more4)
        self.correction = nn.Conv2d(w.at4, 1, 3, padding=1)
        nn.init.zeros_(self.correction.weight)
        nn.init.zeros_(self.correction.bias)  # type: ignore[arg-type]

    def forward(self, seen: Seen, recalled: Recalled, begun: Tensor | None = None) -> Tensor:
        """Return logits (B, 1, H, W); positive is the object.

        begun  what `begin` returned for these, or a part of that where these are parts; None
               begins here
        """
        read4, x = self.decided(seen, recalled, begun)
        correction: Tensor = self.correction(x)
        return enlarged((read4 + correction).float(), 4)

    def begin(self, seen: Seen, recalled: Recalled) -> Tensor:
        """Return what is made of both at stride 16, (B, C, H / 16, W / 16)."""
        x = torch.cat([recalled.value16, seen.s16, recalled.mask16 * 2 - 1], dim=1)
        return self.mix16(self.at16(x))  # type: ignore[no-any-return]

    def decided(
        self, seen: Seen, recalled: Recalled, begun: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the logit of the read mask and what corrects it, (B, C, H / 4, W / 4)."""
        x = self.begin(seen, recalled) if begun is None else begun
        read8 = torch.logit(recalled.mask8.clamp(CONFIDENT, 1 - CONFIDENT))
        beside8 = torch.cat([seen.s8, read8, recalled.others8, recalled.likeness8], dim=1)
        x = self.mix8(enlarged(self.to8(F.relu(x)), 2) + self.join8(beside8))
        read4 = enlarged(read8, 2)
        x = enlarged(self.to4(F.relu(x)), 2) + self.join4(torch.cat([seen.s4, read4], dim=1))
        return read4, F.relu(self.mix4(x))


def for_each(seen: Seen, objects: int) -> Seen:
    """Repeat every picture's features for each of its objects: (B, ...) -> (B * N, ...)."""
    return Seen(*(m.repeat_interleave(objects, dim=0) for m in seen))
