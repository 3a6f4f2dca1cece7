# SPDX-License-Identifier: Apache-2.0
"""How soon an engine is ready, and how soon it has the first frame that was asked for.

    PYTHONPATH=tests python tests/benchmarks/serving.py [--model NAME] [--frames 8] [--runs 3]

`stmatte serve` is started in a process of its own, as a host starts it. It is timed from the
start to the answer to `initialize`, and to the network's being loaded for a first shot. Then
shots of 480 lines, of one object keyed on its first frame, are opened one after the other in
the warm engine, each unlike the others, and timed from `job/start` to the first frame that
the network made. Printed are medians, and that time in times of a frame: the median of what
lies between the later frames of the same job.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import click
import cv2
from correction import FIRST, document, write_shot

from talking import Talk


def engine(folder: Path) -> subprocess.Popen[bytes]:
    """Start an engine with a store of its own."""
    words = [sys.executable, "-m", "stmatte", "serve", "--store", str(folder / "store")]
    return subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def plate(folder: Path, frames: int, turned: int) -> Path:
    """Write a shot that no other one is like: its plate is made darker by so many steps."""
    folder.mkdir()
    write_shot(folder, frames)
    for picture in folder.glob("plate.*.jpg"):
        cv2.imwrite(str(picture), cv2.imread(str(picture)) // 8 * 7 + turned)
    return folder


def timed(talk: Talk, shot: str) -> tuple[float, float, float]:
    """Have a shot made; return the seconds to its key, to its first frame, and of a later one."""
    began = time.perf_counter()
    talk.ask("job/start", shot=shot)
    there = []
    while len(there) == 0 or there[-1][1] < there[-1][2]:
        told = talk.notice("job/progress")
        there.append((time.perf_counter() - began, told["done"], told["frames"]))
    talk.notice("job/done")
    at = [seconds for seconds, _, _ in there]
    later = [second - first for first, second in pairwise(at[1:])]
    return at[0], at[1], statistics.median(later)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="How soon an engine has the first frame.")
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = [plate(folder / f"{run}", asked.frames, run) for run in range(asked.runs + 1)]
        time.sleep(2.5)  # a file that was written a moment ago is read again to be sure
        began = time.perf_counter()
        process = engine(folder)
        assert process.stdin is not None
        assert process.stdout is not None
        talk = Talk(process.stdin, process.stdout)
        talk.ask("initialize", protocol=1)
        ready = time.perf_counter() - began
        found = []
        for run, base in enumerate(shots):
            words = {
                **document([FIRST], asked.model),
                "frames": f"{FIRST}-{FIRST + asked.frames - 1}",
            }
            opened = talk.ask("shot/open", document=words, base=str(base), out="m.####.exr")
            if run == 0:
                loaded = time.perf_counter() - began
            key, first, frame = timed(talk, opened["shot"])
            found.append((key, first, frame))
            which = "cold" if run == 0 else "warm"
            click.echo(
                f"{which}: key told after {key:.2f} s, first frame after {first:.2f} s, "
                f"then one every {frame:.2f} s: {first / frame:.2f} frame times"
            )
        talk.ask("shutdown")
        process.wait(30)
    click.echo(f"ready after {ready:.2f} s, with the network for a shot after {loaded:.2f} s")
    warm = [first / frame for _, first, frame in found[1:]]
    click.echo(f"first frame of a warm engine: {statistics.median(warm):.2f} frame times")


if __name__ == "__main__":
    main()
