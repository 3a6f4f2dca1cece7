# SPDX-License-Identifier: Apache-2.0
"""Tiny DAVIS folders, made on the spot, and the real one where it is at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

HEIGHT, WIDTH, FRAMES = 24, 32, 6

MakeDavis = Callable[..., Path]


def box(left: int) -> NDArray[np.bool_]:
    """A mask of 8 x 8 places whose left edge is at column `left`."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[8:16, left : left + 8] = True
    return mask


def box_frame(left: int) -> NDArray[np.uint8]:
    """A picture, RGB: an orange box on blue."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = (20, 40, 160)
    picture[box(left)] = (240, 120, 30)
    return picture


def write_png(path: Path, array: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), array)


def write_sequence(pictures: Path, annotations: Path, *, inside: int, step: int = 1) -> None:
    """Write FRAMES frames of a box that moves `step` places a frame; PNG so that colours stay."""
    for frame in range(FRAMES):
        left = 4 + step * frame
        write_png(pictures / f"{frame:05d}.png", np.ascontiguousarray(box_frame(left)[..., ::-1]))
        write_png(annotations / f"{frame:05d}.png", box(left).astype(np.uint8) * inside)


@pytest.fixture
def own_layout(tmp_path: Path) -> Path:
    """DAVIS-2016's own layout: 480p folders, lists of picture paths, masks 0/255."""
    root = tmp_path / "DAVIS"
    for split, names in {"train": ["bear", "train"], "val": ["camel"]}.items():
        lines = []
        for name in names:
            folders = (root / kind / "480p" / name for kind in ("JPEGImages", "Annotations"))
            write_sequence(*folders, inside=255)
            lines += [
                f"/JPEGImages/480p/{name}/{frame:05d}.jpg /Annotations/480p/{name}/{frame:05d}.png"
                for frame in range(FRAMES)
            ]
        sets = root / "ImageSets" / "480p"
        sets.mkdir(parents=True, exist_ok=True)
        (sets / f"{split}.txt").write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def plain_layout(tmp_path: Path) -> Path:
    """The plain layout: no resolution, `sequences.txt`, masks 0/1."""
    root = tmp_path / "plain"
    for name in ("bear", "camel"):
        write_sequence(root / "JPEGImages" / name, root / "Annotations" / name, inside=1)
    (root / "sequences.txt").write_text("camel\nbear\n")
    return root


@pytest.fixture(scope="session")
def davis_dev() -> Path:
    """The development sequences beside the checkout; they may not be shipped with it."""
    folder = Path(__file__).parents[4] / "shared" / "data" / "davis_dev"
    if not folder.is_dir():
        pytest.skip(f"needs the DAVIS development sequences in {folder}")
    return folder
