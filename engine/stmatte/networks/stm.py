# SPDX-License-Identifier: Apache-2.0
"""STM: the space-time memory network, as published.

Two encoders see the same frame: one with its mattes, to remember it, one without, to ask.
Each object reads its own memory and is decoded alone; soft aggregation lets them compete.

Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks", ICCV 2019;
where paper and public code differ, the code decides, since its weights are what people have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from stmatte.memory.bank import Bank
from stmatte.memory.dot import AFFINITY_BUDGET, read_dot, weights_of_dot
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.padding import crop, pad
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.stm_blocks import Decoder, Encoder, KeyValue, MemoryEncoder
from stmatte.networks.tracing import Trace, among, place_of

STRIDE = 16  # of the grid on which memory is read
GUIDES = ("guide16", "guide8", "guide4")  # what a query says to the decoder, by stride


class SpaceTimeMemory(nn.Module):
    """What all of STM's family share: heads, read and decoder. Encoders are left open.

    budget  bytes of affinity that a read may hold at once
    kept    which features of a query are kept for `remember`
    """

    kept: tuple[str, ...] = ()

    def __init__(self, budget: int = AFFINITY_BUDGET):
        super().__init__()
        self.budget = budget
        self.KV_M_r4 = KeyValue()
        self.KV_Q_r4 = KeyValue()
        self.Decoder = Decoder()

    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return r4, r3 and r2 of pictures (B, 3, H, W) that are asked about; see `Encoder`."""
        raise NotImplementedError

    def remember(
        self, picture: Tensor, own: Tensor, others: Tensor, seen: Mapping[str, Tensor]
    ) -> Tensor:
        """Return r4 (N, 1024, H/16, W/16) of one picture with the mattes of N objects.

        picture      (1, 3, H, W) in [0, 1]
        own, others  (N, 1, H, W) in [0, 1], of each object and of all others together
        seen         what is kept of the picture as a query, without a batch
        """
        raise NotImplementedError

    @property
    def policy(self) -> Policy:
        """Keys, the previous frame and every fifth: the paper's choice (Table 6)."""
        return Policy(keys=True, previous=1, every=5)

    @property
    def aggregates(self) -> bool:
        return True

    @property
    def blended(self) -> frozenset[str]:
        """Values; see `protocol.Blends`. Keys are compared, in float32."""
        return frozenset({"value"})

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; image (3, H, W) in [0, 1].

        Maps, on the padded grid: key (128), guide16, guide8 and guide4 (256 each) at the strides
        that they are named by. Values and features are not kept: guides are all that is ever
        asked of them, and smaller.
        """
        size = (image.shape[-2], image.shape[-1])
        r4, r3, r2 = self.see(pad(image, STRIDE)[None])
        key, value = self.KV_Q_r4(r4)
        features = {"r4": r4, "r3": r3, "r2": r2}
        guides = zip(GUIDES, self.Decoder.guides(value, r3, r2), strict=True)
        maps = {"key": key, **dict(guides), **{name: features[name] for name in self.kept}}
        return Query(size, {name: batch[0] for name, batch in maps.items()})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its mattes; planes (N + 1, H, W).

        Per object: key (N, 128, h, w) and value (N, 512, h, w) at stride 16. Mattes are padded
        by 0 from their true size, whatever was decoded in the border.
        """
        own = pad(planes[1:], STRIDE)
        others = (own.sum(dim=0) - own).clamp(0, 1)
        picture = pad(image, STRIDE)[None]
        r4 = self.remember(picture, own[:, None], others[:, None], query.maps)
        key, value = self.KV_M_r4(r4)
        return Memory({}, {"key": key, "value": value})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects apart; returns (N + 1, H, W), see `Network.segment`.

        Objects of which no memory frame speaks are left out of the aggregation; their
        planes are 0.
        """
        return self.segment_together([query], bank)[0]

    def segment_together(self, queries: Sequence[Query], bank: Bank) -> Tensor:
        """Segment B frames of one size as one batch; returns (B, N + 1, H, W)."""
        objects = len(bank.frames[0].said)
        spoken = [i for i in range(objects) if bank.speaking_of(i)]
        height, width = queries[0].size
        key = queries[0].maps["key"]
        planes = key.new_zeros(objects + 1, len(queries), height, width)
        planes[0] = 1
        if spoken:
            recalled = torch.stack([self.recall(q, bank, i) for q in queries for i in spoken])
            claims = self._claims(queries, recalled)
            claimed = claims.view(len(queries), len(spoken), height, width).transpose(0, 1)
            planes[[0, *(i + 1 for i in spoken)]] = soft_aggregate(claimed)
        return planes.transpose(0, 1)

    def recall(self, query: Query, bank: Bank, index: int) -> Tensor:
        """Return (512, h, w): what object `index` recalls."""
        frames = bank.speaking_of(index)
        keys = torch.stack([frame.objects["key"][index] for frame in frames])
        values = torch.stack([frame.objects["value"][index] for frame in frames])
        return read_dot(query.maps["key"], keys, values[None], budget=self.budget)[0]

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell where `recall` read the value of a place from. See `tracing.Explains`."""
        place = place_of(pixel, query.size, STRIDE, STRIDE)
        keys = torch.stack([frame.objects["key"][index] for frame in bank.speaking_of(index)])
        weights = weights_of_dot(query.maps["key"], keys, place)
        return (Trace("value", place, among(bank, index, weights), STRIDE),)

    def _claims(self, queries: Sequence[Query], recalled: Tensor) -> Tensor:
        """Return (B * N, H, W) in [0, 1]: what each object claims when decoded alone.

        recalled  (B * N, 512, h, w), all objects of a query one after the other
        """
        guides = [_stacked([query.maps[name] for query in queries]) for name in GUIDES]
        logits = self.Decoder(recalled, guides)
        return crop(logits.softmax(dim=1)[:, 1], queries[0].size)


def _stacked(maps: Sequence[Tensor]) -> Tensor:
    """Return maps as a batch; one alone is not copied."""
    return maps[0][None] if len(maps) == 1 else torch.stack(tuple(maps))


class STM(SpaceTimeMemory):
    """The `Network` of the paper. Give it weights with `checkpoints.fill`; float32.

    A frame that is remembered is seen anew, together with the mattes: nothing is shared.
    """

    def __init__(self, budget: int = AFFINITY_BUDGET):
        super().__init__(budget)
        self.Encoder_M = MemoryEncoder()
        self.Encoder_Q = Encoder()
        self.eval()

    @property
    def name(self) -> str:
        return "stm"

    def see(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See pictures as a query; see `SpaceTimeMemory.see`."""
        features: tuple[Tensor, Tensor, Tensor] = self.Encoder_Q(pictures)
        return features

    def remember(
        self, picture: Tensor, own: Tensor, others: Tensor, seen: Mapping[str, Tensor]
    ) -> Tensor:
        """See one picture with its mattes; see `SpaceTimeMemory.remember`."""
        del seen
        r4: Tensor = self.Encoder_M(picture, own, others)
        return r4
