# SPDX-License-Identifier: Apache-2.0
"""A data folder of a few small pictures, laid out as the real one, and the pack of it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from stmatte.training.corpus import UNKNOWN, Corpus
from stmatte.training.pack import pack_corpus
from stmatte.training.recipe import Recipe

HEIGHT, WIDTH = 72, 108
CLIP_FRAMES = 5

Bytes = NDArray[np.uint8]


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums of floats in one order only, so that the same run gives the same bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stills, an object, a clip, two cutouts, two backgrounds; and what must stay shut."""
    root = tmp_path_factory.mktemp("data")
    write_palette(root / "stills/masks/walk.png", scene_labels())
    write_picture(root / "stills/images/walk.jpg", scene(1))
    write_picture(root / "stills/masks/ride.png", scene_labels()[:, ::-1])
    write_picture(root / "stills/images/ride.jpg", scene(2)[:, ::-1])
    write_picture(root / "stills/images/unmasked.jpg", scene(3))
    write_picture(root / "objects/images/cup.jpg", scene(4))
    write_picture(root / "objects/masks/cup.png", np.where(scene_labels() == 1, 1, 0))
    for t in range(CLIP_FRAMES):
        write_picture(root / f"clips/c1/frames/{t:05d}.jpg", np.roll(scene(5), 3 * t, axis=1))
        write_palette(root / f"clips/c1/labels/{t:05d}.png", np.roll(scene_labels(), 3 * t, axis=1))
    for name in ("star.webp", "disc.png"):
        write_picture(root / "stills/cutouts" / name, cutout())
    write_picture(root / "backgrounds/wall.jpg", scene(6))
    write_picture(root / "photos/sky.jpg", scene(7))
    # whoever opens one of these finds no picture, and packing stops
    for evaluation in ("davis_dev/JPEGImages/secret", "clips_holdout/secret/frames"):
        (root / evaluation).mkdir(parents=True)
        (root / evaluation / "00000.jpg").write_bytes(b"for measuring only")
    return root


@pytest.fixture(scope="session")
def pack(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "corpus.pack"
    pack_corpus(data, path)
    return path


@pytest.fixture(scope="session")
def corpus(pack: Path) -> Corpus:
    return Corpus(pack)


@pytest.fixture(scope="session")
def tiny() -> Recipe:
    """Steps of a fraction of a second."""
    return Recipe(
        height=64, width=96, batch=1, steps=4, warmup=2, decay=1, rate=1e-3, average=0.5, seed=3
    )


def scene(seed: int) -> Bytes:
    """(HEIGHT, WIDTH, 3): a soft pattern, with something of its own colour at each label."""
    coarse = np.random.default_rng(seed).integers(40, 200, (6, 9, 3), np.uint8)
    picture = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    for label, colour in ((1, (250, 30, 30)), (2, (30, 30, 250))):
        picture[scene_labels() == label] = colour
    return picture


def scene_labels() -> Bytes:
    """(HEIGHT, WIDTH): object 1 in 20 x 30 pixels, 2 in 25 x 20, unknown in 10 x 10."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[10:30, 15:45] = 1
    labels[40:65, 60:80] = 2
    labels[5:15, 90:100] = UNKNOWN
    return labels


def cutout() -> Bytes:
    """(20, 24, 4): a disc of opaque blue with a see-through surround."""
    y, x = np.mgrid[:20, :24]
    alpha = np.where((y - 10) ** 2 + (x - 12) ** 2 < 81, 255, 0)
    return np.dstack([np.full((20, 24), 200), np.zeros((20, 24, 2)), alpha]).astype(np.uint8)


def write_picture(path: Path, pixels: NDArray[np.generic]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lossless = [cv2.IMWRITE_WEBP_QUALITY, 101] if path.suffix == ".webp" else []
    assert cv2.imwrite(str(path), np.ascontiguousarray(pixels, np.uint8), lossless)


def write_palette(path: Path, labels: Bytes) -> None:
    """Write a palette PNG whose colours say nothing about its indices."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = labels.shape
    colours = np.random.default_rng(0).permutation(256 * 3).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in labels)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours.tobytes()),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in chunks
        )
    )
