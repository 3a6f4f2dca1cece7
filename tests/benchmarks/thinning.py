# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Which rule of thinning costs least J: long sequences, made by playing DAVIS back and forth.

    python tests/benchmarks/thinning.py [--data ../shared/data/davis_dev] [--frames 270]
        [--height 240] [--sequences dance-jump,...] [--most 20,8] [--rules spread,...]

One key on the first frame, one pass, the network that ships. A line tells, for each sequence,
limit and rule, the mean J of all frames but the first, and that of the last 90. The rules
that the engine doesn't have are here, so that they can be measured again.
Where the data is missing, it says so and ends. One thread, unless OMP_NUM_THREADS says more.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from stmatte.evaluation.davis import DavisSequence, open_davis
from stmatte.evaluation.metrics import jaccard
from stmatte.images.geometry import working_size
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.propagation.passes import KeyedMattes, Sight, run_pass

LAST = 90  # frames at the end that are told apart


def oldest(steps: Sequence[int], most: int, every: int) -> Sequence[int]:
    """Forget the oldest."""
    del every
    return steps[-most:]


def halve(steps: Sequence[int], most: int, every: int) -> Sequence[int]:
    """Double the stride until few enough are left."""
    stride = every
    while sum(step % stride == 0 for step in steps) > most:
        stride *= 2
    return [step for step in steps if step % stride == 0]


def fading(steps: Sequence[int], most: int, every: int) -> Sequence[int]:
    """Let gaps grow with age: the one goes whose gap is the smallest for how long ago it is."""
    stay = list(steps)
    while len(stay) > most:
        now = stay[-1] + every
        gaps = [
            (after - before) / (now - step)
            for before, step, after in zip([0, *stay], stay, stay[1:], strict=False)
        ]
        del stay[gaps.index(min(gaps))]
    return stay


Rule = Callable[[Sequence[int], int, int], Sequence[int]]
RULES: dict[str, Rule | None] = {
    "spread": None,  # the engine's own
    "oldest": oldest,
    "halve": halve,
    "fading": fading,
}


@dataclass(frozen=True)
class Thinning(Policy):
    """A policy with another rule than the engine's."""

    rule: Rule | None = None

    def thinned(self, steps: Sequence[int]) -> tuple[int, ...]:
        if self.rule is None or self.most is None or len(steps) <= self.most:
            return super().thinned(steps)
        return tuple(self.rule(steps, self.most, self.every))


def back_and_forth(count: int, frames: int) -> list[int]:
    """Return 0, 1, ... count - 1, count - 2, ... 0, 1, ..., so many of them."""
    there = [*range(count), *range(count - 2, 0, -1)]
    return [there[i % len(there)] for i in range(frames)]


class Played:
    """A sequence at working height; every picture is seen once."""

    def __init__(self, network: Network, sequence: DavisSequence, height: int, frames: int):
        self.order = back_and_forth(len(sequence), frames)
        self._network, self._sequence = network, sequence
        self._size = working_size(sequence.frame(0).shape[:2], height)
        self.truths = [self._small(truth) > 0.5 for truth in sequence.truths()]
        self._sights: dict[int, Sight] = {}

    def _small(self, picture: NDArray[np.generic]) -> NDArray[np.float32]:
        size = self._size[::-1]
        return cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)

    def see(self, place: int) -> Sight:
        index = self.order[place]
        if index not in self._sights:
            small = self._small(self._sequence.frame(index)) / 255
            image = torch.from_numpy(small).permute(2, 0, 1)
            with torch.inference_mode():
                self._sights[index] = Sight(image, self._network.encode_query(image))
        return self._sights[index]

    def scores(self, policy: Policy) -> Iterator[float]:
        """Yield J of every frame but the first."""
        first = torch.from_numpy(self.truths[0].astype(np.float32))[None]
        keyed = {0: KeyedMattes(first, (True,))}
        walked = run_pass(self._network, self.see, range(len(self.order)), keyed, 1, policy)
        for place, planes in walked:
            if place:
                yield jaccard((planes[1] > 0.5).numpy(), self.truths[self.order[place]])


def main() -> int:
    """Play every sequence under every rule, and print what it costs."""
    beside = Path(__file__).parents[3] / "shared" / "data" / "davis_dev"
    parser = argparse.ArgumentParser(description="J of long sequences by rule of thinning.")
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--frames", type=int, default=270)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--sequences", default="dance-jump,motorbike,car-turn,tennis")
    parser.add_argument("--most", default="20,8")
    parser.add_argument("--rules", default=",".join(RULES))
    asked = parser.parse_args()
    if not asked.data.is_dir():
        print(f"skipped: no {asked.data}")
        return 0
    network = load_network("stmatte-s", "cpu")
    told = csv.writer(sys.stdout)
    told.writerow(["sequence", "most", "rule", "J", f"J of the last {LAST}", "seconds"])
    for sequence in open_davis(asked.data).sequences(asked.sequences):
        played = Played(network, sequence, asked.height, asked.frames)
        plain = replace(network.policy, most=None)
        variants: list[tuple[str, str, Policy]] = [("all", "", plain)]
        for most in map(int, asked.most.split(",")):
            for name in asked.rules.split(","):
                policy = Thinning(previous=plain.previous, most=most, rule=RULES[name])
                variants.append((str(most), name, policy))
        for most_, name, policy in variants:
            began = time.monotonic()
            scores = list(played.scores(policy))
            means = [f"{np.mean(part):.4f}" for part in (scores, scores[-LAST:])]
            told.writerow([sequence.name, most_, name, *means, round(time.monotonic() - began)])
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
