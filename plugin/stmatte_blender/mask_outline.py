# SPDX-License-Identifier: Apache-2.0
"""An outline as the engine wrote it, brought into the coordinates of Blender's masks.

Masks count in a square as long as the plate's longer side, around its middle, with y upwards;
the engine counts plate pixels from the upper left. Seen from the artist's chair both go the same
way round. Pure: no Blender.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .stmatte_host.outline import Outline

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


def baked(outline: Outline, offset: int) -> Baked:
    """Return an outline in the coordinates of masks.

    offset  plate frame minus scene frame
    """
    splines = tuple(
        BakedSpline(tuple(to_mask(pose, outline.size) for pose in spline.poses))
        for spline in outline.splines
    )
    keys = tuple(key - offset for key in outline.keys)
    return Baked(outline.object, keys, splines, min(keys), max(keys))


def to_mask(pose: Sequence[Sequence[float]], size: tuple[float, float]) -> Pose:
    """Return points and handles in a mask's coordinates.

    pose  in plate pixels, y downwards
    size  width and height of the plate
    """
    side = max(size)

    def place(x: float, y: float) -> tuple[float, float]:
        return (x - size[0] / 2) / side + 0.5, (size[1] / 2 - y) / side + 0.5

    return tuple((*place(*p[0:2]), *place(*p[2:4]), *place(*p[4:6])) for p in pose)
