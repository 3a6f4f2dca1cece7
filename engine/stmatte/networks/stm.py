# SPDX-License-Identifier: Apache-2.0
"""STM: the space-time memory network, as published.

Two encoders see the same frame: one with its mattes, to remember it, one without, to ask.
Each object reads its own memory and is decoded alone; soft aggregation lets them compete.
Module names are those of the public checkpoint, so that it loads as it is.

Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks", ICCV 2019;
where paper and public code differ, the code decides, since its weights are what people have.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.bank import Bank
from stmatte.memory.dot import AFFINITY_BUDGET, read_dot, weights_of_dot
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.norm import FrozenNorm
from stmatte.networks.padding import crop, pad
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.resnet import bottlenecks
from stmatte.networks.scaling import enlarged
from stmatte.networks.tracing import Trace, among, place_of

STRIDE = 16  # of the grid on which memory is read
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class SpaceTimeMemory(nn.Module):
    """What all of STM's family share: heads, read and decoder. Encoders are left open.

    budget  bytes of affinity that a read may hold at once
    kept    which features of a query are kept besides its key and value
    """

    kept: tuple[str, ...] = ("r3", "r2")

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
        self, pictures: Tensor, own: Tensor, others: Tensor, seen: Mapping[str, Tensor]
    ) -> Tensor:
        """Return r4 (N, 1024, H/16, W/16) of one picture with the mattes of N objects.

        pictures     (N, 3, H, W) in [0, 1]; the same one
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

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; image (3, H, W) in [0, 1].

        Maps, on the padded grid: key (128) and value (512) at stride 16, r3 (512) at 8 and
        r2 (256) at 4.
        """
        size = (image.shape[-2], image.shape[-1])
        r4, r3, r2 = self.see(pad(image, STRIDE)[None])
        key, value = self.KV_Q_r4(r4)
        features = {"r4": r4, "r3": r3, "r2": r2}
        maps = {"key": key, "value": value, **{name: features[name] for name in self.kept}}
        return Query(size, {name: batch[0] for name, batch in maps.items()})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its mattes; planes (N + 1, H, W).

        Per object: key (N, 128, h, w) and value (N, 512, h, w) at stride 16. Mattes are padded
        by 0 from their true size, whatever was decoded in the border.
        """
        own = pad(planes[1:], STRIDE)
        others = (own.sum(dim=0) - own).clamp(0, 1)
        pictures = pad(image, STRIDE).expand(len(own), -1, -1, -1)
        r4 = self.remember(pictures, own[:, None], others[:, None], query.maps)
        key, value = self.KV_M_r4(r4)
        return Memory({}, {"key": key, "value": value})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects apart; returns (N + 1, H, W), see `Network.segment`.

        Objects of which no memory frame speaks are left out of the aggregation; their
        planes are 0.
        """
        objects = len(bank.frames[0].said)
        spoken = [i for i in range(objects) if bank.speaking_of(i)]
        planes = query.maps["key"].new_zeros(objects + 1, *query.size)
        planes[0] = 1
        if not spoken:
            return planes
        recalled = torch.stack([self.recall(query, bank, i) for i in spoken])
        claims = self._claims(query, recalled)
        planes[[0, *(i + 1 for i in spoken)]] = soft_aggregate(claims)
        return planes

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

    def _claims(self, query: Query, recalled: Tensor) -> Tensor:
        """Return (N, H, W) in [0, 1]: what each object claims when decoded alone."""
        value = query.maps["value"].expand(len(recalled), -1, -1, -1)
        found = torch.cat([recalled, value], dim=1)
        logits = self.Decoder(found, query.maps["r3"][None], query.maps["r2"][None])
        return crop(logits.softmax(dim=1)[:, 1], query.size)


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
        self, pictures: Tensor, own: Tensor, others: Tensor, seen: Mapping[str, Tensor]
    ) -> Tensor:
        """See one picture with its mattes; see `SpaceTimeMemory.remember`."""
        del seen
        r4: Tensor = self.Encoder_M(pictures, own, others)[0]
        return r4


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
        x = F.max_pool2d(F.relu(self.bn1(x)), 3, stride=2, padding=1)
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
    ) -> tuple[Tensor, Tensor, Tensor]:
        seen = self.conv1((pictures - self.mean) / self.std)
        return self._stages(seen + self.conv1_m(own) + self.conv1_o(others))


class KeyValue(nn.Module):
    """Two heads on r4: where to look, and what to find there (section 3.1)."""

    def __init__(self) -> None:
        super().__init__()
        self.Key = nn.Conv2d(1024, 128, 3, padding=1)
        self.Value = nn.Conv2d(1024, 512, 3, padding=1)

    def forward(self, r4: Tensor) -> tuple[Tensor, Tensor]:
        return self.Key(r4), self.Value(r4)


class ResBlock(nn.Module):
    """x plus two convolutions of it, each behind a ReLU; nothing after the sum."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.conv2(F.relu(self.conv1(F.relu(x))))
        return x + change


class Refine(nn.Module):
    """Doubles the resolution of what was decoded, guided by features of the query."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.convFS = nn.Conv2d(inputs, width, 3, padding=1)
        self.ResFS = ResBlock(width)
        self.ResMM = ResBlock(width)

    def forward(self, features: Tensor, decoded: Tensor) -> Tensor:
        # The features are one frame's (batch of 1) and are added to every object's.
        guide = self.ResFS(self.convFS(features))
        refined: Tensor = self.ResMM(guide + enlarged(decoded, 2))
        return refined


class Decoder(nn.Module):
    """From what was recalled to logits at full resolution (section 3.3).

    found    (N, 1024, H/16, W/16), the recalled value before the query's own
    r3, r2   (1, 512, H/8, W/8) and (1, 256, H/4, W/4), the query's features
    returns  (N, 2, H, W) logits; channel 1 is the object
    """

    def __init__(self, width: int = 256):
        super().__init__()
        self.convFM = nn.Conv2d(1024, width, 3, padding=1)
        self.ResMM = ResBlock(width)
        self.RF3 = Refine(512, width)
        self.RF2 = Refine(256, width)
        self.pred2 = nn.Conv2d(width, 2, 3, padding=1)

    def forward(self, found: Tensor, r3: Tensor, r2: Tensor) -> Tensor:
        m4 = self.ResMM(self.convFM(found))
        m3 = self.RF3(r3, m4)
        m2 = self.RF2(r2, m3)
        return enlarged(self.pred2(F.relu(m2)), 4)
