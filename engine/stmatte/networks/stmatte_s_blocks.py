# SPDX-License-Identifier: Apache-2.0
"""The blocks of stmatte-s: what is seen and recalled, the value encoder and the decoder."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.networks.boxes import Box, boxes_around
from stmatte.networks.margins import margins, value_margins
from stmatte.networks.residual import Residual
from stmatte.networks.scaling import enlarged

CONFIDENT = 0.02  # read masks are kept this far from 0 and 1, or their logits drown the decoder
FAINT = 0.02  # coverage of a place at stride 16 up to which an object is not there


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

    def within(self, box: Box) -> Seen:
        """Return what lies in a box of places at stride 16."""
        return Seen(*(box.of(map_) for map_ in self))


class Recalled(NamedTuple):
    """What was read for a batch of objects."""

    mask8: Tensor  # (B, 1, h8, w8) coverage of the object, in [0, 1]
    others8: Tensor  # (B, 1, h8, w8) coverage of the other objects
    likeness8: Tensor  # (B, 1, h8, w8) similarity of the best match, at most 1
    mask16: Tensor  # (B, 1, h16, w16) coverage of the object, read over the whole frame
    value16: Tensor  # (B, widths.value, h16, w16)
    near16: Tensor | None = None  # (B, h16, w16) bool, where the object can be; None: anywhere

    def within(self, box: Box) -> Recalled:
        """Return what lies in a box of places at stride 16."""
        return Recalled._make(None if map_ is None else box.of(map_) for map_ in self)

    def of_object(self, n: int) -> Recalled:
        """Return what was read for one of the objects, as a batch of one."""
        return Recalled._make(None if map_ is None else map_[n : n + 1] for map_ in self)


class ValueEncoder(nn.Module):
    """Mask of an object and of the others, joined to the picture's features, to stride 16.

    Where the object is not, its value is that of nothing: what the picture and the others alone
    say. So most of a frame costs no more than one 1x1 convolution.
    """

    def __init__(self, w: Widths):
        super().__init__()
        self.margins = value_margins(w.more16, w.more8)
        self.at4 = nn.Conv2d(w.s4 + 2 * 16, w.masks4, 3, padding=1)
        self.to8 = nn.Conv2d(w.masks4, w.masks8, 3, stride=2, padding=1)
        self.join8 = nn.Conv2d(w.s8, w.masks8, 1)
        self.mix8 = Residual(w.masks8, w.more8)
        self.to16 = nn.Conv2d(w.masks8, w.value, 3, stride=2, padding=1)
        self.join16 = nn.Conv2d(w.s16, w.value, 1)
        self.mix16 = Residual(w.value, w.more16)
        self.nothing = nn.Conv2d(w.s16 + 1, w.value, 1)

    def forward(self, seen: Seen, mask: Tensor, others: Tensor) -> Tensor:
        """Return the value (B, C, H / 16, W / 16) of masks (B, 1, H, W).

        seen  of the pictures, one for each mask
        """
        x = self.mixed8(self.joined4(seen, mask, others), seen)
        return torch.where(about(mask), self.mixed16(x, seen), self.of_nothing(seen, others))

    def about_objects(self, seen: Seen, mask: Tensor, others: Tensor) -> Tensor:
        """Return what `forward` does of objects of one picture, worked out about each alone.

        seen  of the picture (1, ...)
        """
        value = self.of_nothing(seen, others)
        for n, region in enumerate(about(mask)):
            for box in boxes_around(region[0], self.margins.at4):
                inside = self.inside(box, seen, mask[n : n + 1], others[n : n + 1])
                part = box.of(value[n])
                part[...] = torch.where(box.of(region), inside[0], part)
        return value

    def inside(self, box: Box, seen: Seen, mask: Tensor, others: Tensor) -> Tensor:
        """Return the value (1, C, h, w) of an object that is about a box of places at stride 16.

        Each stride is worked out as far about the box as the next one looks, and no further.
        """
        at8, at4 = box.grown(self.margins.at8), box.grown(self.margins.at4)
        near = seen.within(at4)
        x = self.mixed8(self.joined4(near, at4.of(mask), at4.of(others)), near)
        x = self.mixed16(at8.inside(at4).of(x), seen.within(at8))
        return box.inside(at8).of(x)

    def joined4(self, seen: Seen, mask: Tensor, others: Tensor) -> Tensor:
        """Return what is made of masks and picture at stride 4, (B, C, H / 4, W / 4)."""
        masks = F.pixel_unshuffle(torch.cat([mask, others], dim=1), 4)  # B, 32, H / 4, W / 4
        return F.relu(self.at4(torch.cat([seen.s4, masks], dim=1)))

    def mixed8(self, at4: Tensor, seen: Seen) -> Tensor:
        """Return what is made of that and the picture at stride 8, (B, C, H / 8, W / 8)."""
        return self.mix8(self.to8(at4) + self.join8(seen.s8))  # type: ignore[no-any-return]

    def mixed16(self, at8: Tensor, seen: Seen) -> Tensor:
        """Return what is made of that and the picture at stride 16, (B, C, H / 16, W / 16)."""
        return self.mix16(self.to16(F.relu(at8)) + self.join16(seen.s16))  # type: ignore[no-any-return]

    def of_nothing(self, seen: Seen, others: Tensor) -> Tensor:
        """Return the value of places where an object is not, (B, C, H / 16, W / 16)."""
        s16 = seen.s16.expand(len(others), -1, -1, -1)
        joined = torch.cat([s16, F.avg_pool2d(others, 16)], dim=1)
        return self.nothing(joined)  # type: ignore[no-any-return]


def about(mask: Tensor) -> Tensor:
    """Tell in which places at stride 16 masks (B, 1, H, W) show an object, or beside one."""
    return F.max_pool2d(F.avg_pool2d(mask, 16), 3, stride=1, padding=1) > FAINT


class Decoder(nn.Module):
    """From what was read to the logit of the object, decided at stride 4.

    beyond4  places at stride 4 that logits look beyond their own, once all is mixed
    """

    beyond4 = 2

    def __init__(self, w: Widths):
        super().__init__()
        self.margins = margins(self.beyond4, w.more16, w.more8, w.more4)
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

    def forward(self, seen: Seen, recalled: Recalled) -> Tensor:
        """Return logits (B, 1, H, W); positive is the object."""
        x = self.mixed8(self.mixed16(seen, recalled), seen, recalled)
        return self.logits(*self.mixed4(x, seen, recalled))

    def inside(self, box: Box, seen: Seen, recalled: Recalled) -> Tensor:
        """Return what `forward` says in a box of places at stride 16, (B, 1, h, w).

        Each stride is worked out as far about the box as the next one looks, and no further.
        """
        at16, at8, at4 = (box.grown(margin) for margin in self.margins)
        x = self.mixed16(seen.within(at16), recalled.within(at16))
        x = self.mixed8(at8.inside(at16).of(x), seen.within(at8), recalled.within(at8))
        x = at4.inside(at8).of(x)
        return box.inside(at4).of(
            self.logits(*self.mixed4(x, seen.within(at4), recalled.within(at4)))
        )

    def mixed16(self, seen: Seen, recalled: Recalled) -> Tensor:
        """Return what is made of both at stride 16, (B, C, H / 16, W / 16)."""
        x = torch.cat([recalled.value16, seen.s16, recalled.mask16 * 2 - 1], dim=1)
        return self.mix16(self.at16(x))  # type: ignore[no-any-return]

    def mixed8(self, at16: Tensor, seen: Seen, recalled: Recalled) -> Tensor:
        """Return what is made of that and both at stride 8, (B, C, H / 8, W / 8)."""
        beside = (seen.s8, _read8(recalled), recalled.others8, recalled.likeness8)
        x = enlarged(self.to8(F.relu(at16)), 2) + self.join8(torch.cat(beside, dim=1))
        return self.mix8(x)  # type: ignore[no-any-return]

    def mixed4(self, at8: Tensor, seen: Seen, recalled: Recalled) -> tuple[Tensor, Tensor]:
        """Return the logit of the read mask and what corrects it, (B, C, H / 4, W / 4)."""
        read4 = enlarged(_read8(recalled), 2)
        x = enlarged(self.to4(F.relu(at8)), 2) + self.join4(torch.cat([seen.s4, read4], dim=1))
        return read4, F.relu(self.mix4(x))

    def logits(self, read4: Tensor, x: Tensor) -> Tensor:
        """Return the logits (B, 1, H, W) of what `mixed4` returned."""
        correction: Tensor = self.correction(x)
        return enlarged((read4 + correction).float(), 4)


def _read8(recalled: Recalled) -> Tensor:
    return torch.logit(recalled.mask8.clamp(CONFIDENT, 1 - CONFIDENT))


def for_each(seen: Seen, objects: int) -> Seen:
    """Repeat every picture's features for each of its objects: (B, ...) -> (B * N, ...)."""
    return Seen(*(m.repeat_interleave(objects, dim=0) for m in seen))
