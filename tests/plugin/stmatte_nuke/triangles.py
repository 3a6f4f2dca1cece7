# SPDX-License-Identifier: Apache-2.0
"""A node with a plate and a Roto of triangles, for tests of what a node says of its shot."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nuke
import nuke.rotopaint as rp
import plain_exr


def shape(roto: Any, name: str, keys: Iterable[int] = (), layer: Any = None) -> Any:
    """Draw a triangle into a Roto; on each key it lies elsewhere.

    layer  of the Roto, where it isn't the root
    """
    made = rp.Shape(roto["curves"])
    for x, y in ((5.0, 5.0), (25.0, 5.0), (15.0, 25.0)):
        made.append(rp.ShapeControlPoint(x, y))
    made.name = name
    within = roto["curves"].rootLayer if layer is None else layer
    within.append(made)
    there = within[len(within) - 1]  # Nuke copies what is appended
    for frame in keys:
        key(there, frame)
    return there


def key(made: Any, frame: int, by: float = 0) -> None:
    """Key a triangle on a frame.

    by  pixels by which it lies further right
    """
    along = frame % 10 + by
    for point, (x, y) in zip(made, ((5.0, 5.0), (25.0, 5.0), (15.0, 25.0))):
        point.center.addPositionKey(frame, rp.CVec3(x + along, y, 1.0))


def layer(roto: Any, name: str, *shapes: str) -> Any:
    """Make a layer of shapes in a Roto."""
    made = rp.Layer(roto["curves"])
    made.name = name
    root = roto["curves"].rootLayer
    root.append(made)
    there = root[len(root) - 1]
    for each in shapes:
        shape(roto, each, layer=there)
    return there


def plate(
    folder: Path, first: int = 1001, last: int = 1010, size: tuple[int, int] = (64, 36)
) -> Any:
    """Make a Read of a plate of one colour."""
    folder.mkdir(parents=True, exist_ok=True)
    grey = plain_exr.flat(*size, {"R": 0.2, "G": 0.2, "B": 0.2})
    for frame in range(first, last + 1):
        plain_exr.write(folder / f"plate.{frame:04d}.exr", grey, half=True)
    read: Any = nuke.nodes.Read(file=f"{folder.as_posix()}/plate.####.exr")
    read["first"].setValue(first)
    read["last"].setValue(last)
    return read


def node(plate: Any = None, roto: Any = None, *names: str) -> Any:
    """Make an STMatte node, connected, with objects that come from shapes of their names."""
    group: Any = nuke.createNode("STMatte")
    group.setInput(0, plate)
    group.setInput(1, roto)
    for row, name in enumerate(names, 1):
        group[f"object{row}_name"].setValue(name)
        group[f"object{row}_source"].setValue(f"shape {name}")
    return group
