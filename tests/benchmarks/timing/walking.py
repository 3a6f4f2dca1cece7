# SPDX-License-Identifier: Apache-2.0
"""The network's level: a pass over a made clip, as long shots go, a frame a turn.

What goes is the engine's own `run_pass`. So that the clock begins where memory is as full as
it will be, the pass takes its first frames from what "was kept": the discs' true mattes, of
which it sees and encodes no more than it still remembers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

from .clip import Clip
from .measure import synchronised

PART_OF = {
    "encode_query": "encode",
    "segment": "read and decode",
    "encode_memory": "remember",
    "encode_latest": "remember",
}
HELD = 16
"""Pictures of the clip that are made beforehand; the walk goes to and fro over them."""


def steady(policy: Policy, memory: int | None) -> Policy:
    """Return a network's policy with so many frames in the bank, the key among them.

    memory  None leaves it as it is. It is never less than what the policy always reads; and
            where nothing but the key and the latest frames stay, it is what these are
    """
    if memory is None or policy.every == 0:
        return policy
    # of the latest frames, one is lasting as well where they reach as far back as that
    both = 1 if policy.previous >= policy.every else 0
    return replace(policy, most=max(1, memory - 1 - policy.previous + both))


def period(policy: Policy) -> int:
    """Return after how many frames a pass has done all that it does, remembering among it."""
    return 1 if policy.previous > 0 else max(1, policy.every)


@dataclass
class Pictures:
    """The clip as tensors on a device, some of its frames, gone over to and fro."""

    clip: Clip
    device: torch.device
    _made: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict)

    def at(self, place: int) -> tuple[Tensor, Tensor]:
        """Return picture (3, H, W) and mattes (N, H, W)."""
        frame = abs((place + HELD - 1) % (2 * HELD - 2) - (HELD - 1))
        if frame not in self._made:
            picture = torch.from_numpy(self.clip.picture(frame)).permute(2, 0, 1).contiguous()
            mattes = torch.from_numpy(self.clip.mattes(frame))
            self._made[frame] = picture.to(self.device), mattes.to(self.device)
        return self._made[frame]

    def image(self, place: int) -> Tensor:
        return self.at(place)[0]


@dataclass
class _Begun:
    """What "was kept" of a pass before its first frame: the true mattes."""

    pictures: Pictures
    place: int

    def recall(self, place: int) -> Tensor | None:
        if place >= self.place:
            return None
        mattes = self.pictures.at(place)[1]
        return torch.cat([1 - mattes.sum(dim=0, keepdim=True), mattes])

    def keep(self, place: int, planes: Tensor) -> Tensor:
        del place
        return planes


class Walk:
    """One contender: a network on its way over the clip. A call goes on by a `period`.

    during   what is in force while it goes, such as the plain reads
    place    how many frames have gone before
    planes   what the last frame became, (N + 1, H, W)
    parts    seconds a frame of each part of the last period, if `split`
    period   frames: 1 where every frame is remembered, else as many as there are to one that is
    memory   frames in the bank, for every read
    """

    def __init__(
        self,
        network: Network,
        pictures: Pictures,
        policy: Policy,
        place: int,
        during: Callable[[], AbstractContextManager[object]] = nullcontext,
    ):
        self.planes = torch.empty(0)
        self.parts: dict[str, float] = {}
        self.memory: list[int] = []
        self.split = False
        self.period = period(policy)
        self._device = pictures.device
        self._during = during
        objects = pictures.clip.objects
        keyed = {0: KeyedMattes(pictures.at(0)[1], (True,) * objects)}
        self._network = network
        self._steps: Iterator[tuple[int, Tensor]] = run_pass(
            network,
            seeing(network, pictures.image),
            range(10**6),
            keyed,
            objects,
            policy,
            kept=_Begun(pictures, place),
        )
        for at, _ in self._steps:
            if at == place - 1:
                break

    def __call__(self) -> None:
        self.parts = {}
        began = time.perf_counter()
        with self._during(), self._clocks():
            for _ in range(self.period):
                _, self.planes = next(self._steps)
        if self.split:
            synchronised(self._device)
            rest = time.perf_counter() - began - sum(self.parts.values())
            self.parts["rest"] = max(0.0, rest)
            self.parts = {part: spent / self.period for part, spent in self.parts.items()}

    def _clocks(self) -> AbstractContextManager[object]:
        """Put clocks about the network's own methods, until the end of the block."""
        stack = ExitStack()
        own = vars(self._network)
        for name, part in PART_OF.items():
            method = getattr(self._network, name, None)
            if method is None:
                continue
            before = own.get(name)  # a compiled method lies on the object itself
            own[name] = self._clocked(method, part)
            stack.callback(own.pop, name) if before is None else stack.callback(
                own.__setitem__, name, before
            )
        return stack

    def _clocked(self, method: Callable[..., Any], part: str) -> Callable[..., Any]:
        def clocked(*given: Any) -> Any:
            if part == "read and decode":
                self.memory.extend(len(g.frames) for g in given if isinstance(g, Bank))
            if not self.split:
                return method(*given)
            synchronised(self._device)
            began = time.perf_counter()
            found = method(*given)
            synchronised(self._device)
            self.parts[part] = self.parts.get(part, 0.0) + time.perf_counter() - began
            return found

        return clocked


def agreement(one: Tensor, other: Tensor) -> tuple[float, float]:
    """Return J at 0.5 of two sets of planes (N + 1, H, W), and the mean distance of objects'."""
    inside, also = (planes[1:].cpu().numpy() >= 0.5 for planes in (one, other))
    joined = np.logical_or(inside, also).sum()
    shared = np.logical_and(inside, also).sum()
    apart = float((one[1:] - other[1:]).abs().mean())
    return (float(shared / joined) if joined else 1.0), apart
