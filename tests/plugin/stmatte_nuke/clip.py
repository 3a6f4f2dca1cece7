# SPDX-License-Identifier: Apache-2.0
"""A clip with a true matte: a patterned ball that moves over a patterned ground, and its Roto.

Frames are the script's and the plate's alike, as in Nuke; places are in Nuke's pixels, y up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import nuke.rotopaint as rp
import numpy as np
from numpy.typing import NDArray

import footage

SIZE = (160, 96)
FRAMES = range(1001, 1013)
_ROUND = 0.5522847498  # length of a tangent on a circle of radius 1, so that it is round


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
    node = nuke.nodes.Read(file=pattern)
    node["first"].setValue(FRAMES[0])
    node["last"].setValue(FRAMES[-1])
    return node


def roto(name: str = "hero") -> nuke.Node:
    """Make a Roto with a shape of four points, not yet keyed."""
    node = nuke.nodes.Roto()
    knob: Any = node["curves"]
    shape = rp.Shape(knob)
    for _ in range(4):
        shape.append(rp.ShapeControlPoint(0.0, 0.0))
    shape.name = name
    shape.setFlag(rp.FlagType.eOpenFlag, False)
    knob.rootLayer.append(shape)
    return node


def key(node: nuke.Node, frame: int, larger: float = 1.0, which: int = 0) -> None:
    """Key a shape of a Roto where the ball is.

    larger  by how much it is drawn too large
    """
    x, y, radius = place(frame)
    radius *= larger
    knob: Any = node["curves"]
    shape = list(knob.rootLayer)[which]
    for point, (across, up) in zip(shape, ((1, 0), (0, 1), (-1, 0), (0, -1))):
        along = -up * radius * _ROUND, across * radius * _ROUND
        at = rp.CVec3(x + across * radius, y + up * radius, 1.0)
        after, before = rp.CVec3(*along, 0.0), rp.CVec3(-along[0], -along[1], 0.0)
        for part, vector in (
            (point.center, at),
            (point.featherCenter, rp.CVec3(0.0, 0.0, 0.0)),
            (point.leftTangent, before),
            (point.rightTangent, after),
        ):
            part.addPositionKey(frame, vector)
    knob.changed()


def _pattern(random: np.random.Generator, colour: tuple[float, ...]) -> NDArray[np.float32]:
    coarse = random.random((SIZE[1] // 8, SIZE[0] // 8, 1))
    fine = random.random((SIZE[1] // 2, SIZE[0] // 2, 1))
    spots = coarse.repeat(8, 0).repeat(8, 1) * 0.35 + fine.repeat(2, 0).repeat(2, 1) * 0.15
    return np.asarray(np.clip(np.asarray(colour) + spots - 0.25, 0, 1), np.float32)
