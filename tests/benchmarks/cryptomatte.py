# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How long a Cryptomatte of one frame takes: to rank, and to write.

    python tests/benchmarks/cryptomatte.py [--size 1920x1080] [--objects 4] [--soft 8] [--times 15]

Large discs lie over each other, each with an edge so many pixels soft; coverage is that of
`over`, as in a picture. Printed are the median and the quartiles of wall time, the time of
all cores together, how many pixels had to be sorted, and how busy the machine was.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.images.cryptomatte import ranked, write_cryptomatte

Mattes = dict[str, NDArray[np.float32]]


def discs(size: tuple[int, int], count: int, soft: float) -> Mattes:
    """Return `count` mattes (H, W) on a ring, the first in front; together they are 1 at most."""
    height, width = size
    rows, columns = np.ogrid[:height, :width]
    left = np.ones(size, np.float32)
    mattes: Mattes = {}
    for index in range(count):
        turn = 2 * np.pi * index / count
        x, y = width / 2 + height / 3 * np.cos(turn), height / 2 + height / 6 * np.sin(turn)
        far = np.hypot(rows - y, columns - x)
        disc = np.clip((height / 4 - far) / soft + 0.5, 0, 1).astype(np.float32)
        mattes[f"object{index + 1}"] = disc * left
        left = left * (1 - disc)
    return mattes


def timed(work: Callable[[], object], times: int) -> str:
    """Return how long a run takes, after one that does not count: on the wall, and of all cores."""
    work()
    wall, busy = [], []
    for _ in range(times):
        began, used = time.perf_counter(), time.process_time()
        work()
        wall.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - used))
    low, middle, high = np.percentile(wall, [25, 50, 75])
    return f"median {middle:.0f} ms ({low:.0f}-{high:.0f}), {np.median(busy):.0f} ms of processor"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A Cryptomatte of one frame.")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--objects", type=int, default=4)
    parser.add_argument("--soft", type=float, default=8)
    parser.add_argument("--times", type=int, default=15)
    options = parser.parse_args(arguments)
    width, height = (int(number) for number in options.size.split("x"))
    mattes = discs((height, width), options.objects, options.soft)
    several = np.mean(sum((m > 0).astype(int) for m in mattes.values()) > 1)
    print(f"{options.objects} objects at {options.size}, {several:.1%} of pixels have several")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crypto.1001.exr"
        print("rank          ", timed(lambda: ranked(mattes), options.times), flush=True)
        whole = timed(lambda: write_cryptomatte(path, mattes), options.times)
        print("rank and write", whole, f"{path.stat().st_size / 1e6:.2f} MB", flush=True)
    if hasattr(os, "getloadavg"):
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
