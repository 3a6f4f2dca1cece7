# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What one correction costs, beside the whole shot from scratch.

    python tests/benchmarks/correction.py [--model NAME] [--runs 3] [--frames 100] [--every 20]

A plate of 480 lines is made in a temporary folder: a textured disc that moves over another
texture, with a key every so many frames. In one process, with the network loaded, every
run propagates the shot into an empty store and an empty folder; then a key in the middle of
the shot's middle span is added and the shot is propagated again, then the key is taken
away again. Printed are the medians, their ratios, and how many files were written in each.
The exit code is 1 if a file beyond the correction's reach was touched.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from textured import crossing, texture

from stmatte.output import Output
from stmatte.pipeline.desk import Desk
from stmatte.pipeline.open_shot import OpenShot
from stmatte.settings import Settings
from stmatte.store import DiskStore

SIZE = (480, 854)
RADIUS = 90
FIRST = 1001


def write_shot(folder: Path, frames: int) -> None:
    """Write the plate as JPEG, and the disc's matte of every frame as PNG."""
    behind, front = texture(1, SIZE), texture(2, SIZE)[:, :, ::-1]
    for index in range(frames):
        matte = crossing(index, frames, SIZE, RADIUS)
        picture = behind * (1 - matte[:, :, None]) + front * matte[:, :, None]
        number = FIRST + index
        cv2.imwrite(str(folder / f"plate.{number}.jpg"), picture.astype(np.uint8))
        cv2.imwrite(str(folder / f"key.{number}.png"), np.round(matte * 255).astype(np.uint8))


def document(keys: Sequence[int], model: str) -> dict[str, object]:
    """Return a shot with these keyed frames."""
    return {
        "format": "stmatte.shot/1",
        "plate": "plate.####.jpg",
        "keys": [
            {"frame": frame, "object": "disc", "matte": {"path": f"key.{frame}.png"}}
            for frame in keys
        ],
        "settings": {"model": model},
    }


def timed(shot: OpenShot) -> tuple[float, set[int]]:
    """Deliver a shot; return the seconds, and the frames whose file was written."""
    began = time.perf_counter()
    delivery = shot.deliver(None, None, lambda: False, lambda _: None)
    return time.perf_counter() - began, set(delivery.mattes) - set(delivery.fresh)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description="What one correction costs.")
    parser.add_argument("--model", default="stmatte-s")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--every", type=int, default=20)
    options = parser.parse_args(arguments)

    keys = list(range(FIRST, FIRST + options.frames, options.every))
    if keys[-1] != FIRST + options.frames - 1:
        keys.append(FIRST + options.frames - 1)
    middle = len(keys) // 2
    corrected = (keys[middle - 1] + keys[middle]) // 2
    reached = set(range(keys[middle - 1] + 1, keys[middle]))
    seconds: dict[str, list[float]] = {"scratch": [], "correction": [], "undo": []}
    touched_more = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_shot(folder, options.frames)
        time.sleep(2.5)  # a file that was written a moment ago is read again to be sure
        for run in range(options.runs):
            desk = Desk(DiskStore(folder / f"store{run}", 10**10))
            desk.loaded.network(Settings(options.model))
            out = f"out{run}/matte.####.exr"
            shot = desk.open(document(keys, options.model), folder, Output(out, uncertainty=True))
            spent, whole = timed(shot)
            seconds["scratch"].append(spent)
            more = shot.changed(document(sorted([*keys, corrected]), options.model))
            spent, written = timed(more)
            seconds["correction"].append(spent)
            touched_more |= written != reached
            spent, undone = timed(more.changed(document(keys, options.model)))
            seconds["undo"].append(spent)
            touched_more |= undone != reached
            print(
                f"run {run + 1}: scratch {seconds['scratch'][-1]:.1f} s ({len(whole)} files), "
                f"correction {seconds['correction'][-1]:.1f} s ({len(written)} files), "
                f"undo {seconds['undo'][-1]:.2f} s ({len(undone)} files)",
                flush=True,
            )
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    print(
        json.dumps(
            {
                "frames": options.frames,
                "keys": keys,
                "corrected": corrected,
                "model": options.model,
                "medians": {name: round(value, 2) for name, value in medians.items()},
                "correction_to_scratch": round(medians["correction"] / medians["scratch"], 3),
                "undo_to_scratch": round(medians["undo"] / medians["scratch"], 4),
                "beyond_reach_untouched": not touched_more,
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
                "machine": platform.platform(),
            }
        )
    )
    return 1 if touched_more else 0


if __name__ == "__main__":
    sys.exit(main())
