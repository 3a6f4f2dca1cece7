# SPDX-License-Identifier: Apache-2.0
"""Policies: which memory frames a query may read, and which are forgotten.

Pure arithmetic on steps. Source: Oh et al., "Video Object Segmentation using Space-Time
Memory Networks", ICCV 2019, Table 6 (first, previous, both, every N); the rule "number M"
is the public evaluation's alternative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, Origin


class Dated(Protocol):
    """Anything that a policy can judge: it has a step and an origin."""

    @property
    def step(self) -> int: ...

    @property
    def origin(self) -> Origin: ...


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True)
class Policy:
    """Which frames of the past a query may read.

    keys      read every frame that an artist keyed (the paper's "first")
    previous  how many of the latest frames are read, whatever their origin
    every     own results at steps 0, N, 2N, ... stay; 0 keeps none
    at        further steps whose frames stay, for the rule "number M"
    most      how many own results stay at most; None: all. Keys are not counted

    Keys are never thinned unless `keys` is False, which exists for the paper's Table 6.
    """

    keys: bool = True
    previous: int = 1
    every: int = 5
    at: frozenset[int] = frozenset()
    most: int | None = None

    def __post_init__(self) -> None:
        if min(self.previous, self.every) < 0:
            raise StmatteError(
                f"Memory of {self.previous} latest frames and every {self.every} is not possible",
                value=(self.previous, self.every),
                allowed="both are 0 or more",
            )
        if self.most is not None and self.most < 1:
            raise StmatteError(
                f"Memory of {self.most} own results at most is not possible",
                value=self.most,
                allowed="1 or more, or None for all of them",
            )

    def lasting(self, step: int, origin: Origin) -> bool:
        """Tell whether a frame stays in the bank for good."""
        if self.keys and origin is Origin.KEY:
            return True
        return step in self.at or (self.every > 0 and step % self.every == 0)

    def remembers(self, step: int, origin: Origin) -> bool:
        """Tell whether any later query reads a frame, so that it is worth encoding."""
        return self.previous > 0 or self.lasting(step, origin)

    def forget(self, bank: Bank) -> Bank:
        """Return the bank that the next query reads, after the latest frame was added."""
        return Bank(self.kept(bank.frames))

    def kept(self, frames: Sequence[T]) -> tuple[T, ...]:
        """Return those of the frames that the next query reads, after the latest was added."""
        seen = [frame.step for frame in frames if frame.step >= 0]
        latest = set(seen[-self.previous :] if self.previous else ())
        own = [
            f.step for f in frames if f.origin is Origin.RESULT and self.lasting(f.step, f.origin)
        ]
        thinned = set(own) - set(self.thinned(own))
        return tuple(
            f
            for f in frames
            if f.step in latest or (self.lasting(f.step, f.origin) and f.step not in thinned)
        )

    def thinned(self, steps: Sequence[int]) -> tuple[int, ...]:
        """Return which of the lasting own results stay, `most` of them at most.

        steps  ascending

        The one goes whose going leaves the smallest gap, the oldest of equals, and never the
        latest: what stays is spread over all that was seen (decisions/0006).
        """
        stay = list(steps)
        while self.most is not None and len(stay) > self.most:
            gaps = [after - before for before, after in zip([0, *stay], stay[1:], strict=False)]
            del stay[gaps.index(min(gaps))]
        return tuple(stay)


def number_policy(frames: int, number: int) -> Policy:
    """Return the rule that keeps `number` + 1 evenly spaced frames of a pass.

    The steps are round-half-to-even of the first number + 1 of number + 2 evenly spaced
    values from 0 to `frames` inclusive.
    """
    spacing = frames / (number + 1)
    at = frozenset(round(i * spacing) for i in range(number + 1))
    return Policy(every=0, at=at)
