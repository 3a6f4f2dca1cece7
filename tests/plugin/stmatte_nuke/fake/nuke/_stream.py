# SPDX-License-Identifier: Apache-2.0
"""What is known of a stream without rendering it: format, channels, frames, metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _exr_stream
from ._format import Format, Format_Knob
from ._picture import chosen, full
from ._seat import seat
from ._threads import Guarded

if TYPE_CHECKING:
    from ._node import Node

_MADE = ("Constant", "CheckerBoard2")
_DRAWN = ("Roto", "RotoPaint")


def above(node: Node, number: int = 0) -> Node | None:
    """Return what stands above an input: of an Input, what is connected to its group."""
    from ._group import Group

    if isinstance(node, Group):
        return node.output()
    if node._kind == "Input" and node._parent is not None and node._parent._parent is not None:
        return node._parent.input(node._parent._doors().index(node))
    if node._kind == "Switch":
        return node.input(which(node, seat().frame))
    return node.input(number)


def which(node: Node, frame: float) -> int:
    """Return the input that a Switch lets through."""
    chosen_one = int(node._knobs["which"]._at(frame, 0))  # type: ignore[attr-defined]
    return min(max(chosen_one, 0), max(node.inputs() - 1, 0))


def format_of(node: Node) -> Format:
    """Return a node's format; scaled down where proxy mode is on."""
    found = _format(node)
    root = seat().root
    if not root._knobs["proxy"]._at(0, 0):  # type: ignore[attr-defined]
        return found
    scale = root._knobs["proxy_scale"]._at(0, 0)  # type: ignore[attr-defined]
    width, height = int(found.width() * scale), int(found.height() * scale)
    return Format(width, height, 0, 0, width, height, found.pixelAspect())


def _format(node: Node | None) -> Format:
    project = seat().root._knobs["format"]
    assert isinstance(project, Format_Knob)
    if node is None:
        return project._get()
    knobs: dict[str, Any] = node._knobs
    if node._kind == "Read":
        head = _exr_stream.head_of(node)
        if head is not None:
            size = (head.width, head.height)
            return Format(*size, 0, 0, *size, head.pixel_aspect)
        return knobs["format"]._get()  # type: ignore[no-any-return]
    if node._kind in _MADE or (node._kind in _DRAWN and above(node) is None):
        return knobs["format"]._get()  # type: ignore[no-any-return]
    if node._kind == "Reformat":
        return _reformatted(node)
    if node._kind == "Crop" and knobs["reformat"].value():
        x, y, r, t = (int(number) for number in knobs["box"].value())
        return Format(r - x, t - y, 0, 0, r - x, t - y, 1)
    return _format(above(node))


def _reformatted(node: Node) -> Format:
    knobs: dict[str, Any] = node._knobs
    kind = knobs["type"].value()
    if kind == "to format":
        return knobs["format"]._get()  # type: ignore[no-any-return]
    if kind == "to box" and knobs["box_fixed"].value():
        width, height = knobs["box_width"].value(), knobs["box_height"].value()
        return Format(width, height, 0, 0, width, height, knobs["box_pixel_aspect"].value())
    raise RuntimeError(f"{node._called()}: this Reformat is not replayed here")


def channels_of(node: Node | None) -> list[str]:
    """Return the channels of a node's stream."""
    if node is None:
        return []
    knobs: dict[str, Any] = node._knobs
    kind = node._kind
    if kind == "Read":
        head = _exr_stream.head_of(node)
        return [] if head is None else [_exr_stream.nuke_name(name) for name in head.planes]
    if kind in _MADE:
        return chosen("rgba" if kind == "CheckerBoard2" else knobs["channels"]._value, [])
    found = list(channels_of(above(node)))
    if kind in _DRAWN:
        found += chosen(knobs["output"]._value, found)
    elif kind == "Copy":
        for pair in range(4):
            source, target = knobs[f"from{pair}"]._value, knobs[f"to{pair}"]._value
            if "none" not in (source, target):
                found.append(full(target))
    elif kind == "Merge2":
        found += channels_of(node.input(1))
    elif kind == "Shuffle2":
        found += chosen(knobs["out1"]._value, found)
    elif kind == "Remove":
        said = chosen(knobs["channels"]._value, found)
        keep = knobs["operation"].value() == "keep"
        found = [name for name in found if (name in said) == keep]
    elif kind == "AddChannels":
        found += chosen(knobs["channels"]._value, found)
    return list(dict.fromkeys(found))


def span(node: Node | None) -> tuple[int, int]:
    """Return the first and last frame of a node's stream."""
    if node is None or node is seat().root:
        root = seat().root
        return root.firstFrame(), root.lastFrame()
    knobs: dict[str, Any] = node._knobs
    if node._kind in ("Read", *_MADE):
        return knobs["first"].value(), knobs["last"].value()
    if node._kind == "TimeOffset":
        first, last = span(above(node))
        return first + knobs["time_offset"].value(), last + knobs["time_offset"].value()
    if node._kind == "FrameRange":
        return knobs["first_frame"].value(), knobs["last_frame"].value()
    return span(above(node))


class Box(Guarded):
    """What `Node.bbox` gives."""

    def __init__(self, x: int, y: int, w: int, h: int) -> None:
        self._box = (x, y, w, h)

    def x(self) -> int:
        return self._box[0]

    def y(self) -> int:
        return self._box[1]

    def w(self) -> int:
        return self._box[2]

    def h(self) -> int:
        return self._box[3]


def bbox(node: Node) -> Box:
    """Return the whole format: boxes of another size are not replayed."""
    found = format_of(node)
    return Box(0, 0, found.width(), found.height())


def metadata(node: Node, frame: int) -> dict[str, Any]:
    """Return what is said of the picture."""
    from . import _rendered

    return dict(_rendered.picture(node, frame).metadata)
