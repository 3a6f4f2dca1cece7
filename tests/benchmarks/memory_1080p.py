# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""How much memory a 1080p shot takes: `stmatte propagate` in a process of its own, watched.

    python tests/benchmarks/memory_1080p.py [--model NAME] [--frames 60] [--limit 4]

A plate is made in a temporary folder: a textured disc that moves over another texture.
Printed are the peak of the memory that the process and its children held (resident set,
asked every 50 ms, and what the system itself says), frames a second, the machine and
the versions. The exit code is 1 if the peak is at the limit or above, 2 if the command
failed. Pace is told, not judged: it is not a timed test.
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
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import psutil
from textured import crossing, texture

SIZE = (1080, 1920)
RADIUS = 220
FIRST = 1001
BETWEEN_LOOKS = 0.05  # seconds
GB = 1e9
PACKAGES = ("stmatte", "torch", "numpy", "OpenImageIO", "opencv-python-headless")


def write_shot(folder: Path, frames: int) -> tuple[str, Path]:
    """Write the plate as JPEG and its key; return pattern and key."""
    ground, skin = texture(1, SIZE), texture(2, SIZE)[:, :, ::-1] // 2 + 120
    for frame in range(frames):
        matte = crossing(frame, frames, SIZE, RADIUS)
        shift = round(disc_step(frames) * frame)
        moved = np.roll(skin, shift, axis=1)
        shown = ground + matte[:, :, None] * (moved.astype(np.float32) - ground)
        path = folder / f"plate.{FIRST + frame}.jpg"
        if not cv2.imwrite(str(path), shown.astype(np.uint8)):
            raise SystemExit(f"cannot write {path}")
    key = folder / f"key.{FIRST}.png"
    cv2.imwrite(str(key), np.round(crossing(0, frames, SIZE, RADIUS) * 255).astype(np.uint8))
    return str(folder / "plate.####.jpg"), key


def disc_step(frames: int) -> float:
    """Return how many pixels the disc moves in a frame, so that its texture moves with it."""
    return (SIZE[1] - 2 * RADIUS) / max(1, frames - 1)


def resident(process: psutil.Process) -> int:
    """Return the bytes that a process and its children hold in memory now."""
    held = 0
    for each in (process, *process.children(recursive=True)):
        try:
            held += each.memory_info().rss
        except psutil.Error:  # noqa: PERF203  it ended while we looked
            continue
    return held


def watch(command: Sequence[str]) -> tuple[int, int, float]:
    """Run a command; return its exit code, the most bytes seen, and its frames a second."""
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(command, stdout=said)
        process, peak = psutil.Process(running.pid), 0
        while running.poll() is None:
            try:
                peak = max(peak, resident(process))
            except psutil.Error:
                break
            time.sleep(BETWEEN_LOOKS)
        code = running.wait()
        said.seek(0)
        events = [json.loads(line) for line in said]
    done = [event for event in events if event["event"] == "frame"]
    return code, peak, len(done) / max(done[-1]["seconds"], 1e-9) if done else 0.0


def told_by_the_system() -> int:
    """Return the peak of the largest child that has ended, in bytes; 0 where nobody counts it."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def main() -> int:
    """Make the shot, propagate it, and say what it took."""
    parser = argparse.ArgumentParser(description="Peak memory of a 1080p propagation.")
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--working-height", type=int, default=480)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--limit", type=float, default=4.0, help="in GB (10^9 bytes)")
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        plate, key = write_shot(folder, asked.frames)
        out = folder / "out"
        # fmt: off
        command = [
            sys.executable, "-m", "stmatte", "propagate", plate,
            "--frames", f"{FIRST}-{FIRST + asked.frames - 1}", "--key", f"{FIRST}={key}",
            "--object", "disc", "--out", str(out / "matte.####.exr"), "--model", asked.model,
            "--device", asked.device, "--working-height", str(asked.working_height),
            "--preview", str(folder / "preview"), "--progress", "json",
        ]
        # fmt: on
        code, seen, pace = watch(command)
        written = len(list(out.glob("*.exr"))) if out.is_dir() else 0
    if code or written != asked.frames:
        print(f"the command failed: exit code {code}, {written} mattes", file=sys.stderr)
        return 2
    peak = max(seen, told_by_the_system()) / GB
    memory = psutil.virtual_memory().total / GB
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    print(f"shot       {SIZE[1]}x{SIZE[0]}, {asked.frames} frames, one object, with previews")
    print(f"settings   {asked.model}, working height {asked.working_height}, {asked.device}")
    print(f"peak       {peak:.2f} GB (limit {asked.limit:g} GB)")
    print(f"pace       {pace:.2f} frames a second, reading and writing included")
    print(
        f"machine    {platform.platform()}, {platform.machine()}, {os.cpu_count()} cores,", end=" "
    )
    print(f"{threads} threads, {memory:.0f} GB")
    print(f"versions   Python {platform.python_version()}", end="")
    print("".join(f", {name} {version(name)}" for name in PACKAGES))
    return int(peak >= asked.limit)


if __name__ == "__main__":
    sys.exit(main())
