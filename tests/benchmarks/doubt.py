# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Does the network know where it is wrong? Doubt against the true error, on DAVIS.

    python tests/benchmarks/doubt.py [--data ../shared/data/davis_dev] [--height 240]
        [--sequences tennis,flamingo] [--store DIR]

The first frame and k others, evenly spaced, carry the true mask, k = 0, 1, 2, 3, 5. Two
questions, both at the height that the network sees. Of frames: how well does a number rank
the frames of a sequence by 1 - J (Spearman's correlation, mean over sequences)? Of pixels:
how well does a map find the wrong ones (average precision, every third frame)? The law by
which error grows is fitted, too: within each frame, over all these keys, 1 - J against
distance / (distance + h).

With --store, what `suggest.py` computed is found again. Where the data is missing, it says so.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from suggest import OBJECT, Bench

from stmatte.evaluation import jaccard, open_davis
from stmatte.evaluation.robot import evenly
from stmatte.images import to_working
from stmatte.networks.registry import load_network
from stmatte.pipeline.computing import found_in_store
from stmatte.plan.advice import distance, expected_error
from stmatte.propagation.doubt import area, doubt, uncertainty
from stmatte.propagation.fusing import Found
from stmatte.settings import Settings
from stmatte.store import RamStore, open_store

CORRECTIONS = (0, 1, 2, 3, 5)
HALFWAYS = (1, 2, 4, 8, 16, 32)
Numbers = NDArray[np.float64]


def hesitation(found: Found) -> Numbers:
    """How near the fused probability is to one half."""
    return np.asarray(1 - (2 * found.plane - 1).abs(), np.float64)


def largest(found: Found) -> Numbers:
    """The larger of hesitation and disagreement, wherever the passes come from."""
    return np.maximum(hesitation(found), np.asarray(found.disagree, np.float64))


MAPS: dict[str, Callable[[Found], Numbers]] = {
    "hesitation of the fused matte": hesitation,
    "or disagreement, if larger": largest,
    "or disagreement by what it matters": lambda found: np.asarray(uncertainty(found), np.float64),
}


def beside(doubtful: Numbers, found: Found) -> float:
    """The doubtful area over itself and what is there."""
    total = float(doubtful.sum())
    return total / (total + float(found.plane.sum())) if total else 0.0


FRAMES: dict[str, Callable[[Found, float], float]] = {
    "hesitation of the fused matte": lambda f, _: beside(hesitation(f), f),
    "disagreement of the passes": lambda f, _: beside(np.asarray(f.disagree, np.float64), f),
    "the larger of both, pixel by pixel": lambda f, _: beside(largest(f), f),
    "doubt": lambda f, _: doubt(f),
    "small area": lambda f, _: -area(f),
    "distance to the keys": lambda _, far: far,
    "score: doubt and distance": lambda f, far: expected_error(doubt(f), far),
}


def ranks(numbers: list[float]) -> Numbers:
    """Return ranks; equal numbers share theirs."""
    values = np.asarray(numbers)
    return np.asarray([(values < v).sum() + ((values == v).sum() - 1) / 2 for v in values])


def spearman(one: list[float], other: list[float]) -> float:
    """Return the rank correlation; NaN if one of both is all alike."""
    a, b = ranks(one), ranks(other)
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) and np.ptp(b) else float("nan")


def average_precision(doubtful: Numbers, wrong: NDArray[np.bool_]) -> float:
    """Return how pure the most doubtful pixels are, averaged over the wrong ones."""
    order = np.argsort(-doubtful, axis=None, kind="stable")
    hits = wrong.ravel()[order]
    return float((np.cumsum(hits) / np.arange(1, hits.size + 1))[hits].mean())


def main() -> int:
    """Measure, and print three tables."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "davis_dev"
    parser = argparse.ArgumentParser(description="Doubt against the true error.")
    parser.add_argument("--data", type=Path, default=folder)
    parser.add_argument("--sequences", default="all")
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    if not asked.data.is_dir():
        print(f"skipped: no {asked.data}")
        return 0
    network = load_network(Settings.model, "cpu")
    store = RamStore() if asked.store is None else open_store(asked.store)
    correlations: dict[tuple[str, int], list[float]] = defaultdict(list)
    precisions: dict[tuple[str, int], list[float]] = defaultdict(list)
    errors: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for sequence in open_davis(asked.data).sequences(asked.sequences):
        bench = Bench(sequence, network, store, asked.height)
        for k in CORRECTIONS:
            keys = evenly(range(len(sequence)), k)
            bench.play(keys)
            planned = bench.planned(keys)
            plan = planned.plan.object(OBJECT)
            told: dict[str, list[float]] = defaultdict(list)
            for span in plan.spans:
                for frame in span.frames:
                    found = found_in_store(planned, store, plan, frame)
                    if found is None:
                        continue
                    truth = to_working(bench.truths[frame], planned.size) >= 0.5
                    inside = found.plane.numpy() >= 0.5
                    far = distance(span, frame)
                    told["error"].append(1 - jaccard(inside, truth))
                    errors[sequence.name, frame].append((far, told["error"][-1]))
                    for name, number in FRAMES.items():
                        told[name].append(number(found, far))
                    wrong = inside != truth
                    if frame % 3 == 0 and wrong.any():
                        for name, shown in MAPS.items():
                            precisions[name, k].append(average_precision(shown(found), wrong))
            for name in FRAMES:
                correlations[name, k].append(spearman(told[name], told["error"]))
        print(f"{sequence.name} is done", file=sys.stderr, flush=True)
    table("Spearman's correlation with 1 - J", FRAMES, correlations)
    table("Average precision for wrong pixels", MAPS, precisions)
    law(errors)
    return 0


def table(
    title: str, names: dict[str, Callable[..., object]], found: dict[tuple[str, int], list[float]]
) -> None:
    """Print a row a name: the mean for every number of corrections, and over all."""
    print(f"\n| {title} | " + " | ".join(f"k = {k}" for k in CORRECTIONS) + " | all |")
    print("| --- |" + " ---: |" * (len(CORRECTIONS) + 1))
    for name in names:
        columns = [_mean(found[name, k]) for k in CORRECTIONS]
        columns.append(_mean([number for k in CORRECTIONS for number in found[name, k]]))
        print(f"| {name} | " + " | ".join(f"{number:.2f}" for number in columns) + " |")


def law(errors: dict[tuple[str, int], list[tuple[float, float]]]) -> None:
    """Print how much of the error's change within frames d / (d + h) explains, for every h."""
    for h in HALFWAYS:
        x, y, mean = [], [], []
        for pairs in errors.values():
            far, wrong = np.asarray(pairs).T
            size = wrong.mean()
            added = far / (far + h)
            x += list(size * (added - added.mean()))
            y += list(wrong - size)
            mean.append(added.mean())
        slope = float(np.dot(x, y) / np.dot(x, x))
        rest = np.asarray(y) - slope * np.asarray(x)
        explained = 1 - float(np.dot(rest, rest) / np.dot(y, y))
        at_a_key = (1 - slope * float(np.mean(mean))) / slope
        print(f"h = {h:2}: R2 {explained:.2f}, at a key {at_a_key:.2f}")


def _mean(numbers: list[float]) -> float:
    known = [number for number in numbers if not np.isnan(number)]
    return float(np.mean(known)) if known else float("nan")


if __name__ == "__main__":
    sys.exit(main())
