# SPDX-License-Identifier: Apache-2.0
"""What a Write puts into a file: an EXR, uncompressed, with Nuke's names of channels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import plain_exr

from . import _rendered
from ._picture import chosen

if TYPE_CHECKING:
    from ._node import Node

_SHORT = {"rgba.red": "R", "rgba.green": "G", "rgba.blue": "B", "rgba.alpha": "A"}


def write(node: Node, frame: int, view: str, path: Path) -> None:
    """Write the picture of a frame. RuntimeError where nothing is connected or can be written."""
    knobs: dict[str, Any] = node._knobs
    if node.input(0) is None:
        raise RuntimeError(f"{node._called()}: Missing input")
    kind = knobs["file_type"].value()
    if kind != "exr":
        raise RuntimeError(f"{node._called()}: files of type {kind!r} are not written here")
    if not knobs["raw"].value() and knobs["colorspace"].value() not in ("default", "linear"):
        raise RuntimeError(f"{node._called()}: colour spaces are not replayed here")
    shown = _rendered.picture(node.input(0), frame)
    names = chosen(knobs["channels"]._value, list(shown.planes))
    if not names:
        raise RuntimeError(f"{node._called()}: nothing to write")
    rows = range(shown.height - 1, -1, -1)
    planes = {}
    for name in names:
        plane = shown.plane(name)
        planes[_SHORT.get(name, name)] = [
            v for y in rows for v in plane[y * shown.width : (y + 1) * shown.width]
        ]
    picture = plain_exr.Exr(shown.width, shown.height, planes, shown.aspect)
    plain_exr.write(path, picture, half=knobs["datatype"].value() == "16 bit half")
