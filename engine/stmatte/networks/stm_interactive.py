# SPDX-License-Identifier: Apache-2.0
"""STM that an artist talks to in strokes: round by round, each frame that was drawn on is recalled.

What is remembered of such a frame is its picture, the mattes that it had, and what was drawn:
strokes that say "this object" and strokes that say "not this one". In the first round there
are no mattes yet. Every frame of the shot is then asked about, also the ones drawn on, all
from the same memory: none waits for another, so they go in batches.

Without strokes it is STM, number for number, and any weights of STM can be begun from.

Source: Oh et al., "Space-Time Memory Networks for Video Object Segmentation with User
Guidance", TPAMI 2020, section 3.7; there is no public code. The plane of the other objects is
STM's, which the paper does not speak of here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.dot import AFFINITY_BUDGET
from stmatte.networks.checkpoints import State
from stmatte.networks.padding import pad
from stmatte.networks.protocol import Memory, Query
from stmatte.networks.stm import STM, STRIDE
from stmatte.networks.stm_blocks import MemoryEncoder
from stmatte.networks.work import WORK, padded

NOTHING = -1  # where nobody drew
ROOM = 2**30  # bytes that a batch of frames may take


@dataclass(frozen=True, eq=False)
class Drawn:
    """All that was drawn on one frame so far, in this round and in those before.

    positive  (N, H, W) 1 where a stroke says of a pixel that it is this object
    negative  (N, H, W) 1 where a stroke says that it is not
    """

    positive: Tensor
    negative: Tensor


def drawn(labels: Tensor, objects: int) -> Drawn:
    """Return what strokes say to each object.

    labels   (H, W) number of the object that a pixel was drawn as: 1 and up, 0 for the
             background, -1 where nobody drew
    objects  how many there are, N

    A stroke of one object says "not this one" to all others.
    """
    numbers = torch.arange(1, objects + 1, device=labels.device).view(-1, 1, 1)
    positive = labels == numbers
    return Drawn(positive.float(), ((labels != NOTHING) & ~positive).float())


class InteractiveSTM(STM):
    """STM whose memory encoder sees strokes. As a `Network` it has none, and carries mattes.

    budget  bytes of affinity that a read may hold at once
    """

    def __init__(self, budget: int = AFFINITY_BUDGET):
        super().__init__(budget)
        self.Encoder_M = StrokeEncoder()
        self.eval()

    @property
    def name(self) -> str:
        return "stm-interactive"

    def encode_drawn(self, image: Tensor, on: Drawn, planes: Tensor | None = None) -> Memory:
        """Remember one frame with what was drawn on it.

        image    (3, H, W) in [0, 1]
        planes   (N + 1, H, W) what the rounds before made of this frame; None: nothing yet
        returns  key (N, 128, h, w) and value (N, 512, h, w) at stride 16
        """
        mattes = torch.zeros_like(on.positive) if planes is None else planes[1:]
        own, positive, negative = (
            pad(p, STRIDE)[:, None] for p in (mattes, on.positive, on.negative)
        )
        others = (own.sum(dim=0) - own).clamp(0, 1)
        picture = pad(image, STRIDE)[None]
        key, value = self.KV_M_r4(self.Encoder_M(picture, own, others, positive, negative))
        return Memory({}, {"key": key, "value": value})


class StrokeEncoder(MemoryEncoder):
    """The memory encoder with two more first convolutions, for strokes of either kind."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1_p = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        self.conv1_n = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)

    def forward(  # type: ignore[override]  # an encoder with mattes is called with mattes
        self,
        pictures: Tensor,
        own: Tensor,
        others: Tensor,
        positive: Tensor | None = None,
        negative: Tensor | None = None,
    ) -> Tensor:
        seen = self.conv1((pictures - self.mean) / self.std)
        seen = seen + self.conv1_m(own) + self.conv1_o(others)
        if positive is not None and negative is not None:
            seen = seen + self.conv1_p(positive) + self.conv1_n(negative)
        return self._remembered(seen)


def from_stm(state: State) -> State:
    """Return weights of STM as weights to begin from: strokes say nothing yet."""
    like = state["Encoder_M.conv1_m.weight"]
    silent = {f"Encoder_M.{name}.weight": torch.zeros_like(like) for name in ("conv1_p", "conv1_n")}
    return {**state, **silent}


def with_drawn(
    network: InteractiveSTM,
    bank: Bank,
    place: int,
    image: Tensor,
    on: Drawn,
    planes: Tensor | None = None,
) -> Bank:
    """Return memory with one more frame that was drawn on.

    bank    what the rounds before remember; empty before the first
    place   which frame it is. If it was drawn on before, what was remembered of it then goes
    on      all that was ever drawn on it
    planes  (N + 1, H, W) what the rounds before made of it; None: nothing yet

    The frames stand in their order in the shot, so it doesn't matter which was drawn on
    first. A frame says nothing of an object that has neither a stroke of its own nor a matte
    on it.

    Raises StmatteError if what was drawn is of other objects than those in memory.
    """
    for frame in bank.frames[:1]:
        if len(frame.said) != len(on.positive):
            raise StmatteError(
                f"What was drawn on frame {place} is of {len(on.positive)} objects",
                value=len(on.positive),
                allowed=f"memory has {len(frame.said)}",
            )
    shown = on.positive if planes is None else on.positive + planes[1:]
    said = tuple(bool(object_.any()) for object_ in shown)
    memory = network.encode_drawn(image, on, planes)
    latest = MemoryFrame(place, Origin.KEY, memory.maps, memory.objects, said)
    others = (frame for frame in bank.frames if frame.step != place)
    return Bank(tuple(sorted((*others, latest), key=lambda frame: frame.step)))


def answers(
    network: InteractiveSTM, queries: Sequence[Query], bank: Bank, at_once: int | None = None
) -> Iterator[Tensor]:
    """Yield the planes (N + 1, H, W) of every frame, in the order of the queries.

    queries  of one size
    bank     at least one frame that was drawn on
    at_once  how many frames make a batch; None: as many as fit

    Raises StmatteError if nothing was drawn.
    """
    if not bank.frames:
        raise StmatteError("Nothing was drawn on any frame", repair="Draw on one frame first")
    for query in queries[:1]:
        at_once = at_once or fitting(query.size, len(bank.frames[0].said))
    count = at_once or 1
    for start in range(0, len(queries), count):
        yield from network.segment_together(queries[start : start + count], bank)


def fitting(size: tuple[int, int], objects: int) -> int:
    """Return how many frames (h, w) with so many objects fit into a batch; 1 at least."""
    return int(max(1, ROOM // (WORK["stm"].pixel * padded(size) * objects)))
