# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Whether a long shot takes more memory than a short one, and whether the forecast was right.

    python tests/benchmarks/memory_long.py [--frames 200,2000] [--size 256x448] [--keys 1]
        [--model NAME] [--memory-budget SIZE] [--working-height N] [--memory-frames N]

A plate is made in a temporary folder: a textured disc that moves over a texture that moves,
so that no two frames are alike. For each number of frames, `stmatte plan` says what it
expects and `stmatte propagate` runs in a process of its own, with a store on the disk.
Printed are the peak of its resident memory, that peak without what a process takes that
only loads the network, the forecast, and the pace. The first run's pace is what the
forecast of time for the later ones is made from.
The exit code is 1 if the longest took more than 1.10 times as much as the shortest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from textured import Size, disc, texture

FIRST = 1001
ALLOWED = 1.10
MB = 1e6
START = (
    "import stmatte.cli, stmatte.document, stmatte.pipeline\n"
    "from stmatte.networks.registry import load_network\n"
    "load_network({model!r}, 'cpu')"
)


def swinging(frame: int, size: Size) -> NDArray[np.float32]:
    """Return the disc's matte (H, W): it goes to and fro, 100 frames each way."""
    radius = size[0] / 5
    across = abs((frame / 100) % 2 - 1)
    return disc(size, radius + (size[1] - 2 * radius) * across, radius)


def write_shot(folder: Path, frames: int, size: Size, keys: int, settings: object) -> Path:
    """Write a plate as JPEG, its keys, and its document; return the document."""
    ground, skin = texture(1, (size[0], size[1] + 256)), texture(2, size)[:, :, ::-1] // 2 + 120
    (folder / "plate").mkdir()
    for frame in range(frames):
        matte = swinging(frame, size)[:, :, None]
        behind = np.roll(ground, -(frame % 2048), axis=1)[:, : size[1]]
        shown = behind + matte * (skin.astype(np.float32) - behind)
        shown[:8, :8] = (frame % 256, 40 * (frame // 256), frames % 256)  # alike no other frame
        path = folder / "plate" / f"plate.{FIRST + frame}.jpg"
        if not cv2.imwrite(str(path), shown.astype(np.uint8)):
            raise SystemExit(f"cannot write {path}")
    keyed = sorted({round(i * (frames - 1) / max(1, keys - 1)) for i in range(keys)})
    for frame in keyed:
        path = folder / f"key.{FIRST + frame}.png"
        cv2.imwrite(str(path), np.round(swinging(frame, size) * 255).astype(np.uint8))
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.jpg",
        "keys": [
            {"frame": FIRST + f, "object": "disc", "matte": {"path": f"key.{FIRST + f}.png"}}
            for f in keyed
        ],
        "settings": settings,
    }
    shot = folder / "shot.json"
    shot.write_text(json.dumps(document))
    return shot


@dataclass(frozen=True)
class Ran:
    """How a process went: what it printed, its peak of resident bytes, and its seconds."""

    out: str
    peak: int
    seconds: float


def run(*command: object) -> Ran:
    """Run a Python process to its end, alone."""
    with tempfile.TemporaryFile("w+") as out:
        began = time.monotonic()
        child = subprocess.Popen([sys.executable, *map(str, command)], stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        out.seek(0)
        said = out.read()
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(f"exit code {code}: {' '.join(map(str, command))}\n{said}")
    return Ran(said, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), seconds)


def measure(shot: Path, store: Path, more: Sequence[str]) -> tuple[Ran, dict[str, object]]:
    """Propagate a shot; return how that went and what was expected."""
    folder = shot.parent
    expected = run("-m", "stmatte", "plan", shot, "--store", store, "--json", *more)
    went = run(
        "-m", "stmatte", "propagate", shot, "--store", store, "--device", "cpu",
        "--out", folder / "out" / "matte.####.exr", "--progress", "log", *more,
    )  # fmt: skip
    forecast = json.loads(expected.out)["forecast"]
    written = len(list((folder / "out").glob("*.exr")))
    if written != forecast["frames"] + len(list(folder.glob("key.*.png"))):
        raise SystemExit(f"{written} mattes were written, {forecast['frames']} were stale")
    return went, forecast


def main() -> int:
    """Measure every length, and say how they compare."""
    parser = argparse.ArgumentParser(description="Peak memory of long shots.")
    parser.add_argument("--frames", default="200,2000")
    parser.add_argument("--size", default="256x448", help="height x width of the plate")
    parser.add_argument("--keys", type=int, default=1)
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--working-height", type=int, default=480)
    parser.add_argument("--memory-frames", type=int, default=20)
    parser.add_argument("--memory-budget")
    asked = parser.parse_args()
    height, width = map(int, asked.size.split("x"))
    settings = {
        "model": asked.model,
        "device": "cpu",
        "working_height": asked.working_height,
        "memory_frames": asked.memory_frames,
    }
    more = ["--memory-budget", asked.memory_budget] if asked.memory_budget else []
    start = run("-c", START.format(model=asked.model)).peak
    print(f"{platform.machine()}, {os.environ.get('OMP_NUM_THREADS', 'all')} threads;", end=" ")
    print(
        f"{asked.model}, plate {asked.size}, {asked.keys} keys; a plain start {start / MB:.0f} MB"
    )
    print("frames   peak MB  above start  forecast  error   seconds  forecast")
    peaks = []
    with tempfile.TemporaryDirectory() as place:
        for frames in map(int, asked.frames.split(",")):
            folder = Path(place) / str(frames)
            folder.mkdir()
            shot = write_shot(folder, frames, (height, width), asked.keys, settings)
            went, forecast = measure(shot, Path(place) / "store", more)
            peaks.append(went.peak)
            above, told = went.peak - start, forecast["bytes"] or 0
            expected = forecast["seconds"]
            print(
                f"{frames:6} {went.peak / MB:9.0f} {above / MB:12.0f} {told / MB:9.0f}"
                f" {told / above - 1:+6.0%} {went.seconds:9.0f}"
                f" {'none' if expected is None else round(expected):>9}",
                flush=True,
            )
    ratio = peaks[-1] / peaks[0]
    print(f"longest to shortest: {ratio:.3f} (allowed {ALLOWED})")
    return int(ratio > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
