# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Is it worth following `stmatte suggest`? A robot artist keys the true masks of DAVIS.

    python tests/benchmarks/suggest.py [--data ../shared/data/davis_dev] [--height 240]
        [--sequences tennis,flamingo] [--corrections 5] [--store DIR] [--plot docs/suggest.svg]

It begins with a key on the first frame and makes k corrections: where the advice says; where
the same arithmetic says if all frames are doubted alike ("distance alone"); evenly spaced,
laid anew for every k, the last frame included; by halving (last frame, then the middle of
the widest gap); and where the score is lowest, which only a robot can know. J is judged at
plate size, at 0.5. Every frame counts, keyed ones with the J of 1 that they deserve; a second
table leaves out, for all rules alike, every frame that any of them keyed.

With --store, what was computed is kept, and a run that was stopped goes on where it was.
Where the data is missing, it says so and ends.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stmatte.evaluation import DavisSequence, jaccard, open_davis
from stmatte.evaluation.curves import as_markdown, as_svg
from stmatte.evaluation.robot import (
    Choose,
    Play,
    Round,
    Scores,
    evenly,
    follow,
    halving,
    keyed_by_any,
    spread,
    worst,
)
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.pipeline.suggesting import suggest
from stmatte.plan.advice import Seen, advise
from stmatte.propagation.sights import Sights
from stmatte.settings import Settings
from stmatte.shot import Key, Shot
from stmatte.store import RamStore, Store, open_store

OBJECT = "object"
ALIKE = Seen(doubt=0.5, apart=0, area=0.1)


@dataclass
class Bench:
    """One sequence, and what it takes to make its mattes."""

    sequence: DavisSequence
    network: Network
    store: Store
    height: int
    sights: Sights = field(init=False)
    truths: list[np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        self.sights = Sights(self.network)
        self.truths = list(self.sequence.truths())

    def planned(self, keys: tuple[int, ...]) -> PlannedShot:
        """Return the plan of the shot that is keyed with the truth on these frames."""
        given = tuple(Key(f, {OBJECT: self.truths[f].astype(np.float32)}) for f in keys)
        settings = Settings(working_height=self.height, device="cpu")
        shot = Shot(str(self.sequence.pictures[0]), given, settings=settings)
        return plan_shot(check_shot(shot), self.network, self.store)

    def play(self, keys: tuple[int, ...]) -> Scores:
        """Propagate, and return J of every frame."""
        planned = self.planned(keys)
        scores = {}
        frames = planned.plan.frames
        for found in walk(planned, self.network, self.store, self.sights, frames):
            if found is not None:
                inside = frame_mattes(planned, found).mattes[OBJECT] >= 0.5
                scores[found.frame] = jaccard(inside, self.truths[found.frame])
        return dict(sorted(scores.items()))

    def advised(self, keys: tuple[int, ...], scores: Scores) -> int | None:
        """Choose as `stmatte suggest` does."""
        del scores
        return next((a.frame for a in suggest(self.planned(keys), self.store, 1)), None)

    def by_distance(self, keys: tuple[int, ...], scores: Scores) -> int | None:
        """Choose by the same arithmetic with the same doubt everywhere."""
        (plan,) = self.planned(keys).plan.objects
        found = advise({OBJECT: plan.spans}, {OBJECT: dict.fromkeys(scores, ALIKE)}, 1)
        return next((a.frame for a in found), None)


Rule = Callable[[Bench, Play, int], tuple[Round, ...]]


def _following(choose: Callable[[Bench], Choose]) -> Rule:
    return lambda bench, play, corrections: follow(0, corrections, play, choose(bench))


RULES: dict[str, Rule] = {
    "advice": _following(lambda bench: bench.advised),
    "evenly spaced": lambda b, play, k: spread(range(len(b.sequence)), k, play, evenly),
    "halving": lambda b, play, k: spread(range(len(b.sequence)), k, play, halving),
    "distance alone": _following(lambda bench: bench.by_distance),
    "worst frame": _following(lambda _: worst),
}


def measured(bench: Bench, corrections: int) -> dict[str, tuple[Round, ...]]:
    """Return the rounds of every rule; the same keys are played once."""
    played: dict[tuple[int, ...], Scores] = {}

    def play(keys: tuple[int, ...]) -> Scores:
        if keys not in played:
            played[keys] = bench.play(keys)
        return played[keys]

    found = {}
    for name, rule in RULES.items():
        began = time.monotonic()
        found[name] = rule(bench, play, corrections)
        told = " ".join(f"{100 * r.mean():.1f}" for r in found[name])
        keys = " ".join(map(str, found[name][-1].keys))
        seconds = time.monotonic() - began
        print(f"{bench.sequence.name:14}{name:16}{told}  [{keys}]  {seconds:.0f} s", flush=True)
    return found


def means(
    rounds: list[dict[str, tuple[Round, ...]]], corrections: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return rule -> J after 0, 1, ... corrections, the mean over sequences.

    First of all frames; then of those that none of the rules keyed after so many corrections.
    """
    whole: dict[str, list[float]] = {name: [] for name in RULES}
    unkeyed: dict[str, list[float]] = {name: [] for name in RULES}
    for k in range(corrections + 1):
        left_out = [keyed_by_any([rules[name][k] for name in RULES]) for rules in rounds]
        for name in RULES:
            whole[name].append(float(np.mean([rules[name][k].mean() for rules in rounds])))
            judged = [r[name][k].mean(out) for r, out in zip(rounds, left_out, strict=True)]
            unkeyed[name].append(float(np.mean(judged)))
    return whole, unkeyed


def main() -> int:
    """Measure all rules on all sequences, print tables and draw a plot."""
    beside = Path(__file__).parents[3] / "shared" / "data" / "davis_dev"
    parser = argparse.ArgumentParser(description="A robot artist follows rules for the next key.")
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--sequences", default="all")
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--corrections", type=int, default=5)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    if not asked.data.is_dir():
        print(f"skipped: no {asked.data}")
        return 0
    network = load_network(Settings.model, "cpu")
    store = RamStore() if asked.store is None else open_store(asked.store)
    rounds = [
        measured(Bench(sequence, network, store, asked.height), asked.corrections)
        for sequence in open_davis(asked.data).sequences(asked.sequences)
    ]
    whole, unkeyed = means(rounds, asked.corrections)
    print("\n" + as_markdown(whole, "J after corrections, all frames"))
    print("\n" + as_markdown(unkeyed, "J after corrections, frames that no rule keyed"))
    if asked.plot is not None:
        asked.plot.parent.mkdir(parents=True, exist_ok=True)
        title = f"J of all frames, {len(rounds)} sequences, working height {asked.height}"
        asked.plot.write_text(as_svg(whole, title, "corrections", "J in percent"), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
