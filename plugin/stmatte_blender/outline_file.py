# SPDX-License-Identifier: Apache-2.0
"""An outline as the engine wrote it, brought into the coordinates of Blender's masks.

Masks count in a square as long as the plate's longer side, around its middle, with y upwards;
the engine counts plate pixels from the upper left. Seen from the artist's chair both go the same
way round. Pure: no Blender.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .stmatte_host import EngineError

FORMAT = "stmatte.outline/1"

Pose = tuple[tuple[float, float, float, float, float, float], ...]
"""Of each point x and y, those of the handle before it, those of the handle after it."""


@dataclass(frozen=True)
class BakedSpline:
    """A closed spline with its pose on every key, in a mask's coordinates."""

    poses: tuple[Pose, ...]


@dataclass(frozen=True)
class Baked:
    """A mask layer that is to be.

    keys     scene frames
    splines  with as many poses each
    first, last  scene frames that it follows
    """

    object: str
    keys: tuple[int, ...]
    splines: tuple[BakedSpline, ...]
    first: int
    last: int

    @property
    def points(self) -> int:
        """How many points it has."""
        return sum(len(spline.poses[0]) for spline in self.splines)


def read_outline(path: Path, offset: int) -> Baked:
    """Read an outline's file.

    offset  plate frame minus scene frame

    Raises EngineError if it cannot be read, or is none.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
        if said.get("format") != FORMAT:
            raise ValueError(said.get("format"))
        return _baked(said, offset)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise EngineError(
            f'The outline "{path.name}" cannot be read ({error})',
            repair="Bring add-on and engine to the same version of STMatte",
        ) from None


def to_mask(pose: Sequence[Sequence[float]], size: tuple[float, float]) -> Pose:
    """Return points and handles in a mask's coordinates.

    pose  in plate pixels, y downwards
    size  width and height of the plate
    """
    side = max(size)

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - size[0] / 2) / side + 0.5, (size[1] / 2 - y) / side + 0.5

    return tuple((*place(*p[0:2]), *place(*p[2:4]), *place(*p[4:6])) for p in pose)


def _baked(said: Mapping[str, Any], offset: int) -> Baked:
    (layer,) = said["layers"]
    size = (float(said["size"][0]), float(said["size"][1]))
    splines = [
        BakedSpline(tuple(to_mask(pose, size) for pose in spline["poses"]))
        for spline in layer["splines"]
    ]
    keys = tuple(int(key) - offset for key in layer["keys"])
    if any(len(spline.poses) != len(keys) for spline in splines) or not keys:
        raise ValueError("keys and poses differ")
    return Baked(str(said["object"]), keys, tuple(splines), min(keys), max(keys))
