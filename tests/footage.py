# SPDX-License-Identifier: Apache-2.0
"""A clip with a true matte: a patterned ball that moves and swells over a patterned ground."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

SIZE = (256, 144)
FRAMES = range(1, 25)
"""Scene frames; files are numbered from 1001."""

OFFSET = 1000


def place(frame: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ball's centre and radii on a scene frame, in pixels from the upper left."""
    t = (frame - 1) / 23
    centre = 70 + 110 * t, 72 + 14 * math.sin(2 * math.pi * t)
    return centre, (30 + 6 * t, 40 - 8 * t)


def true_matte(frame: int) -> NDArray[np.float32]:
    """Return the ball's coverage, its edge as soft as a pixel."""
    (x, y), (across, down) = place(frame)
    row, column = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    away = np.hypot((column - x) / across, (row - y) / down)
    return np.asarray(np.clip((1 - away) * min(across, down) + 0.5, 0, 1), np.float32)


def write_plate(folder: Path, suffix: str = ".png", dark: float = 1.0) -> None:
    """Write the clip.

    suffix  ".png", display-referred, or ".exr", scene-referred
    dark    what its values are multiplied by
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    ground = _pattern(random, (0.25, 0.45, 0.3))
    skin = _pattern(random, (0.8, 0.35, 0.2))
    for frame in FRAMES:
        (x, y), _ = place(frame)
        alpha = true_matte(frame)[..., None]
        moved = np.roll(skin, (round(y) - 72, round(x) - 128), (0, 1))
        seen = dark * (alpha * moved + (1 - alpha) * ground)
        write(folder / f"plate.{frame + OFFSET:04d}{suffix}", seen)


def write(path: Path, pixels: NDArray[np.float32]) -> None:
    """Write colours in [0, 1]."""
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], "")
    spec.set_format("half" if path.suffix == ".exr" else "uint8")
    output: Any = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.ascontiguousarray(pixels, np.float32))
    assert output.close()


def channel(path: Path, name: str = "") -> NDArray[np.float32]:
    """Return a channel of a file, the first one if it isn't named."""
    picture: Any = oiio.ImageBuf(str(path))
    names = picture.spec().channelnames
    assert names, picture.geterror()
    number = names.index(name) if name else 0
    return np.asarray(picture.get_pixels("float")[:, :, number], np.float32)


def iou(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return intersection over union of two mattes, soft ones counted by their coverage."""
    union = float(np.maximum(one, other).sum())
    return float(np.minimum(one, other).sum()) / union if union else 1.0


def _pattern(random: np.random.Generator, colour: tuple[float, ...]) -> NDArray[np.float32]:
    coarse = random.random((SIZE[1] // 8, SIZE[0] // 8, 1))
    fine = random.random((SIZE[1] // 2, SIZE[0] // 2, 1))
    spots = coarse.repeat(8, 0).repeat(8, 1) * 0.35 + fine.repeat(2, 0).repeat(2, 1) * 0.15
    return np.asarray(np.clip(np.asarray(colour) + spots - 0.25, 0, 1), np.float32)
