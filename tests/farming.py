# SPDX-License-Identifier: Apache-2.0
"""Shots for a farm: documents with plates and keys, and tasks that nobody has to compute.

from farming import mattes_in, task, write_document
"""

from __future__ import annotations

import json
from pathlib import Path

from shots import SIZE, soft_disc, write_grey, write_plate
from stmatte.farm.tasks import SpanTask
from stmatte.shot import FrameRange

GB = 10**9


def task(
    span: int,
    *,
    seconds: float | None = 4.0,
    stale: int = 9,
    memory: int | None = GB,
    device: str = "cpu",
    learns: int = 0,
    shot: str = "/jobs/sh010.json",
) -> SpanTask:
    """Return a task of nine frames."""
    frames = FrameRange(1000 + 10 * span, 1008 + 10 * span)
    return SpanTask(Path(shot), span, frames, stale, seconds, memory, device, learns=learns)


def write_document(
    folder: Path,
    name: str,
    *,
    frames: range = range(1001, 1013),
    keys: tuple[int, ...] = (1001, 1005, 1012),
    size: tuple[int, int] = SIZE,
    model: str = "label-propagation",
) -> Path:
    """Write a plate, keys and the document of a shot, all below one folder."""
    write_plate(folder / name, frames, f"{name}.{{:04d}}.png")
    for key in keys:
        write_grey(folder / f"keys/{name}.{key}.png", soft_disc(30 + 2 * (key % 20), size))
    document = {
        "format": "stmatte.shot/1",
        "plate": f"{name}/{name}.####.png",
        "keys": [
            {"frame": key, "object": "ball", "matte": {"path": f"keys/{name}.{key}.png"}}
            for key in keys
        ],
        "settings": {
            "model": model,
            "working_height": 64,
            "device": "cpu",
            "edges": "off",
        },
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


def mattes_in(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder and those below, by their place in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
