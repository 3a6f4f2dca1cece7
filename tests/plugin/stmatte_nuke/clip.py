# SPDX-License-Identifier: Apache-2.0
"""A clip with a true matte: a patterned ball that moves over a patterned ground, and its Roto.

Frames are the script's and the plate's alike, as in Nuke; places are in Nuke's pixels, y up.
"""

from __future__ import annotations

from pathlib import Path

import circles
import nuke
import numpy as np
from numpy.typing import NDArray

import footage

SIZE = (160, 96)
FRAMES = range(1001, 1013)


def place(frame: float) -> tuple[float, float, float]:
    """Return the ball's centre and radius on a frame."""
    t = (frame - FRAMES[0]) / (len(FRAMES) - 1)
    return 52 + 50 * t, 46 + 8 * t, 24.0


def true_matte(frame: int) -> NDArray[np.float32]:
    """Return the ball's coverage, its edge as soft as a pixel; rows from the top."""
    x, y, radius = place(frame)
    row, column = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
    away = np.hypot(column - x, (SIZE[1] - row) - y)
    return np.asarray(np.clip(radius - away + 0.5, 0, 1), np.float32)


def write_plate(folder: Path) -> str:
    """Write the clip as half float EXR, and return its pattern as a Read has it."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    ground, skin = _pattern(random, (0.25, 0.45, 0.3)), _pattern(random, (0.8, 0.35, 0.2))
    for frame in FRAMES:
        x, y, _ = place(frame)
        alpha = true_matte(frame)[..., None]
        moved = np.roll(skin, (round(SIZE[1] / 2 - y), round(x - SIZE[0] / 2)), (0, 1))
        seen = alpha * moved + (1 - alpha) * ground
        footage.write(folder / f"plate.{frame:04d}.exr", seen.astype(np.float32))
    return f"{folder.as_posix()}/plate.####.exr"


def read(pattern: str) -> nuke.Node:
    """Make a Read of the clip."""
    return circles.read(pattern, FRAMES[0], FRAMES[-1])


def key(node: nuke.Node, frame: int, larger: float = 1.0, name: str = "Hero") -> None:
    """Key a shape of a Roto where the ball is.

    larger  by how much it is drawn too large
    """
    x, y, radius = place(frame)
    circles.key(node, frame, (x, y), radius * larger, name)


def _pattern(random: np.random.Generator, colour: tuple[float, ...]) -> NDArray[np.float32]:
    coarse = random.random((SIZE[1] // 8, SIZE[0] // 8, 1))
    fine = random.random((SIZE[1] // 2, SIZE[0] // 2, 1))
    spots = coarse.repeat(8, 0).repeat(8, 1) * 0.35 + fine.repeat(2, 0).repeat(2, 1) * 0.15
    return np.asarray(np.clip(np.asarray(colour) + spots - 0.25, 0, 1), np.float32)
