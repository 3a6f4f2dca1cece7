# SPDX-License-Identifier: Apache-2.0
"""LMRC: STCN that also reads the frame before, around the same place, on three grids.

All of memory is read on the coarsest grid, as STCN does. The frame before is read within
small windows on all three, and on the two finer ones once more after it was moved to where
the coarser read says it went. The comparator weighs each of these reads, place by place, by
how much more alike the nearby places are than the best of all memory.

There is no public code and no public weights. Names are STCN's where the layers are.
Source: Heo et al., "Video Object Segmentation Using Local Memory Read and Comparator" (LMRC),
IEEE Access 2022. What it leaves open is in engine/decisions/0017.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.memory.local import Nearby, filled, laid, moved, read_around
from stmatte.memory.nearest import nearest, read_nearest, weights_of_nearest
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.lmrc_blocks import (
    BEST,
    FEATURES,
    READS,
    STRIDES,
    Comparator,
    Decoder,
    ValueEncoder,
)
from stmatte.networks.padding import crop, pad
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.saying import by_what_is_said
from stmatte.networks.scaling import enlarged
from stmatte.networks.stcn import SCALE, normalised
from stmatte.networks.stcn_blocks import KeyEncoder, KeyProjection, with_mattes
from stmatte.networks.tracing import Trace, among, place_of

GRID = STRIDES[0]  # sides of pictures are padded to multiples of it
REACH = 2  # places that a window goes in each direction


@dataclass(frozen=True)
class Parts:
    """Which of the nearby reads take part, for the paper's ablation; what doesn't reads 0.

    near      strides at which the frame before is read, coarse to fine
    moved     whether it is read once more, moved, on the finer of these
    compares  whether the comparator weighs these reads
    """

    near: tuple[int, ...] = STRIDES
    moved: bool = True
    compares: bool = True


class LMRC(nn.Module):
    """The `Network` of the paper. Give it weights with `checkpoints.fill`; float32.

    parts    which of its parts take part
    scale    of squared distances; 1 is the paper's formula as it is printed
    nearest  how many places of all memory a query place reads; None: all, as in the paper
    budget   bytes of similarities that the read of all memory may hold at once
    """

    def __init__(
        self,
        parts: Parts | None = None,
        scale: float = SCALE,
        nearest: int | None = None,
        budget: int = AFFINITY_BUDGET,
    ):
        super().__init__()
        self.parts = parts or Parts()
        self.scale, self.nearest, self.budget = scale, nearest, budget
        self.key_encoder = KeyEncoder()
        self.value_encoder = ValueEncoder()
        self.key_proj = KeyProjection(FEATURES[16])
        self.key_proj8 = KeyProjection(FEATURES[8])
        self.key_proj4 = KeyProjection(FEATURES[4])
        self.key_comp = nn.Conv2d(FEATURES[16], 512, 3, padding=1)
        self.comparator = Comparator()
        self.decoder = Decoder()
        self.eval()

    @property
    def name(self) -> str:
        return "lmrc"

    @property
    def policy(self) -> Policy:
        """Keys, the previous frame and every fifth: the paper's."""
        return Policy(keys=True, previous=1, every=5)

    @property
    def aggregates(self) -> bool:
        return True

    @property
    def fleeting(self) -> frozenset[str]:
        """The finer grids of the frame before; all others are read on the coarsest alone."""
        return frozenset(f"{kind}{stride}" for kind in ("key", "value") for stride in STRIDES[1:])

    def begin_with(self, stcn: Mapping[str, Tensor]) -> tuple[str, ...]:
        """Take over all of STCN's weights that fit, to learn from there.

        stcn     a state of STCN, see `checkpoints.read_state`
        returns  the names that were taken
        """
        own = self.state_dict()
        taken = {name: t for name, t in stcn.items() if name in own and t.shape == own[name].shape}
        self.load_state_dict({**own, **taken})
        return tuple(taken)

    def encode_query(self, image: Tensor) -> Query:
        """See one frame; image (3, H, W) in [0, 1].

        Maps, on the padded grid: key16, key8, key4 (64 each), f16 (1024), f8 (512), f4 (256),
        and thin (512) at stride 16.
        """
        f16, f8, f4 = self.key_encoder(pad(normalised(image), GRID)[None])
        maps = {"f16": f16, "f8": f8, "f4": f4, "thin": self.key_comp(f16)}
        maps |= {"key16": self.key_proj(f16), "key8": self.key_proj8(f8)}
        maps["key4"] = self.key_proj4(f4)
        size = (image.shape[-2], image.shape[-1])
        return Query(size, {name: map_[0] for name, map_ in maps.items()})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its mattes; planes (N + 1, H, W).

        Shared: the query's key16, key8, key4. Per object: value16 (N, 256), value8 (N, 128)
        and value4 (N, 64).
        """
        seen = with_mattes(pad(normalised(image), GRID), pad(planes[1:], GRID))
        values = self.value_encoder(seen, query.maps["f16"], query.maps["f8"], query.maps["f4"])
        keys = {f"key{stride}": query.maps[f"key{stride}"] for stride in STRIDES}
        return Memory(keys, {f"value{s}": v for s, v in zip(STRIDES, values, strict=True)})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects apart; returns (N + 1, H, W), see `Network.segment`.

        Objects of which no memory frame speaks are left out of the aggregation; their
        planes are 0.
        """
        planes = query.maps["key16"].new_zeros(len(bank.frames[0].said) + 1, *query.size)
        planes[0] = 1
        spoken, claims = [], []
        for objects, memory in by_what_is_said(bank):
            spoken += objects
            logits = self.decoder(query.maps, self.recall(query, memory))
            claims.append(crop(logits[:, 0].sigmoid(), query.size))
        if spoken:
            planes[[0, *(i + 1 for i in spoken)]] = soft_aggregate(torch.cat(claims))
        return planes

    def recall(self, query: Query, memory: tuple[MemoryFrame, ...]) -> dict[str, Tensor]:
        """Return what is read of frames that all speak of the same N objects.

        By the name of the read: "far" (N, 256, H/16, W/16), and those of `nearby`, weighed by
        the comparator.
        """
        recalled = {"far": self.far(query, memory)}
        best = self._best(query, memory)
        for name, nearby in self.nearby(query, memory).items():
            recalled[name] = nearby.read
            if self.parts.compares:
                recalled[name] = nearby.read * self.comparator(
                    name, nearby.similarity, best[READS[name]]
                )
        return recalled

    def far(self, query: Query, memory: tuple[MemoryFrame, ...]) -> Tensor:
        """Return (N, 256, H/16, W/16): what is read of the memory that lasts."""
        lasting = [memory[at] for at in _lasting(memory)]
        keys = torch.stack([frame.maps["key16"] for frame in lasting])
        values = torch.stack([frame.objects["value16"] for frame in lasting], dim=1)
        count = None if self.training else self.nearest
        return read_nearest(
            query.maps["key16"], keys, values, self.scale, count, budget=self.budget
        )

    def nearby(self, query: Query, memory: tuple[MemoryFrame, ...]) -> dict[str, Nearby]:
        """Return every read of the frame before, as it is before the comparator weighs it.

        By name: "near16", "near8" and "near4", and of what was moved, "moved8" and "moved4".
        Objects of which the frame before says nothing are read on the coarsest grid alone.
        """
        before, coarser = memory[-1], None
        reads: dict[str, Nearby] = {}
        for stride in self.parts.near:
            if f"key{stride}" not in before.maps:
                break
            asked, keys = (maps[f"key{stride}"] for maps in (query.maps, before.maps))
            values = before.objects[f"value{stride}"]
            here = read_around(asked, keys, values, REACH, self.scale)
            reads[f"near{stride}"] = here
            if coarser is not None and self.parts.moved:
                keys, values = (moved(coarser.weights, maps) for maps in (keys, values))
                reads[f"moved{stride}"] = read_around(asked, keys, values, REACH, self.scale)
            coarser = here
        return reads

    def trace(
        self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
    ) -> tuple[Trace, ...]:
        """Tell where everything was read from. See `tracing.Explains`.

        What the comparator takes off a nearby read afterwards is not in its trace.
        """
        memory = next(heard for objects, heard in by_what_is_said(bank) if index in objects)

        def told(name: str, stride: int, weights: Tensor, frames: list[int]) -> Trace:
            among_frames = weights.new_zeros(len(memory), *weights.shape[-2:])
            among_frames[frames] = weights
            place = place_of(pixel, query.size, stride, GRID)
            return Trace(name, place, among(bank, index, among_frames), stride)

        lasting = _lasting(memory)
        keys = torch.stack([memory[at].maps["key16"] for at in lasting])
        place = place_of(pixel, query.size, GRID, GRID)
        weights = weights_of_nearest(query.maps["key16"], keys, self.scale, self.nearest, place)
        traces = [told("far", GRID, weights, lasting)]
        reads = self.nearby(query, memory)
        for name, nearby in reads.items():
            stride = READS[name]
            row, column = place_of(pixel, query.size, stride, GRID)
            size = (nearby.weights.shape[1], nearby.weights.shape[2])
            weights = laid(nearby.weights[:, row, column], (row, column), size)
            if name.startswith("moved"):
                weights = _moved_back(weights, reads[f"near{2 * stride}"].weights)
            traces.append(told(name, stride, weights, [len(memory) - 1]))
        return tuple(traces)

    def _best(self, query: Query, memory: tuple[MemoryFrame, ...]) -> dict[int, Tensor]:
        """Return the highest similarities in the memory that lasts, (BEST, h, w) by stride."""
        keys = torch.stack([memory[at].maps["key16"] for at in _lasting(memory)])
        asked = query.maps["key16"]
        scores = nearest(asked, keys, self.scale, BEST, budget=self.budget).scores
        best = filled(scores.T.reshape(-1, *asked.shape[1:]), BEST)
        planes = {GRID: best}
        for stride in STRIDES[1:]:  # each from the one before: not the same as four at once
            best = enlarged(best[None], 2)[0]
            planes[stride] = best
        return planes


def scale_loss(query: Query) -> Tensor:
    """Return how much the lengths of keys differ between the grids (the paper's L_scale).

    Similarities of different grids are compared, so their keys have to be of a size. It is
    added to what is learned, times 1e-4, for the first 1,000 steps. A place of a coarse grid
    is held against the mean over the places of a finer one that it covers.
    """
    coarse, *finer = (query.maps[f"key{stride}"].square().sum(dim=0) for stride in STRIDES)
    loss = coarse.new_zeros(())
    for stride, lengths in zip(STRIDES[1:], finer, strict=True):
        means = F.avg_pool2d(lengths[None], GRID // stride)[0]
        loss = loss + (coarse - means).square().mean()
    return loss


def _lasting(memory: tuple[MemoryFrame, ...]) -> list[int]:
    """Return which frames are the global memory: all but the latest, unless that is a key."""
    last = len(memory) - 1
    if last == 0 or memory[last].origin is Origin.KEY:
        return list(range(len(memory)))
    return list(range(last))


def _moved_back(weights: Tensor, coarse: Tensor) -> Tensor:
    """Return where a moved map's places came from: weights (H, W) over the map before it moved.

    weights  (H, W) over the moved map
    coarse   (windows, H / 2, W / 2) weights by which it was moved
    """
    size = (weights.shape[0], weights.shape[1])
    total = torch.zeros_like(weights)
    for row, column in weights.nonzero().tolist():
        came_from = laid(coarse[:, row // 2, column // 2], (row, column), size, step=2)
        total = total + weights[row, column] * came_from
    return total
