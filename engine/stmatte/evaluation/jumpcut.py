# SPDX-License-Identifier: Apache-2.0
"""JumpCut: how far a mask can be carried, 8, 16 or 32 frames from a true one.

From key frames 0, 16, ... 96 the true mask is carried forward; what is wrong d frames on counts,
in percent of the true object's area, so it may exceed 100. No public code was found.
Source: Fan et al., "JumpCut: Non-Successive Mask Transfer and Interpolation for Video Cutout",
SIGGRAPH Asia 2015; the numbers of networks follow RGMP's paper.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.pictures import read_mask
from stmatte.evaluation.running import Tell, make_masks, mask_paths
from stmatte.evaluation.tasks import LabelMethod, Task
from stmatte.evaluation.writing import write_whole

DISTANCES = (8, 16, 32)
KEYS = range(0, 97, 16)


@dataclass(frozen=True)
class Carried:
    """One mask that was carried.

    key       index of the frame on which it was true
    distance  frames on
    error     percent: wrong pixels of the true object's
    """

    video: str
    key: int
    distance: int
    error: float


def evaluate_jumpcut(
    videos: Sequence[DavisSequence],
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    distances: Sequence[int] = DISTANCES,
    progress: Tell = lambda _: None,
) -> tuple[Carried, ...]:
    """Return the errors of all masks that were carried, and leave masks in a folder.

    Each key is carried once, to the farthest distance that its video has; the nearer ones are
    read on the way. Where the truth is empty nothing is judged.

    Raises StmatteError as `running.make_masks` does, or if no video is long enough.
    """
    carried = []
    tasks = [_task(video, key, max(distances)) for video in videos for key in _keys(video)]
    if not tasks:
        raise StmatteError(
            "No video is long enough", allowed=f"{min(distances) + 1} frames or more"
        )
    make_masks(tasks, method, out, label=label, progress=progress)
    for task in tasks:
        video, _, key = task.name.rpartition("_from_")
        masks = mask_paths(task, out)
        for distance in distances:
            if distance < len(masks):
                error = _error(read_mask(masks[distance]), read_mask(task.truths[distance]))
                if error is not None:
                    carried.append(Carried(video, int(key), distance, error))
    write_errors(carried, out)
    return tuple(carried)


def errors_by_distance(carried: Sequence[Carried]) -> dict[int, dict[str, float]]:
    """Return distance -> video -> its mean error, and "mean" of the videos, in percent."""
    found: dict[int, dict[str, float]] = {}
    for distance in sorted({each.distance for each in carried}):
        here = [each for each in carried if each.distance == distance]
        videos = list(dict.fromkeys(each.video for each in here))
        means = {v: float(np.mean([e.error for e in here if e.video == v])) for v in videos}
        found[distance] = {**means, "mean": float(np.mean(list(means.values())))}
    return found


def as_markdown(errors: Mapping[int, Mapping[str, float]]) -> str:
    """Return a table, a row a video, a column a distance."""
    names = list(dict.fromkeys(name for by_video in errors.values() for name in by_video))
    names = [*(name for name in names if name != "mean"), "mean"]
    lines = [
        "| " + " | ".join(["JumpCut, error in %", *(f"d = {d}" for d in errors)]) + " |",
        "| " + " | ".join(["---", *["---:"] * len(errors)]) + " |",
    ]
    for name in names:
        cells = [f"{by[name]:.2f}" if name in by else "" for by in errors.values()]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines) + "\n"


def write_errors(carried: Sequence[Carried], folder: Path) -> None:
    """Leave `scores.csv`, a line for each carried mask, and `scores.md` in a folder."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("video", "key", "distance", "error"))
    writer.writerows((e.video, e.key, e.distance, e.error) for e in carried)
    write_whole(folder / "scores.csv", text.getvalue().encode())
    write_whole(folder / "scores.md", as_markdown(errors_by_distance(carried)).encode())


def _keys(video: DavisSequence) -> list[int]:
    return [key for key in KEYS if key + 1 < len(video)]


def _task(video: DavisSequence, key: int, farthest: int) -> Task:
    cut = slice(key, key + farthest + 1)
    truths = dict(enumerate(video.annotations[cut]))
    return Task(
        f"{video.name}_from_{key}", video.pictures[cut], {0: truths[0]}, truths, binary=True
    )


def _error(ours: np.ndarray, true: np.ndarray) -> float | None:
    area = int(np.count_nonzero(true))
    return 100.0 * int(np.count_nonzero(ours != true)) / area if area else None
