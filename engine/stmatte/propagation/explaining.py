# SPDX-License-Identifier: Apache-2.0
"""What a pass read on one of its frames: the bank as it was then, and where in it.

A pass is walked again over what it kept, which costs nothing, up to the frame in question,
which alone is segmented anew. So the bank is the one that the frame's matte was made from,
by the pass's own hand and not by a copy of its rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Network, Query
from stmatte.networks.tracing import Explains, Trace
from stmatte.plan.spans import Pass
from stmatte.propagation.passes import Kept, See
from stmatte.propagation.span import walk_pass


@dataclass(frozen=True, eq=False)
class Reading:
    """What a pass had before it when it made one frame.

    query   what was seen of the frame
    bank    the memory frames that were there to be read
    places  where each of them lies, in the order of the bank: plate frame numbers
    """

    query: Query
    bank: Bank
    places: tuple[int, ...]

    @property
    def keys(self) -> tuple[bool, ...]:
        """For each memory frame, whether an artist keyed it."""
        return tuple(frame.origin is Origin.KEY for frame in self.bank.frames)


def reading_at(
    network: Network,
    see: See,
    way: Pass,
    given: Mapping[int, Tensor],
    policy: Policy,
    kept: Kept,
    frame: int,
) -> Reading:
    """Return what a pass over a span read at one of its frames.

    given  frame -> matte (h, w) in [0, 1] of every key that the pass hears or begins at
    kept   holds what the pass made of all frames before this one

    Raises StmatteError if the plate cannot be read at this frame.
    """
    listening = _Listening(network)
    for _ in walk_pass(listening, see, way, given, policy, _AllBut(kept, frame), {frame}):
        pass
    if listening.heard is None:
        raise StmatteError(f"Nothing was read at frame {frame}", value=frame)
    query, bank = listening.heard
    places = (*way.heard, way.start, *way.frames)
    return Reading(
        query, bank, tuple(places[memory.step + len(way.heard)] for memory in bank.frames)
    )


def trace(network: Explains, reading: Reading, pixel: tuple[int, int]) -> tuple[Trace, ...]:
    """Tell where the place in which a pixel lies was read from; see `tracing.Explains`.

    pixel  (row, column) at the size that the network sees
    """
    with torch.inference_mode():
        return network.trace(reading.query, reading.bank, 0, pixel)


@dataclass(eq=False)
class _Listening:
    """A network that notes what it was asked last."""

    network: Network
    heard: tuple[Query, Bank] | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        return self.network.name

    @property
    def policy(self) -> Policy:
        return self.network.policy

    @property
    def aggregates(self) -> bool:
        return self.network.aggregates

    def encode_query(self, image: Tensor) -> Query:
        return self.network.encode_query(image)

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        return self.network.encode_memory(image, query, planes)

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.heard = query, bank
        return self.network.segment(query, bank)


@dataclass(frozen=True, eq=False)
class _AllBut:
    """What was kept of every place but one, which is made again and not kept."""

    kept: Kept
    place: int

    def recall(self, place: int) -> Tensor | None:
        return None if place == self.place else self.kept.recall(place)

    def keep(self, place: int, planes: Tensor) -> Tensor:
        return planes if place == self.place else self.kept.keep(place, planes)
