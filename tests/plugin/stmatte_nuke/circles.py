# SPDX-License-Identifier: Apache-2.0
"""Circles in a Roto, keyed, and a plate with pixels: what real rendering needs.

Standard library only. Places are in Nuke's pixels, y up.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nuke
import nuke.rotopaint as rp
import plain_exr

SIZE = (64, 36)
_ROUND = 0.5522847498  # length of a tangent on a circle of radius 1, so that it is round


def plate(folder: Path, frames: Iterable[int]) -> Any:
    """Write a plate whose brightness is another on each frame, and make a Read of it."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = list(frames)
    for frame in numbers:
        level = 0.1 + 0.5 * (frame % 10) / 10
        planes = {name: [level] * (SIZE[0] * SIZE[1]) for name in "RGB"}
        plain_exr.write(folder / f"plate.{frame:04d}.exr", plain_exr.Exr(*SIZE, planes))
    return read(f"{folder.as_posix()}/plate.####.exr", numbers[0], numbers[-1])


def read(pattern: str, first: int, last: int) -> Any:
    """Make a Read of a sequence."""
    node: Any = nuke.nodes.Read(file=pattern)
    for name, value in (("first", first), ("last", last), ("origfirst", first), ("origlast", last)):
        node[name].setValue(value)
    return node


def roto(*names: str) -> Any:
    """Make a Roto with shapes that are not yet keyed; one, "Hero", if not named."""
    node: Any = nuke.nodes.Roto()
    for name in names or ("Hero",):
        draw(node, name)
    return node


def draw(roto: Any, name: str) -> None:
    """Draw a closed shape of four points, not yet keyed."""
    knob = roto["curves"]
    shape = rp.Shape(knob)
    for _ in range(4):
        shape.append(rp.ShapeControlPoint(0.0, 0.0))
    shape.name = name
    shape.setFlag(rp.FlagType.eOpenFlag, False)
    knob.rootLayer.append(shape)


def key(
    roto: Any,
    frame: int,
    centre: tuple[float, float] = (30.0, 18.0),
    radius: float = 10.0,
    name: str = "Hero",
) -> None:
    """Key a shape of a Roto as a circle."""
    curves = roto["curves"]
    shape = next(each for each in curves.rootLayer if each.name == name)
    directions = ((1, 0), (0, 1), (-1, 0), (0, -1))
    for point, (across, up) in zip(shape, directions):
        along = -up * radius * _ROUND, across * radius * _ROUND
        at = rp.CVec3(centre[0] + across * radius, centre[1] + up * radius, 1.0)
        for part, vector in (
            (point.center, at),
            (point.leftTangent, rp.CVec3(-along[0], -along[1], 0.0)),
            (point.rightTangent, rp.CVec3(along[0], along[1], 0.0)),
        ):
            part.addPositionKey(frame, vector)
    curves.changed()
