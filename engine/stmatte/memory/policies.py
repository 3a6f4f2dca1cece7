# SPDX-License-Identifier: Apache-2.0
"""Policies: which memory frames a query may read, and which are forgotten.

Pure arithmetic on steps. Source: Oh et al., "Video Object Segmentation using Space-Time
Memory Networks", ICCV 2019, Table 6 (first, previous, both, every N); the rule "number M"
is the public evaluation's alternative.
"""

from __future__ import annotations

from dataclasses import dataclass

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, Origin


@dataclass(frozen=True)
class Policy:
    """Which frames of the past a query may read.

    keys      read every frame that an artist keyed (the paper's "first")
    previous  how many of the latest frames are read, whatever their origin
    every     own results at steps 0, N, 2N, ... stay; 0 keeps none
    at        further steps whose frames stay, for the rule "number M"

    Keys are never thinned unless `keys` is False, which exists for the paper's Table 6.
    """

    keys: bool = True
    previous: int = 1
    every: int = 5
    at: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if min(self.previous, self.every) < 0:
            raise StmatteError(
                f"Memory of {self.previous} latest frames and every {self.every} is not possible",
                value=(self.previous, self.every),
                allowed="both are 0 or more",
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
        latest = {frame.step for frame in bank.latest(self.previous)}
        return Bank(
            tuple(f for f in bank.frames if self.lasting(f.step, f.origin) or f.step in latest)
        )


def number_policy(frames: int, number: int) -> Policy:
    """Return the rule that keeps `number` + 1 evenly spaced frames of a pass.

    The steps are round-half-to-even of the first number + 1 of number + 2 evenly spaced
    values from 0 to `frames` inclusive.
    """
    spacing = frames / (number + 1)
    at = frozenset(round(i * spacing) for i in range(number + 1))
    return Policy(every=0, at=at)
