# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What a second pass, and a wider reach, are worth between keys.

    python tests/benchmarks/reach.py DAVIS [SEQUENCE ...] [--every 16] [--model NAME]

DAVIS is a folder as `stmatte evaluate davis16` takes it. The true mask is keyed every so many
frames and on the last one; J is the mean over the frames between. Printed for each way:

    one key     one pass from the key before, which hears nothing else
    both keys   one pass from the key before, which holds the key after in memory, too
    apart       a pass from either side that hears its own key, fused
    reach 1     a pass from either side, both hear both keys, fused: what STMatte does
    reach 2     the same with two keys on either side
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from stmatte.evaluation.davis import DavisSequence, open_davis
from stmatte.evaluation.metrics import jaccard
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network
from stmatte.plan.said import say
from stmatte.plan.spans import Pass, Span, cut_spans
from stmatte.propagation.fusing import fuse
from stmatte.propagation.passes import KeyedMattes, See, run_pass
from stmatte.propagation.sights import Sights

INSIDE = 0.5
Way = Callable[[Span, Callable[[Pass], dict[int, Tensor]]], dict[int, Tensor]]


def keyed_frames(frames: int, every: int) -> list[int]:
    """Return the frames to key: 0, every, 2 * every, ... and the last one."""
    return sorted({*range(0, frames - every // 2, every), frames - 1})


def one_key(span: Span, walk: Callable[[Pass], dict[int, Tensor]]) -> dict[int, Tensor]:
    return walk(replace(_ahead(span), heard=()))


def both_keys(span: Span, walk: Callable[[Pass], dict[int, Tensor]]) -> dict[int, Tensor]:
    return walk(_ahead(span))


def apart(span: Span, walk: Callable[[Pass], dict[int, Tensor]]) -> dict[int, Tensor]:
    return _fused(span, walk(replace(_ahead(span), heard=())), walk(replace(_back(span), heard=())))


def fused(span: Span, walk: Callable[[Pass], dict[int, Tensor]]) -> dict[int, Tensor]:
    return _fused(span, walk(_ahead(span)), walk(_back(span)))


WAYS: dict[str, tuple[int, Way]] = {
    "one key": (1, one_key),
    "both keys": (1, both_keys),
    "apart": (1, apart),
    "reach 1": (1, fused),
    "reach 2": (2, fused),
}


def _fused(span: Span, ahead: dict[int, Tensor], back: dict[int, Tensor]) -> dict[int, Tensor]:
    return {f: fuse(ahead[f], back[f], span.forward_share(f)).plane for f in span.frames}


def _ahead(span: Span) -> Pass:
    assert span.forward is not None
    return span.forward


def _back(span: Span) -> Pass:
    assert span.backward is not None
    return span.backward


def measured(network: Network, sequence: DavisSequence, every: int) -> dict[str, float]:
    """Return the mean J of every way over the frames between keys."""
    pictures = [torch.from_numpy(p).permute(2, 0, 1).float() / 255 for p in sequence.frames()]
    truth = [sequence.truth(index) for index in range(len(pictures))]
    keys = keyed_frames(len(pictures), every)
    keyed = {
        key: KeyedMattes(torch.from_numpy(truth[key].astype(np.float32))[None], (True,))
        for key in keys
    }
    see = _cached(network, pictures)

    def walk(way: Pass) -> dict[int, Tensor]:
        places = (way.start, *way.frames)
        passed = run_pass(network, see, places, keyed, 1, heard=way.heard)
        return {place: planes[1].clamp(0, 1) for place, planes in passed}

    scores: dict[str, float] = {}
    said = say(dict.fromkeys(keys, "key"))
    for name, (reach, way) in WAYS.items():
        found: list[float] = []
        for span in cut_spans(range(len(pictures)), said, reach=reach):
            planes = way(span, walk)
            found += [jaccard((planes[f] > INSIDE).numpy(), truth[f]) for f in span.frames]
        scores[name] = float(np.mean(found))
    return scores


def _cached(network: Network, pictures: list[Tensor]) -> See:
    sights = Sights(network, budget=2**33)
    return lambda place: sights.held(str(place)) or sights.see(str(place), pictures[place])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A second pass, and a wider reach.")
    parser.add_argument("davis", type=Path)
    parser.add_argument("sequences", nargs="*")
    parser.add_argument("--every", type=int, default=16)
    parser.add_argument("--model", default="stmatte-s")
    options = parser.parse_args(arguments)
    network = load_network(options.model, "cpu")
    split = ",".join(options.sequences) or "all"
    table: dict[str, list[float]] = {name: [] for name in WAYS}
    for sequence in open_davis(options.davis).sequences(split):
        with torch.inference_mode():
            scores = measured(network, sequence, options.every)
        for name, score in scores.items():
            table[name].append(score)
        words = ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
        print(f"{sequence.name}: {words}", flush=True)
    print({name: round(float(np.mean(scores)), 4) for name, scores in table.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
