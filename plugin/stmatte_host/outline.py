# SPDX-License-Identifier: Apache-2.0
"""Splines that follow an object's mattes, as the engine wrote them to a file.

Nouns in plate pixels and plate frames; how a host counts, and draws, is the host's. Pure, but for
reading the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EngineError

FORMAT = "stmatte.outline/1"

Point = tuple[float, float, float, float, float, float]
"""x and y in plate pixels from the upper left, those of the handle before it, and of the one after.
"""


@dataclass(frozen=True)
class Spline:
    """A closed Bézier spline, with its points on every key of its outline.

    poses        for each key as many points; where it is not there, all in one place outside
    hole         whether it cuts a hole into the others
    first, last  plate frames on which it is there; they are keys
    """

    poses: tuple[tuple[Point, ...], ...]
    hole: bool
    first: int
    last: int


@dataclass(frozen=True)
class Outline:
    """Splines that follow one object's mattes.

    size  width and height of the plate in pixels
    keys  plate frames, ascending
    """

    object: str
    size: tuple[float, float]
    keys: tuple[int, ...]
    splines: tuple[Spline, ...]


def read_outline(path: Path) -> Outline:
    """Read an outline's file. Raises EngineError if it cannot be read, or is none."""
    try:
        said = json.loads(path.read_text("utf-8"))
        if said.get("format") != FORMAT:
            raise ValueError(said.get("format"))
        return _outline(said)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise EngineError(
            f'The outline "{path.name}" cannot be read ({error})',
            repair="Bring plug-in and engine to the same version of STMatte",
        ) from None


def _outline(said: Mapping[str, Any]) -> Outline:
    (layer,) = said["layers"]
    keys = tuple(int(key) for key in layer["keys"])
    splines = tuple(
        Spline(
            tuple(tuple(map(_point, pose)) for pose in each["poses"]),
            bool(each.get("hole")),
            int(each["first"]),
            int(each["last"]),
        )
        for each in layer["splines"]
    )
    if any(len(spline.poses) != len(keys) for spline in splines) or not keys:
        raise ValueError("keys and poses differ")
    width, height = said["size"]
    return Outline(str(said["object"]), (float(width), float(height)), keys, splines)


def _point(numbers: Sequence[Any]) -> Point:
    x, y, before_x, before_y, after_x, after_y = map(float, numbers)
    return x, y, before_x, before_y, after_x, after_y
