# SPDX-License-Identifier: Apache-2.0
"""STCN: keys of pictures alone, shared by all objects, and recalled by distance.

A frame is seen once; its key serves for asking and for remembering. Mattes enter only the
value, by a smaller encoder. Module names are those of the public checkpoint, so that it
loads as it is. What differs from the public evaluation is in engine/decisions/0017.

Source: Cheng et al., "Rethinking Space-Time Networks with Improved Memory Coverage for
Efficient Video Object Segmentation", NeurIPS 2021; where paper and public code differ, the
code decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame
from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.memory.nearest import read_nearest, weights_of_nearest
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.padding import crop, pad
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.resnet import IMAGENET_MEAN, IMAGENET_STD
from stmatte.networks.saying import by_what_is_said
from stmatte.networks.scaling import enlarged
from stmatte.networks.stcn_blocks import (
    KeyEncoder,
    KeyProjection,
    MattedEncoder,
    ResBlock,
    Up,
    with_mattes,
)
from stmatte.networks.tracing import Trace, among, place_of
from stmatte.networks.turns import by_turns

STRIDE = 16  # of the grid on which memory is read
NEAREST = 20  # memory places that a query place reads
GUIDES = ("guide16", "guide8", "guide4")  # what a query says to the decoder, by stride
SCALE = 1 / 8  # of squared distances: 1 / sqrt(64), for keys of 64 features


class STCN(nn.Module):
    """The `Network` of the paper. Give it weights with `checkpoints.fill`; float32.

    nearest  how many memory places a query place reads; while it learns, all
    budget   bytes of similarities that a read may hold at once
    """

    def __init__(self, nearest: int = NEAREST, budget: int = AFFINITY_BUDGET):
        super().__init__()
        self.nearest, self.budget = nearest, budget
        self.key_encoder = KeyEncoder()
        self.value_encoder = ValueEncoder()
        self.key_proj = KeyProjection(1024)
        self.key_comp = nn.Conv2d(1024, 512, 3, padding=1)
        self.decoder = Decoder()
        self.eval()

    @property
    def name(self) -> str:
        return "stcn"

    @property
    def policy(self) -> Policy:
        """Keys and every fifth frame, not the previous one: the public evaluation's default."""
        return Policy(keys=True, previous=0, every=5)

    @property
    def aggregates(self) -> bool:
        return True

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; image (3, H, W) in [0, 1].

        Maps, on the padded grid: key (64), f16 (1024) and guide16 (1024) at stride 16, guide8
        (512) at 8 and guide4 (256) at 4. Guides are what the decoder makes of the query alone.
        """
        f16, f8, f4 = self.key_encoder(pad(normalised(image), STRIDE)[None])
        guides = self.decoder.guides(self.key_comp(f16), f8, f4)
        maps = {"key": self.key_proj(f16), "f16": f16, **dict(zip(GUIDES, guides, strict=True))}
        return Query(
            (image.shape[-2], image.shape[-1]), {name: map_[0] for name, map_ in maps.items()}
        )

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its mattes; planes (N + 1, H, W).

        Shared: key (64, h, w) at stride 16. Per object: value (N, 512, h, w).
        """
        seen = with_mattes(pad(normalised(image), STRIDE), pad(planes[1:], STRIDE))
        value = self.value_encoder(seen, query.maps["f16"])
        return Memory({"key": query.maps["key"]}, {"value": value})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects apart; returns (N + 1, H, W), see `Network.segment`.

        Objects of which no memory frame speaks are left out of the aggregation; their
        planes are 0.
        """
        planes = query.maps["key"].new_zeros(len(bank.frames[0].said) + 1, *query.size)
        planes[0] = 1
        spoken, claims = [], []
        for objects, memory in by_what_is_said(bank):
            spoken += objects
            claims.append(crop(self.claims(query, self.recall(query, memory)), query.size))
        if spoken:
            planes[[0, *(i + 1 for i in spoken)]] = soft_aggregate(torch.cat(claims))
        return planes

    def recall(self, query: Query, memory: tuple[MemoryFrame, ...]) -> Tensor:
        """Return (N, 512, h, w): what is read of frames that all speak of the same N objects."""
        values = torch.stack([frame.objects["value"] for frame in memory], dim=1)
        count = None if self.training else self.nearest
        return read_nearest(
            query.maps["key"], _keys(memory), values, SCALE, count, budget=self.budget
        )

    def claims(self, query: Query, recalled: Tensor) -> Tensor:
        """Return (N, H', W') in [0, 1]: what each object claims when decoded alone."""
        guides = [query.maps[name][None] for name in GUIDES]
        claims: Tensor = self.decoder(recalled, guides).sigmoid()[:, 0]
        return claims

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell where the value of a place was read from. See `tracing.Explains`."""
        place = place_of(pixel, query.size, STRIDE, STRIDE)
        keys = _keys(bank.speaking_of(index))
        weights = weights_of_nearest(query.maps["key"], keys, SCALE, self.nearest, place)
        return (Trace("value", place, among(bank, index, weights), STRIDE),)

    def from_older(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return weights of the first, static stage as those of the last.

        That stage knows one object only: it has no input for the others.
        """
        name = "value_encoder.conv1.weight"
        weight = state.get(name)
        if weight is None or weight.ndim != 4 or weight.shape[1] != 4:
            return dict(state)
        return {**state, name: torch.cat([weight, torch.zeros_like(weight[:, :1])], dim=1)}


class ValueEncoder(MattedEncoder):
    """A picture with mattes, fused with what the key encoder saw of the same picture.

    seen     (N, 5, H, W), see `with_mattes`
    f16      (1024, H/16, W/16)
    returns  (N, 512, H/16, W/16)
    """

    def __init__(self) -> None:
        super().__init__()
        self.fuser = Fuser()

    def forward(self, seen: Tensor, f16: Tensor) -> Tensor:
        trunk = by_turns(lambda one: self.see(one)[2], seen)
        return self.fuser(trunk, f16)  # type: ignore[no-any-return]


class Fuser(nn.Module):
    """Two maps to one, with attention in between."""

    def __init__(self) -> None:
        super().__init__()
        self.block1 = ResBlock(256 + 1024, 512)
        self.attention = Attention(512)
        self.block2 = ResBlock(512, 512)

    def forward(self, x: Tensor, f16: Tensor) -> Tensor:
        x = self.block1.joined(x, self.block1.shared(f16[None]))
        return self.block2(x + self.attention(x))  # type: ignore[no-any-return]


class Attention(nn.Module):
    """Weighs channels, then places. Source: Woo et al., "CBAM", ECCV 2018."""

    def __init__(self, channels: int):
        super().__init__()
        self.ChannelGate = ChannelGate(channels)
        self.SpatialGate = SpatialGate()

    def forward(self, x: Tensor) -> Tensor:
        return self.SpatialGate(self.ChannelGate(x))  # type: ignore[no-any-return]


class ChannelGate(nn.Module):
    """Weighs channels by their mean and by their largest value over the picture."""

    def __init__(self, channels: int, narrow: int = 32):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Flatten(), nn.Linear(channels, narrow), nn.ReLU(), nn.Linear(narrow, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.mlp(x.mean(dim=(2, 3))) + self.mlp(x.amax(dim=(2, 3)))
        return x * weights.sigmoid()[:, :, None, None]


class SpatialGate(nn.Module):
    """Weighs places by the largest value and the mean over channels around them."""

    def __init__(self) -> None:
        super().__init__()
        self.spatial = nn.ModuleDict({"conv": nn.Conv2d(2, 1, 7, padding=3)})

    def forward(self, x: Tensor) -> Tensor:
        planes = torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)
        weights: Tensor = self.spatial["conv"](planes).sigmoid()
        return x * weights


class Decoder(nn.Module):
    """From what was recalled to logits at full resolution.

    recalled  (N, 512, H/16, W/16)
    guides    of the query, see `guides`; made once for all objects and all passes over a frame
    returns   (N, 1, H, W) logits; positive is the object
    """

    def __init__(self) -> None:
        super().__init__()
        self.compress = ResBlock(1024, 512)
        self.up_16_8 = Up(512, 512, 256)
        self.up_8_4 = Up(256, 256, 256)
        self.pred = nn.Conv2d(256, 1, 3, padding=1)

    def guides(self, thin: Tensor, f8: Tensor, f4: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what the query says at strides 16, 8 and 4: 1024, 512 and 256 channels.

        thin    (1, 512, H/16, W/16), the query's own value
        f8, f4  (1, 512, H/8, W/8) and (1, 256, H/4, W/4), its features
        """
        return (
            self.compress.shared(thin),
            self.up_16_8.skip_conv(f8),
            self.up_8_4.skip_conv(f4),
        )

    def forward(self, recalled: Tensor, guides: Sequence[Tensor]) -> Tensor:
        at16, at8, at4 = guides
        x = self.up_8_4(at4, self.up_16_8(at8, self.compress.joined(recalled, at16)))
        return enlarged(self.pred(F.relu(x)), 4)


def normalised(image: Tensor) -> Tensor:
    """Return a picture (3, H, W) in [0, 1] in units of its usual spread, grey at 0."""
    mean, std = (image.new_tensor(by).view(3, 1, 1) for by in (IMAGENET_MEAN, IMAGENET_STD))
    return (image - mean) / std


def _keys(memory: tuple[MemoryFrame, ...]) -> Tensor:
    return torch.stack([frame.maps["key"] for frame in memory])
