# SPDX-License-Identifier: Apache-2.0
"""What a Roto shows: its shapes one over another, moved by their transforms and all above them.

Measured: the first in a layer is on top; blending modes 0 over, 1 max, 7 plus, 12 minus,
13 difference. Not measured, and so taken as it seems natural: a shape is moved by its own
transform first, then by its layer's; a layer's opacity multiplies what is inside. Feather, strokes
and other modes are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

from ._curves import FlagType
from ._raster import Point, bezier, coverage
from ._roto_parts import moved_by
from ._roto_tree import Element, Layer, Shape
from ._vectors import CMatrix4

_MODES: dict[int, Callable[[float], float]] = {
    0: lambda _: 1.0,
    1: lambda below: max(1.0, below),
    7: lambda below: 1.0 + below,
    12: lambda below: below - 1.0,
    13: lambda below: abs(1.0 - below),
}
"""From what lies below to what a shape that covers it whole makes of it."""


def drawn(root: Layer, frame: float, width: int, height: int, below: list[float]) -> list[float]:
    """Return `below` with everything in a tree drawn over it."""
    result = list(below)
    for shape, matrix, opacity in reversed(list(_shapes(root, frame, CMatrix4(), 1.0))):
        mode = _MODES.get(int(shape._attributes._curve("bm")._at(frame)))
        if mode is None:
            raise RuntimeError(f"{shape.name}: its blending mode is not rendered here")
        inverted = shape._attributes._curve("inv")._at(frame) > 0
        shares = coverage(_outline(shape, frame, matrix), width, height)
        for number, share in enumerate(shares):
            share = (1 - share if inverted else share) * opacity
            if share:
                before = result[number]
                result[number] = before + share * (mode(before) - before)
    return result


def _shapes(
    element: Element, frame: float, above: CMatrix4, opacity: float
) -> Iterator[tuple[Shape, CMatrix4, float]]:
    """Yield each shape that is shown, from the top, with its matrix and opacity."""
    says = element._attributes
    if not element.getVisible(frame) or not _lives(says, frame):
        return
    matrix = above * moved_by(element._transform, frame)
    opacity *= says._curve("opc")._at(frame)
    if isinstance(element, Layer):
        if says._curve("bm")._at(frame):
            raise RuntimeError(f"{element.name}: a layer's blending mode is not rendered here")
        for each in element._inside:
            yield from _shapes(each, frame, matrix, opacity)
    elif isinstance(element, Shape):
        if element.getFlag(FlagType.eOpenFlag):
            raise RuntimeError(f"{element.name}: an open shape is not rendered here")
        if says._curve("fx")._at(frame) or says._curve("fy")._at(frame):
            raise RuntimeError(f"{element.name}: feather is not rendered here")
        yield element, matrix, opacity
    else:
        raise RuntimeError(f"{element.name}: a stroke is not rendered here")


def _lives(says: Any, frame: float) -> bool:
    """Whether a lifetime covers a frame; of its kinds only 0, all frames, is known."""
    kind = says._curve("ltt")._at(frame)
    if kind:
        raise RuntimeError("a lifetime of less than all frames is not rendered here")
    return True


def _outline(shape: Shape, frame: float, matrix: CMatrix4) -> list[Point]:
    corners = []
    for place in shape._inside:
        for name in ("featherCenter", "featherLeftTangent", "featherRightTangent"):
            offset = getattr(place, name).getPosition(frame)
            if offset.x or offset.y:
                raise RuntimeError(f"{shape.name}: feather is not rendered here")
        centre = place.center.getPosition(frame)
        left = place.leftTangent.getPosition(frame)
        right = place.rightTangent.getPosition(frame)
        corners.append(
            (
                matrix._moved(centre.x, centre.y),
                matrix._moved(centre.x + left.x, centre.y + left.y),
                matrix._moved(centre.x + right.x, centre.y + right.y),
            )
        )
    return bezier(corners)
