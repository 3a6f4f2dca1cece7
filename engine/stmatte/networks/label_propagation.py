# SPDX-License-Identifier: Apache-2.0
"""Label propagation: a memory read whose value is the mask itself. Nothing here is trained for it.

This is the floor that a trained network has to beat, and what `stmatte_s` starts from: plain
MobileNetV2 features at stride 8, keys read over the whole frame, the latest frames within
a window, the best matches blended.

Source: the recipe is that of space-time correspondence networks, for instance Jabri et al.,
"Space-Time Correspondence as a Contrastive Random Walk", NeurIPS 2020, section 4.1; window,
count and temperature are theirs or nearly so.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame
from stmatte.memory.matches import read_both, weights_of_both
from stmatte.memory.policies import Policy
from stmatte.networks.mobilenet import MobileNet
from stmatte.networks.padding import crop, pad
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.saying import by_what_is_said
from stmatte.networks.scaling import enlarged
from stmatte.networks.tracing import Trace, among, place_of

MATCHES = 10
WINDOW = 12
NEAR = 7
TEMPERATURE = 0.05
SHARPENINGS = 5  # each at least halves what is missing


class LabelPropagation(nn.Module):
    """Carry mattes along by the likeness of features. Implements `networks.protocol.Network`.

    exact  parts that stay in float32 in half precision: no decoder forgives a match that is
           another one
    """

    exact = ("image_encoder",)
    name = "label-propagation"
    policy = Policy(keys=True, previous=NEAR, every=0)
    aggregates = False

    def __init__(self) -> None:
        super().__init__()
        self.image_encoder = MobileNet()

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; (3, H, W) in [0, 1]. See the protocol."""
        features = self.image_encoder(pad(image, 16, mode="reflect")[None])
        key = F.normalize(features.dense[0].float(), dim=0)
        return Query((image.shape[-2], image.shape[-1]), {"key8": key})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember a frame's key and its mattes, averaged over places. See the protocol."""
        del image
        masks = pad(planes[1:], 16, mode="reflect")
        return Memory(dict(query.maps), {"mask8": F.avg_pool2d(masks, 8)})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects of a frame apart: planes (N + 1, H, W). See the protocol."""
        key = query.maps["key8"]
        masks = key.new_zeros(len(bank.frames[0].said), *key.shape[-2:])
        for objects, memory in by_what_is_said(bank):
            masks[objects] = self._read(key, memory)
        claims = crop(_widened(masks), query.size)
        claimed = claims.sum(dim=0, keepdim=True)
        planes = torch.cat([(1 - claimed).clamp(min=0), claims])
        return planes / planes.sum(dim=0)

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell where the mask of an object was read from. See `tracing.Explains`."""
        key, memory = query.maps["key8"], bank.speaking_of(index)
        place = place_of(pixel, query.size, 8, 16)
        weights = weights_of_both(key, memory, NEAR, WINDOW, MATCHES, TEMPERATURE, place)
        return (Trace("matte", place, among(bank, index, weights), 8),)

    def _read(self, key: Tensor, memory: tuple[MemoryFrame, ...]) -> Tensor:
        read, _ = read_both(key, memory, NEAR, WINDOW, MATCHES, TEMPERATURE)
        return read


def _widened(masks: Tensor) -> Tensor:
    """Scale masks (N, h, w) up by 8, so that their mean over each place stays what it was.

    A memory frame averages over places what was scaled up here. After plain bilinear scaling
    a place would come back as 1/8, 6/8, 1/8 of itself and its neighbours, along both axes,
    and masks would melt frame by frame. The samples are sharpened by as much beforehand.
    """
    samples = masks[None]
    for _ in range(SHARPENINGS):
        samples = samples + masks - F.avg_pool2d(enlarged(samples, 8), 8)
    return enlarged(samples, 8)[0].clamp(0, 1)
