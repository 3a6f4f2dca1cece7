# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Does a long shot drift, and what does memory cost: DAVIS played back and forth to 300 frames.

    python tests/benchmarks/long_shots.py [--data ../shared/data/davis_dev] [--frames 300]
        [--height 240] [--sequences dance-jump,flamingo] [--model stmatte-s]
        [--memory 20,8,all,first] [--out DIR]

One key on the first frame and nothing more; one pass forward, as a shot with one key is made.
Every sequence is a row for each rule of memory: a number is how many own results stay at most
(the engine's default is 20, one in five of them), "all" lets them all stay, "first" keeps the
key and what the network reads of the latest frames. A pass is once through the sequence,
there or back; J of a pass is the mean over the frames that every pass has, so that the first and
the last can be compared: their difference is the drift. Each row is made in a process of its own,
so that peaks of memory can be compared; told is what is above a start with the network loaded.

With --out, `long_shots.csv` has J of every frame, and `passes.csv` J of every pass.
Where the data is missing, it says so and ends. One thread, unless OMP_NUM_THREADS says more.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

MB = 1e6


@dataclass(frozen=True)
class Played:
    """One sequence under one rule of memory.

    scores   J of every frame that was played, the keyed first one included
    seconds  that each took, reading of pictures left out
    frames   most memory frames that were read at once
    bank     bytes of them
    peak     bytes of resident memory above a start with the network loaded
    """

    sequence: str
    memory: str
    length: int
    scores: tuple[float, ...]
    seconds: tuple[float, ...]
    frames: int
    bank: int
    peak: int

    @property
    def passes(self) -> list[float]:
        """J of every whole pass, over the frames that are neither the first nor the last."""
        return by_pass(self.scores, self.length)


def by_pass(numbers: Sequence[float], length: int) -> list[float]:
    """Return the means of a number over whole passes through a sequence of so many frames."""
    step, inner = length - 1, length - 2
    starts = range(1, len(numbers) - inner + 1, step)
    return [sum(numbers[start : start + inner]) / inner for start in starts]


def play(
    data: Path, name: str, memory: str, model: str, frames: int, height: int, kept: int = 5
) -> Played:
    """Play one sequence, in this process.

    kept  one own result in so many stays
    """
    import resource

    import cv2
    import numpy as np
    import psutil
    import torch
    from thinning import back_and_forth

    from stmatte.evaluation.davis import open_davis
    from stmatte.evaluation.metrics import jaccard
    from stmatte.images.geometry import working_size
    from stmatte.memory.bank import Bank
    from stmatte.networks.registry import load_network
    from stmatte.propagation.passes import KeyedMattes, Sight, run_pass

    (sequence,) = open_davis(data).sequences(f"{name},")
    network = load_network(model, "cpu")
    if memory == "first":
        policy = replace(network.policy, every=0)
    else:
        most = None if memory == "all" else int(memory)
        policy = replace(network.policy, every=kept, most=most)
    size = working_size(sequence.frame(0).shape[:2], height)[::-1]

    def small(picture: np.ndarray) -> np.ndarray:
        return cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)

    pictures = [small(sequence.frame(index)) / 255 for index in range(len(sequence))]
    truths = [small(truth) > 0.5 for truth in sequence.truths()]
    order = back_and_forth(len(sequence), frames)
    seen = {"frames": 0, "bytes": 0}
    segment = network.segment

    def watched(query: object, bank: Bank) -> torch.Tensor:
        tensors = [t for f in bank.frames for kind in (f.maps, f.objects) for t in kind.values()]
        sizes = {t.data_ptr(): t.numel() * t.element_size() for t in tensors}
        seen["frames"] = max(seen["frames"], len(bank.frames))
        seen["bytes"] = max(seen["bytes"], sum(sizes.values()))
        return segment(query, bank)

    network.segment = watched  # type: ignore[method-assign, assignment]

    def see(place: int) -> Sight:
        image = torch.from_numpy(pictures[order[place]]).permute(2, 0, 1)
        return Sight(image, network.encode_query(image))

    with torch.inference_mode():
        see(0)  # what a first look allocates for good is no memory of the shot
    start = psutil.Process().memory_info().rss
    keyed = {0: KeyedMattes(torch.from_numpy(truths[0].astype(np.float32))[None], (True,))}
    scores, seconds, began = [], [], time.perf_counter()
    for place, planes in run_pass(network, see, range(len(order)), keyed, 1, policy):
        seconds.append(time.perf_counter() - began)
        scores.append(jaccard((planes[1] > 0.5).numpy(), truths[order[place]]))
        began = time.perf_counter()
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Played(
        name,
        memory,
        len(sequence),
        tuple(scores),
        tuple(seconds),
        seen["frames"],
        seen["bytes"],
        peak - start,
    )


def played_apart(asked: argparse.Namespace, name: str, memory: str) -> Played:
    """Play one sequence in a process of its own."""
    words = [sys.executable, __file__, "--one", name, memory, "--data", str(asked.data)]
    words += ["--model", asked.model, "--frames", str(asked.frames), "--height", str(asked.height)]
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise SystemExit(ran.returncode)
    found = json.loads(ran.stdout.splitlines()[-1])
    return Played(**{**found, **{k: tuple(found[k]) for k in ("scores", "seconds")}})


def told(one: Played) -> str:
    """Return a row of the table."""
    passes, seconds = one.passes, by_pass(one.seconds, one.length)
    numbers = [passes[0], passes[-1], passes[-1] - passes[0], sum(one.scores) / len(one.scores)]
    cells = [one.sequence, one.memory, *(f"{number:.3f}" for number in numbers)]
    cells += [f"{seconds[0]:.2f}", f"{seconds[-1]:.2f}", str(one.frames)]
    return f"| {' | '.join([*cells, f'{one.bank / MB:.1f}', f'{one.peak / MB:.0f}'])} |"


def as_table(played: Sequence[Played]) -> str:
    """Return a row for each sequence and rule, and the means of each rule."""
    heads = ["sequence", "memory", "J first pass", "J last pass", "drift", "J all", "s a frame"]
    heads += ["at the end", "memory frames", "bank MB", "peak MB"]
    lines = [f"| {' | '.join(heads)} |", f"| --- | --- |{' ---: |' * (len(heads) - 2)}"]
    lines += [told(one) for one in played]
    for memory in dict.fromkeys(one.memory for one in played):
        rows = [one for one in played if one.memory == memory]
        firsts, lasts = ([one.passes[at] for one in rows] for at in (0, -1))
        first, last = sum(firsts) / len(rows), sum(lasts) / len(rows)
        whole = sum(sum(one.scores) / len(one.scores) for one in rows) / len(rows)
        lines.append(
            f"| mean | {memory} | {first:.3f} | {last:.3f} | {last - first:+.3f} | {whole:.3f} "
            "| | | | | |"
        )
    return "\n".join(lines)


def write_tables(played: Sequence[Played], out: Path) -> None:
    """Leave J of every frame, and of every pass."""
    out.mkdir(parents=True, exist_ok=True)
    for name, column in (("long_shots.csv", "frame"), ("passes.csv", "pass")):
        with (out / name).open("w", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["sequence", "memory", column, "J"])
            for one in played:
                scores = one.scores if column == "frame" else one.passes
                rows.writerows([one.sequence, one.memory, n, j] for n, j in enumerate(scores))


def main() -> int:
    """Play every sequence under every rule, and print what becomes of it."""
    beside = Path(__file__).parents[3] / "shared" / "data" / "davis_dev"
    parser = argparse.ArgumentParser(description="Drift and memory of long shots.")
    parser.add_argument("--data", type=Path, default=beside)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--sequences", default="dance-jump,flamingo")
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--memory", default="20,8,all,first")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not asked.data.is_dir():
        print(f"skipped: no {asked.data}")
        return 0
    if asked.one:
        one = play(asked.data, *asked.one, asked.model, asked.frames, asked.height)
        print(json.dumps(asdict(one)))
        return 0
    threads = os.environ.setdefault("OMP_NUM_THREADS", "1")
    print(f"{asked.model}, {asked.frames} frames, height {asked.height}, {threads} threads")
    played = []
    for name in asked.sequences.split(","):
        for memory in asked.memory.split(","):
            played.append(played_apart(asked, name, memory))
            print(told(played[-1]), file=sys.stderr, flush=True)
            if asked.out is not None:
                write_tables(played, asked.out)
    print(as_table(played))
    return 0


if __name__ == "__main__":
    sys.exit(main())
