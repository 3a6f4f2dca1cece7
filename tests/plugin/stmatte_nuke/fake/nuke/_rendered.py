# SPDX-License-Identifier: Apache-2.0
"""What a node shows on a frame. A class or a setting that is not replayed is a RuntimeError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from . import _exr_stream, _roto_picture, _stream
from ._picture import RGB, RGBA, Picture, chosen, full
from ._seat import seat

if TYPE_CHECKING:
    from ._node import Node


def picture(node: Node | None, frame: int) -> Picture:
    """Return what a node shows; black at the project's format where there is none."""
    if seat().root._knobs["proxy"]._at(0, 0):  # type: ignore[attr-defined]
        raise RuntimeError("rendering in proxy mode is not replayed here")
    if node is None:
        return Picture(*_size(None))
    rendered = _KINDS.get(node._kind)
    if rendered is None:
        raise RuntimeError(f"{node._called()}: a {node._kind} is not rendered here")
    if "disable" in node._knobs and _value(node, "disable", frame) and node._kind != "Group":
        return picture(node.input(0), frame)
    return rendered(node, frame)


def _size(node: Node | None) -> tuple[int, int, float]:
    found = _stream._format(node)
    return found.width(), found.height(), found.pixelAspect()


def _value(node: Node, name: str, frame: int, channel: int = 0) -> float:
    knob: Any = node._knobs[name]
    return float(knob._at(frame, channel))


def _word(node: Node, name: str) -> str:
    knob: Any = node._knobs[name]
    return str(knob.value())


def _through(node: Node, frame: int) -> Picture:
    return picture(_stream.above(node), frame)


def _switch(node: Node, frame: int) -> Picture:
    return picture(node.input(_stream.which(node, frame)), frame)


def _read(node: Node, frame: int) -> Picture:
    return _exr_stream.read(node, frame, _size(node))


def _constant(node: Node, frame: int) -> Picture:
    width, height, aspect = _size(node)
    names = chosen(_word(node, "channels"), [])
    values = {n: _value(node, "color", frame, RGBA.index(n)) for n in names if n in RGBA}
    planes = {name: [value] * (width * height) for name, value in values.items()}
    return Picture(width, height, aspect, planes)


def _checkers(node: Node, frame: int) -> Picture:
    width, height, aspect = _size(node)
    squares = [float((x // 8 + y // 8) % 2) for y in range(height) for x in range(width)]
    planes = dict.fromkeys(RGB, squares)
    return Picture(width, height, aspect, {**planes, "rgba.alpha": [1.0] * (width * height)})


def _roto(node: Node, frame: int) -> Picture:
    under = node.input(0)
    shown = picture(under, frame) if under is not None else Picture(*_size(node))
    curves: Any = node._knobs["curves"]
    if any(each is not None for each in node._inputs[1:]):
        raise RuntimeError(f"{node._called()}: more inputs than bg are not rendered here")
    if curves._tree is None:
        return shown
    names = chosen(_word(node, "output"), list(shown.planes))
    black = [0.0] * (shown.width * shown.height)
    planes = {}
    for name in names:
        below = black if _value(node, "replace", frame) else shown.plane(name)
        planes[name] = _roto_picture.drawn(curves._tree, frame, shown.width, shown.height, below)
    return shown.having(planes)


def _grade(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    _plain(node, frame, {"mix": 1, "reverse": 0})
    names = chosen(_word(node, "channels"), list(below.planes))

    def graded(name: str, value: float) -> float:
        at = RGBA.index(name) if name in RGBA else 0
        black, white, lift, gain, multiply, add, gamma = (
            _value(node, knob, frame, at)
            for knob in ("blackpoint", "whitepoint", "black", "white", "multiply", "add", "gamma")
        )
        if gamma != 1:
            raise RuntimeError(f"{node._called()}: gamma is not rendered here")
        slope = multiply * (gain - lift) / (white - black)
        result = slope * value + add + lift - slope * black
        return max(result, 0.0) if _value(node, "black_clamp", frame) else result

    return below.changed(names, graded)


def _multiply(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    _plain(node, frame, {"mix": 1})
    names = chosen(_word(node, "channels"), list(below.planes))
    return below.changed(
        names,
        lambda n, v: v * _value(node, "value", frame, RGBA.index(n) if n in RGBA else 0),
    )


def _invert(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    _plain(node, frame, {"mix": 1})
    return below.changed(
        chosen(_word(node, "channels"), list(below.planes)), lambda _, value: 1 - value
    )


def _transform(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    _plain(node, frame, {"rotate": 0, "skewX": 0, "skewY": 0, "scale": 1, "motionblur": 0})
    dx, dy = (_value(node, "translate", frame, i) for i in (0, 1))
    if dx != int(dx) or dy != int(dy):
        raise RuntimeError(f"{node._called()}: moving by parts of a pixel is not rendered here")
    return _laid(below, (below.width, below.height, below.aspect), -int(dx), -int(dy))


def _laid(below: Picture, size: tuple[int, int, float], x0: int, y0: int) -> Picture:
    """Return a window of a picture, black where it has none; x0, y0 is its lower left corner."""
    width, height, aspect = size
    planes = {
        name: [below.at(name, x + x0, y + y0) for y in range(height) for x in range(width)]
        for name in below.planes
    }
    return Picture(width, height, aspect, planes, below.metadata)


def _reformat(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    size = _size(node)
    if size == (below.width, below.height, below.aspect):
        return below
    if _word(node, "resize") != "none" or _value(node, "center", frame):
        raise RuntimeError(f"{node._called()}: a Reformat that scales is not rendered here")
    return _laid(below, size, 0, 0)


def _crop(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    left, low, right, high = (int(_value(node, "box", frame, i)) for i in range(4))
    if _value(node, "reformat", frame):
        return _laid(below, (right - left, high - low, below.aspect), left, low)
    inside = [
        left <= x < right and low <= y < high
        for y in range(below.height)
        for x in range(below.width)
    ]
    planes = {
        name: [value if kept else 0.0 for value, kept in zip(plane, inside)]
        for name, plane in below.planes.items()
    }
    return below.having(planes)


def _copy(node: Node, frame: int) -> Picture:
    below, other = picture(node.input(0), frame), picture(node.input(1), frame)
    _plain(node, frame, {"mix": 1})
    if node.input(1) is not None and (below.width, below.height) != (other.width, other.height):
        other = _laid(other, (below.width, below.height, below.aspect), 0, 0)
    planes = {}
    for pair in range(4):
        source, target = _word(node, f"from{pair}"), _word(node, f"to{pair}")
        if "none" not in (source, target):
            planes[full(target)] = other.plane(full(source))
    return below.having(planes)


_MERGES: dict[str, Callable[[float, float, float, float], float]] = {
    "over": lambda a, b, alpha, _: a + b * (1 - alpha),
    "under": lambda a, b, _, alpha: a * (1 - alpha) + b,
    "max": lambda a, b, *_: max(a, b),
    "min": lambda a, b, *_: min(a, b),
    "plus": lambda a, b, *_: a + b,
    "multiply": lambda a, b, *_: a * b,
    "mask": lambda _a, b, alpha, _: b * alpha,
    "in": lambda a, _b, _, alpha: a * alpha,
    "stencil": lambda _a, b, alpha, _: b * (1 - alpha),
    "copy": lambda a, *_: a,
}


def _merge(node: Node, frame: int) -> Picture:
    below, over = picture(node.input(0), frame), picture(node.input(1), frame)
    _plain(node, frame, {"mix": 1})
    merge = _MERGES.get(_word(node, "operation"))
    if merge is None or node.inputs() > 2:
        raise RuntimeError(f"{node._called()}: this Merge is not rendered here")
    if node.input(0) is None:
        below = Picture(over.width, over.height, over.aspect)
    over = _laid(over, (below.width, below.height, below.aspect), 0, 0)
    a, b = over.plane("rgba.alpha"), below.plane("rgba.alpha")
    planes = {
        name: [merge(*four) for four in zip(over.plane(name), below.plane(name), a, b)]
        for name in RGBA
        if name in below.planes or name in over.planes
    }
    return below.having(planes)


def _premult(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    alpha = below.plane("rgba.alpha")
    names = chosen(_word(node, "channels"), list(below.planes))
    return below.having({n: [v * a for v, a in zip(below.plane(n), alpha)] for n in names})


def _remove(node: Node, frame: int) -> Picture:
    below = picture(node.input(0), frame)
    kept = _stream.channels_of(node)
    planes = {name: plane for name, plane in below.planes.items() if name in kept}
    return Picture(below.width, below.height, below.aspect, planes, below.metadata)


def _metadata(node: Node, frame: int) -> Picture:
    below, other = picture(node.input(0), frame), picture(node.input(1), frame)
    if _word(node, "mergeMode") != "Image+Meta" or _word(node, "imageMetadatafilter"):
        raise RuntimeError(f"{node._called()}: this way of merging is not replayed here")
    wanted = _word(node, "metadatafilter")
    said = {name: value for name, value in other.metadata.items() if name.startswith(wanted)}
    both = {**below.metadata, **said}
    return Picture(below.width, below.height, below.aspect, below.planes, both)


def _moved_in_time(node: Node, frame: int) -> Picture:
    return picture(node.input(0), frame - int(_value(node, "time_offset", frame)))


def _one_view(node: Node, frame: int) -> Picture:
    here = seat()
    before, here.view = here.view, _word(node, "view")
    try:
        return picture(node.input(0), frame)
    finally:
        here.view = before


def _held(node: Node, frame: int) -> Picture:
    _plain(node, frame, {"increment": 0})
    return picture(node.input(0), int(_value(node, "firstFrame", frame)))


def _plain(node: Node, frame: int, wanted: dict[str, float]) -> None:
    """Refuse a knob that says something which is not rendered here."""
    for name, number in wanted.items():
        if _value(node, name, frame) != number:
            raise RuntimeError(f"{node._called()}: its {name} is not rendered here")


_KINDS: dict[str, Callable[[Any, int], Picture]] = {
    "Read": _read, "Constant": _constant, "CheckerBoard2": _checkers, "Roto": _roto,
    "RotoPaint": _roto, "Dot": _through, "NoOp": _through, "Write": _through, "Input": _through,
    "Output": _through, "Group": _through, "Switch": _switch, "Grade": _grade, "Invert": _invert,
    "Multiply": _multiply, "Transform": _transform, "Reformat": _reformat, "Crop": _crop,
    "Copy": _copy, "Merge2": _merge, "Premult": _premult, "Remove": _remove,
    "CopyMetaData": _metadata, "TimeOffset": _moved_in_time, "FrameHold": _held,
    "FrameRange": _through, "OneView": _one_view,
}  # fmt: skip
