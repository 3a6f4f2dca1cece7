#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A picture of what an evaluation followed: the key and some later frames, the truth below.

    stmatte evaluate davis17 --root CLIPS --model stmatte-s --out runs/holdout
    python tests/benchmarks/followed.py CLIPS runs/holdout SEQUENCE --frames 1,13,25 --out OUT.jpg

CLIPS has true mattes (`SEQ/alpha`), and so the run keeps its own. Frames are counted from 1.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.evaluation.clips import open_sequences
from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.pictures import read_mattes, read_picture
from stmatte.images import overlay

WIDTH = 360
"""Pixels of a frame in the picture."""

Shown = NDArray[np.uint8]
Mattes = dict[str, NDArray[np.float32]]


def followed(sequence: DavisSequence, run: Path, frames: Sequence[int]) -> Shown:
    """Return two rows of frames (counted from 0), what was followed above what is true."""
    above, below = [], []
    for frame in frames:
        channels = np.moveaxis(read_mattes(sequence.alphas[frame]), -1, 0)
        truth = {str(n): matte for n, matte in enumerate(channels, start=1)}
        picture = np.asarray(read_picture(sequence.pictures[frame]), np.float32) / 255
        name = f"key, frame {frame + 1}" if frame == 0 else f"stmatte-s, frame {frame + 1}"
        above.append(titled(picture, ours(run, sequence.name, frame) or truth, name))
        below.append(titled(picture, truth, "truth"))
    return np.concatenate([np.concatenate(row, axis=1) for row in (above, below)])


def ours(run: Path, name: str, frame: int) -> Mattes:
    """Return the mattes that a run kept of a frame, by object; none of the one that is given."""
    folders = sorted((run / "mattes" / name).iterdir(), key=lambda folder: int(folder.name))
    files = {folder.name: folder / f"{frame:05}.png" for folder in folders}
    return {
        number: cv2.imread(str(file), cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
        for number, file in files.items()
        if frame and file.is_file()
    }


def titled(picture: NDArray[np.float32], mattes: Mattes, title: str) -> Shown:
    """Return a frame with its mattes over it, small, with a title in its corner."""
    height = round(picture.shape[0] * WIDTH / picture.shape[1])
    size = (WIDTH, height)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    laid = {n: cv2.resize(m, size, interpolation=cv2.INTER_AREA) for n, m in mattes.items()}
    shown = overlay(small, laid)
    (width, _), _ = cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)
    shown[:20, : width + 12] = 24
    cv2.putText(
        shown, title, (6, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1, cv2.LINE_AA
    )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("root", metavar="CLIPS")
    parser.add_argument("run", type=Path)
    parser.add_argument("sequence")
    parser.add_argument("--frames", required=True, help="such as 1,13,25,35")
    parser.add_argument("--out", type=Path, required=True, help="a .jpg or .png")
    asked = parser.parse_args()
    (sequence,) = open_sequences(asked.root, asked.sequence)
    frames = [int(text) - 1 for text in asked.frames.split(",")]
    shown = followed(sequence, asked.run, frames)
    cv2.imwrite(str(asked.out), shown[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])


if __name__ == "__main__":
    main()
