# SPDX-License-Identifier: Apache-2.0
"""Files under a Read: which file a frame is, and its channels under Nuke's names.

Of the rule for names only what our own files need is here (one dot at most); the whole rule is
tested elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plain_exr

from . import _file_names, _string_tcl
from ._picture import Picture
from ._seat import seat

if TYPE_CHECKING:
    from ._node import Node

_COLOURS = {"r": "red", "g": "green", "b": "blue", "a": "alpha"}


def nuke_name(name: str) -> str:
    """Return Nuke's name of a channel in a file."""
    parts = [
        re.sub(r"[^A-Za-z0-9]", "_", re.sub(r"\A\d+", "", part)) for part in name.split(".", 2)
    ]
    parts = [part for part in parts if part]
    last = parts[-1].lower()
    last = _COLOURS.get(last, last if last in _COLOURS.values() else parts[-1])
    return ".".join(["_".join(parts[:-1]) or "rgba", last])


def path_at(node: Node, frame: int) -> Path | None:
    """Return the file that a Read reads on a frame; None where it shows black.

    Raises RuntimeError where there is no file and the Read is to fail then.
    """
    knobs: dict[str, Any] = node._knobs
    if knobs["frame_mode"].value() != "expression" or knobs["frame"]._value:
        raise RuntimeError(f"{node._called()}: its frame mode is not replayed here")
    text = _string_tcl.evaluated(knobs["file"]._value, node)
    path = Path(_file_names.on_disk(_file_names.at(text, _clamped(node, frame), seat().view)))
    if _clamped(node, frame) != frame and knobs["before"].value() == "black":
        return None
    if text and path.is_file():
        return path
    if knobs["on_error"].value() == "black":
        return None
    raise RuntimeError(f"{node._called()}: {path}: Read error: No such file or directory")


def _clamped(node: Node, frame: int) -> int:
    knobs: dict[str, Any] = node._knobs
    first, last = knobs["first"]._at(frame, 0), knobs["last"]._at(frame, 0)
    return int(min(max(frame, first), last))


def read(node: Node, frame: int, size: tuple[int, int, float]) -> Picture:
    """Return what a Read shows."""
    knobs: dict[str, Any] = node._knobs
    first, last = knobs["first"]._at(frame, 0), knobs["last"]._at(frame, 0)
    side = "before" if frame < first else "after"
    if not first <= frame <= last and knobs[side].value() not in ("hold", "black"):
        raise RuntimeError(f"{node._called()}: loop and bounce are not replayed here")
    path = path_at(node, frame)
    if path is None or (not first <= frame <= last and knobs[side].value() == "black"):
        return Picture(*size)
    if not knobs["raw"].value() and knobs["colorspace"].value() not in ("default", "linear"):
        raise RuntimeError(f"{node._called()}: colour spaces are not replayed here")
    found = plain_exr.read(path)
    rows = range(found.height - 1, -1, -1)
    planes = {
        nuke_name(name): [v for y in rows for v in plane[y * found.width : (y + 1) * found.width]]
        for name, plane in found.planes.items()
    }
    said = {f"exr/{name}": value for name, value in found.attributes.items()}
    said["input/filename"] = str(path)
    return Picture(found.width, found.height, found.pixel_aspect, planes, said)


def head_of(node: Node) -> plain_exr.Exr | None:
    """Return size and channels of the first file of a Read that can be read; None without."""
    knobs: dict[str, Any] = node._knobs
    for frame in (seat().frame, int(knobs["first"]._at(seat().frame, 0))):
        try:
            path = path_at(node, frame)
            if path is not None:
                return plain_exr.head(path)
        except (RuntimeError, ValueError, OSError):  # noqa: PERF203 (two at most)
            continue
    return None
