# SPDX-License-Identifier: Apache-2.0
"""What a pass read on one of its frames: the bank as it was then, and where in it.

A pass is walked again over what it kept, which costs nothing, up to the frame in question,
which alone is segmented anew. So the bank is the one that the frame's matte was made from,
by the pass's own hand and not by a copy of its rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Network, Query
from stmatte.networks.tracing import Explains, Trace
from stmatte.plan.spans import Pass
from stmatte.propagation.focus import View, Window
from stmatte.propagation.following import KeptViews, Scene
from stmatte.propagation.passes import Sight
from stmatte.propagation.span import walk_pass


@dataclass(frozen=True, eq=False)
class Reading:
    """What a pass had before it when it made one frame.

    query   what was seen of the frame
    bank    the memory frames that were there to be read
    places  where each of them lies, in the order of the bank: plate frame numbers
    windows for each of them, through which window it was seen
    window  through which the frame was seen
    """

    query: Query
    bank: Bank
    places: tuple[int, ...]
    windows: tuple[Window, ...]
    window: Window

    @property
    def keys(self) -> tuple[bool, ...]:
        """For each memory frame, whether an artist keyed it."""
        return tuple(frame.origin is Origin.KEY for frame in self.bank.frames)


def reading_at(
    network: Network,
    scene: Scene,
    way: Pass,
    policy: Policy,
    kept: KeptViews,
    frame: int,
) -> Reading:
    """Return what a pass over a span read at one of its frames.

    kept   holds what the pass made of all frames before this one

    Raises StmatteError if the plate cannot be read at this frame.
    """
    listening = _Listening(network)
    windows: dict[int, Window] = {}

    def see(place: int, window: Window) -> Sight | None:
        windows[place] = window
        return scene.see(place, window)

    walk = walk_pass(listening, replace(scene, see=see), way, policy, _AllBut(kept, frame), {frame})
    steps: tuple[int, ...] = ()
    for step in walk:
        steps = (*way.heard, *step.places)
    if listening.heard is None:
        raise StmatteError(f"Nothing was read at frame {frame}", value=frame)
    query, bank = listening.heard
    places = tuple(steps[memory.step + len(way.heard)] for memory in bank.frames)
    return Reading(query, bank, places, tuple(windows[p] for p in places), windows[frame])


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

    kept: KeptViews
    place: int

    def recall(self, frame: int) -> View | None:
        return None if frame == self.place else self.kept.recall(frame)

    def keep(self, frame: int, view: View) -> View:
        return view if frame == self.place else self.kept.keep(frame, view)
