# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""What editable splines cost and keep: points, keys and IoU against a contour for each frame.

    python tests/benchmarks/outlines.py [--davis DAVIS] [--only flamingo,tennis] [--frames 16]
                                        [--mattes MATTES --object NAME --plate PLATE]
                                        [--tolerance 1] [--sheet FOLDER]

The true mattes of DAVIS (for measuring only), or mattes on disk, are outlined. Beside it stands a
plain outline of each frame by itself to the same tolerance: every point of every frame is then
new. Numbers to be edited are points times keys; `share` is how many of the plain one's are left.
IoU is that of pixels at 0.5, worst in brackets. `--sheet` draws splines and points on the plates.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.images.sequences import expand
from stmatte.outlines import Outline, filled, outline
from stmatte.pipeline.outlining import outlining

Frames = Sequence[tuple[int, NDArray[Any]]]


def davis(root: Path, name: str, count: int) -> Frames:
    """Return the first frames of a sequence's true mattes."""
    files = sorted((root / "Annotations" / name).glob("*.png"))[:count]
    read = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in files]
    return [
        (int(path.stem), (plane.reshape(*plane.shape[:2], -1).max(axis=2) > 0).astype(np.float32))
        for path, plane in zip(files, read, strict=True)
    ]


def iou(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return intersection over union at 0.5; 1 where both are empty."""
    a, b = one >= 0.5, other >= 0.5
    union = int(np.count_nonzero(a | b))
    return int(np.count_nonzero(a & b)) / union if union else 1.0


def measure(name: str, frames: Frames, tolerance: float) -> Outline:
    """Print a row of the table."""
    begun = time.monotonic()
    found = outline(frames, tolerance)
    seconds = time.monotonic() - begun
    plain = [outline([one], tolerance) for one in frames if one[1].max() >= 0.5]
    numbers = sum(
        spline.points * sum(spline.first <= key <= spline.last for key in found.keys)
        for spline in found.splines
    )
    alone = sum(spline.points for one in plain for spline in one.splines)
    scores = [iou(filled(found.loops(frame), found.size, 4), matte) for frame, matte in frames]
    points = [sum(s.points for s in found.splines if s.first <= f <= s.last) for f, _ in frames]
    print(
        f"| {name} | {tolerance:g} | {len(frames)} | {len(found.splines)} | {np.mean(points):.0f} "
        f"| {len(found.keys)} | {numbers} | {alone} | {100 * numbers / alone:.0f} % "
        f"| {100 * np.mean(scores):.2f} ({100 * min(scores):.2f}) | {max(found.errors):.2f} "
        f"| {seconds:.0f} |",
        flush=True,
    )
    return found


def draw(found: Outline, frame: int, picture: NDArray[Any], path: Path) -> None:
    """Draw the splines and points of a frame over a plate, twice as large."""
    large = cv2.resize(picture, None, fx=2, fy=2)
    for spline in found.splines:
        if not spline.first <= frame <= spline.last:
            continue
        pose = found.pose(spline, frame)
        for point, before, after in np.round(pose * 2).astype(int):
            cv2.line(large, before.tolist(), after.tolist(), (255, 160, 0), 1, cv2.LINE_AA)
            cv2.circle(large, point.tolist(), 3, (0, 255, 255), -1, cv2.LINE_AA)
    for loop in found.loops(frame):
        cv2.polylines(large, [np.round(loop * 2).astype(np.int32)], True, (60, 60, 255), 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), large)


def main() -> None:
    """Read the arguments and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--davis", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--frames", type=int, default=16)
    parser.add_argument("--mattes", default="")
    parser.add_argument("--plate", default="")
    parser.add_argument("--object", default="")
    parser.add_argument("--tolerance", type=float, default=1.0)
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    print("| | px | frames | splines | points | keys | to edit | plain | share | IoU | worst | s |")
    print("| --- |" + " ---: |" * 11)
    if asked.davis:
        wanted = set(asked.only.split(",")) - {""}
        for folder in sorted((asked.davis / "Annotations").iterdir()):
            if wanted and folder.name not in wanted:
                continue
            frames = davis(asked.davis, folder.name, asked.frames)
            found = measure(folder.name, frames, asked.tolerance)
            for frame, _ in frames[:: max(1, len(frames) // 3)] if asked.sheet else ():
                plate = asked.davis / "JPEGImages" / folder.name / f"{frame:05d}.jpg"
                place = asked.sheet / f"{folder.name}_{asked.tolerance:g}_{frame:04d}.png"
                draw(found, frame, cv2.imread(str(plate)), place)
    if asked.mattes:
        work = outlining(asked.mattes, asked.object, Path("none.json"))
        frames = list(work.read())[: asked.frames]
        found = measure(asked.object, frames, asked.tolerance)
        for frame, _ in frames[:: max(1, len(frames) // 3)] if asked.sheet and asked.plate else ():
            place = asked.sheet / f"{asked.object}_{asked.tolerance:g}_{frame:04d}.png"
            draw(found, frame, cv2.imread(str(expand(asked.plate, frame))), place)


if __name__ == "__main__":
    main()
