# SPDX-License-Identifier: Apache-2.0
"""What an artist draws in the tests of the keys: rectangles in a Roto, and files on a disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import nuke
import nuke.rotopaint as rp

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in pixels."""

BOX = (10.0, 10.0, 20.0, 20.0)


def roto(**knobs: object) -> nuke.Node:
    """Make a Roto that is connected to nothing."""
    return nuke.nodes.Roto(**knobs)


def curves(node: nuke.Node) -> rp.CurveKnob:
    return cast("rp.CurveKnob", node["curves"])


def layer(node: nuke.Node, name: str, inside: rp.Layer | None = None) -> rp.Layer:
    """Make a layer in a Roto's root or in another layer."""
    made = rp.Layer(curves(node))
    made.name = name
    above = curves(node).rootLayer if inside is None else inside
    above.append(made)
    return cast("rp.Layer", above[len(above) - 1])  # what was appended is a copy (measured)


def box(
    node: nuke.Node, name: str, keys: Mapping[float, Box], inside: rp.Layer | None = None
) -> rp.Shape:
    """Draw a rectangle that is keyed on frames; one frame leaves one key, none leaves it still."""
    shape = rp.Shape(curves(node))
    shape.name = name
    still = next(iter(keys.values()), BOX)
    for corner in range(4):
        x, y = _corner(still, corner)
        point = rp.ShapeControlPoint(x, y)
        for frame, where in keys.items():
            x, y = _corner(where, corner)
            point.center.addPositionKey(frame, rp.CVec3(x, y, 1.0))
        shape.append(point)
    above = curves(node).rootLayer if inside is None else inside
    above.append(shape)
    return cast("rp.Shape", above[len(above) - 1])


def _corner(where: Box, corner: int) -> tuple[float, float]:
    left, bottom, right, top = where
    return ((left, bottom), (right, bottom), (right, top), (left, top))[corner]


def files(folder: Path, stem: str, frames: range | tuple[int, ...], ending: str = "exr") -> str:
    """Lay empty files of a sequence, and return what a Read calls them."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        (folder / f"{stem}.{frame:04d}.{ending}").touch()
    return f"{folder.as_posix()}/{stem}.%04d.{ending}"
