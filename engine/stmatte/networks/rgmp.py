# SPDX-License-Identifier: Apache-2.0
"""RGMP: reference-guided mask propagation, as published.

It recalls one key, the reference, and looks back at the planes of the frame before. Both go
through the same encoder, each with its picture; a global convolution compares them, wherever
the object went, and refinement draws the mask. Three scales are averaged. Where there are
several objects, one more run for all of them together says what the background is.

Source: Oh et al., "Fast Video Object Segmentation by Reference-Guided Mask Propagation",
CVPR 2018; where paper and public code differ, the code decides, since its weights are what
people have. What a pass makes of it is in engine/decisions/0018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import compete
from stmatte.networks.padding import beyond, crop, pad_beyond
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.rgmp_blocks import Decoder, Encoder

STRIDE = 32
SCALES = (0.5, 0.75, 1.0)

Held = Mapping[str, Tensor]
"""What a memory frame holds of one object: for each scale r5 (2048, h, w), under its name."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What memory says of one object, or of all together, when a frame is asked about.

    mask       (H, W) in [0, 1], of the frame before
    reference  what the key holds; None recalls nothing
    past       what the latest frames hold, the latest last; () where only planes are kept
    """

    mask: Tensor
    reference: Held | None
    past: tuple[Held, ...] = ()


class RGMP(nn.Module):
    """The `Network` of the paper. Give it weights with `checkpoints.fill`; float32.

    scales     of the picture; what is found at them is averaged
    corners    whether scaling up in the decoder aligns the corners, as PyTorch 0.3 did: the
               public weights are used so
    pads       whether pictures get their border here, and what was found in it is forgotten.
               False: they come with it, as in the public evaluation, which pads a clip once
               and looks back at the border, too; sides are multiples of 32
    reference  whether it recalls the key; False is the paper's "-Ref"
    previous   whether it looks back at the frame before; False is the paper's "-Prev"
    """

    def __init__(
        self,
        scales: Sequence[float] = SCALES,
        *,
        corners: bool = True,
        pads: bool = True,
        reference: bool = True,
        previous: bool = True,
    ):
        super().__init__()
        self.scales = tuple(scales)
        self.pads = pads
        self.reference = reference
        self.previous = previous
        self.Encoder = Encoder()
        self.Decoder = Decoder(corners)
        self.eval()

    @property
    def name(self) -> str:
        return "rgmp"

    @property
    def policy(self) -> Policy:
        """Keys and the previous frame; there is no other memory."""
        return Policy(keys=True, previous=1, every=0)

    @property
    def aggregates(self) -> bool:
        """False: one object alone is left as it was decoded. Several are aggregated."""
        return False

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; image (3, H, W) in [0, 1].

        The target stream sees the picture with the mask of the frame before, so nothing can
        be made of the picture alone: it is the only map, and the same storage.
        """
        return Query((image.shape[-2], image.shape[-1]), {"picture": image})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its mattes as a key; planes (N + 1, H, W).

        Per object: its plane (N, H, W), and for each scale the reference (N, 2048, h, w).
        Shared, where there are several objects: the reference of all of them together.
        """
        del query
        masks = planes[1:]
        several = len(masks) > 1
        if several:
            masks = torch.cat([masks, masks.sum(dim=0, keepdim=True)])
        maps: dict[str, Tensor] = {}
        objects = {"plane": planes[1:]}
        for scale in self.scales if self.reference else ():
            r5 = self.Encoder(*self._streams(image, masks, scale)).r5
            objects[at(scale)] = r5[: len(planes) - 1]
            if several:
                maps[at(scale)] = r5[-1]
        return Memory(maps, objects)

    def encode_latest(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember the planes of an own result, to look back at. See `protocol.LooksBack`."""
        del image, query
        return Memory({}, {"plane": planes[1:]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects apart; returns (N + 1, H, W), see `Network.segment`.

        One object alone is what was decoded, and the background is the rest.
        """
        objects = len(bank.frames[0].said)
        spoken = [i for i in range(objects) if bank.speaking_of(i)]
        image = query.maps["picture"]
        planes = image.new_zeros(objects + 1, *query.size)
        planes[0] = 1
        if not spoken:
            return planes
        asked = [self.asked_of(bank, i) for i in spoken]
        if len(spoken) > 1:
            masks = torch.stack([each.mask for each in asked])
            asked.append(self.asked_of_all(bank, spoken, masks.sum(dim=0)))
        claims = self.claims(image, asked)
        if len(spoken) > 1:
            claims = compete(torch.cat([1 - claims[-1:], claims[:-1]]))
        else:
            claims = torch.cat([1 - claims, claims])
        planes[[0, *(i + 1 for i in spoken)]] = claims
        return planes

    def asked_of(self, bank: Bank, index: int) -> Asked:
        """Return what memory says of an object that some frame speaks of."""
        latest = bank.speaking_of(index)[-1]
        return Asked(latest.objects["plane"][index], _reference_of(bank, index))

    def asked_of_all(self, bank: Bank, spoken: Sequence[int], mask: Tensor) -> Asked:
        """Return what memory says of all objects together; mask is the sum of theirs."""
        return Asked(mask, _reference_of_all(bank, spoken))

    def claims(self, image: Tensor, asked: Sequence[Asked]) -> Tensor:
        """Return what each object claims when it is decoded alone, averaged over the scales.

        image    (3, H, W) in [0, 1]
        asked    B objects, or all of them together
        returns  (B, H, W) in [0, 1]
        """
        masks = torch.stack([each.mask for each in asked])
        if not self.previous:
            masks = torch.zeros_like(masks)
        total = torch.zeros_like(self._bordered(masks))
        size = (total.shape[-2], total.shape[-1])
        for scale in self.scales:
            target = self.Encoder(*self._streams(image, masks, scale))
            nothing = torch.zeros_like(target.r5[0])
            references = torch.stack(
                [(each.reference or {}).get(at(scale), nothing) for each in asked]
            )
            m5 = self.reminded(
                self.Decoder.compare(target.r5, references), references, asked, scale
            )
            logits = self.Decoder.draw(target, m5)
            total += _resized(logits.softmax(dim=1)[:, 1:], size)[:, 0]
        return crop(total / len(self.scales), (masks.shape[-2], masks.shape[-1]))

    def reminded(
        self, m5: Tensor, references: Tensor, asked: Sequence[Asked], scale: float
    ) -> Tensor:
        """Return m5 (B, 256, h, w) with what the past says to it: nothing, in RGMP itself.

        references  (B, 2048, h, w) what m5 was compared with
        """
        del references, asked, scale
        return m5

    def _streams(self, image: Tensor, masks: Tensor, scale: float) -> tuple[Tensor, Tensor]:
        """Return a batch of pictures and masks (B, 3 and 1, h, w) at one scale.

        They are padded first. The scaled size is rounded up to the grid once more, and both
        are stretched to it: nothing is padded twice.
        """
        picture, beside = self._bordered(image)[None], self._bordered(masks)[:, None]
        if scale != 1:
            height, width = (beyond(int(side * scale), STRIDE) for side in picture.shape[-2:])
            picture = _resized(picture, (height, width))
            beside = _resized(beside, (height, width))
        return picture.expand(len(beside), -1, -1, -1), beside

    def _bordered(self, picture: Tensor) -> Tensor:
        if self.pads:
            return pad_beyond(picture, STRIDE)
        if any(side % STRIDE for side in picture.shape[-2:]):
            raise StmatteError(
                f"A picture of {picture.shape[-1]}x{picture.shape[-2]} has no border for RGMP",
                value=tuple(picture.shape[-2:]),
                allowed=f"sides are multiples of {STRIDE} where it is not asked to pad",
            )
        return picture


def at(scale: float) -> str:
    """Return the name of the map that holds r5 at a scale."""
    return f"r5@{scale:g}"


def _resized(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Scale (B, C, H, W) to a size: bilinear, half-pixel centres, no antialiasing."""
    if maps.shape[-2:] == size:
        return maps
    return F.interpolate(maps, size=size, mode="bilinear", align_corners=False)


def _reference_of(bank: Bank, index: int) -> Held | None:
    """Return what the key that stands for an object holds of it; None where there is none.

    It is the first one that the pass came by, which is where it began, and else the nearest
    from elsewhere.
    """
    for frame in _first_passed(bank):
        if frame.said[index]:
            return {name: maps[index] for name, maps in frame.objects.items()}
    return None


def _reference_of_all(bank: Bank, spoken: Sequence[int]) -> Held | None:
    """Return what stands for all objects together: the key that speaks of most of them."""
    keys = _first_passed(bank)
    if not keys:
        return None
    return max(keys, key=lambda frame: sum(frame.said[i] for i in spoken)).maps


def _first_passed(bank: Bank) -> list[MemoryFrame]:
    """Return the keys: first those that the pass came by, then those from elsewhere.

    Those are before step 0, and the nearest of them is the last.
    """
    return sorted(bank.keys(), key=lambda frame: (frame.step < 0, abs(frame.step)))
