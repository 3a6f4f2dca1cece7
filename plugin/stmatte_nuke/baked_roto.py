# SPDX-License-Identifier: Apache-2.0
"""A new Roto node with Bézier shapes and their keys.

Only calls that shipping plug-ins make and that were seen to work in Nuke 17.1. Knows shapes in a
Roto's coordinates and where the node goes; nothing of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import nuke
import nuke.rotopaint as rp

from .roto_outline import RotoPoint, RotoShape

_VIEW = "main"
_STRAIGHT = rp.InterpolationType.eLinearInterpolationType + 1
"""How a key says that the way to the next one is straight: the enumeration plus one, as measured.

A key of which nothing is said has 256 there, and the way is curved.
"""
_DIFFERENCE = 13.0
"""Blending mode of a hole: |above - below|. Unlike `minus`, it never makes a matte negative."""
_NOT_STRAIGHT = 0.05
"""Pixels off a straight way from which this Nuke is said not to keep it."""


def new_roto(
    beside: nuke.Node,
    name: str,
    label: str,
    shapes: Sequence[RotoShape],
    size: tuple[float, float],
) -> tuple[nuke.Node, bool]:
    """Make a Roto beside a node, with nothing connected; selection and panels stay as they are.

    name    of the node; Nuke adds a number if there is one of that name
    shapes  the topmost first
    size    width and height of the plate

    Returns the node, and whether it has a key on every frame since this Nuke keeps no straight
    ways between keys.
    """
    with beside.parent():
        roto = nuke.nodes.Roto()
    roto.setName(name)
    roto.setXYpos(beside.xpos() + 120, beside.ypos())
    roto["label"].setValue(label)
    plate = beside.input(0)
    if plate is not None and (plate.format().width(), plate.format().height()) == size:
        # Without an input a Roto has this format. In proxy mode the plate's is a smaller one; then
        # it stays the script's, which clips at most, for pixels are counted from the same corner.
        roto["format"].setValue(plate.format())
    curves = cast(rp.CurveKnob, roto["curves"])
    dense = False
    for shape in shapes:  # in a layer the first is the topmost
        made = _added(curves, shape)
        _animate(made, shape)
        dense = _follow(made, shape) or dense
    curves.changed()
    return roto, dense


def _added(curves: rp.CurveKnob, shape: RotoShape) -> rp.Shape:
    """Add a shape with its points, without keys."""
    made = rp.Shape(curves)
    for x, y, *_ in shape.poses[0]:
        made.append(rp.ShapeControlPoint(x, y))
    made.name = shape.name
    made.setFlag(rp.FlagType.eOpenFlag, False)
    layer = curves.rootLayer
    layer.append(made)
    # What a layer holds may be a copy of what it was given, as it was seen with layers.
    return cast(rp.Shape, layer[len(layer) - 1])


def _animate(made: rp.Shape, shape: RotoShape) -> None:
    """Key a shape's points, and say when it is seen and how it blends."""
    for frame, pose in zip(shape.keys, shape.poses):
        _key(made, frame, pose)
    _straighten(made)
    attributes = made.getAttributes()
    if shape.hole:
        _say(attributes, rp.AnimAttributes.kBlendingModeAttribute, {shape.keys[0]: _DIFFERENCE})
    seen = {}
    if shape.appears is not None:
        seen.update({shape.appears - 1: 0.0, shape.appears: 1.0})
    if shape.vanishes is not None:
        seen.update({shape.vanishes: 1.0, shape.vanishes + 1: 0.0})
    if seen:
        _say(attributes, rp.AnimAttributes.kOpacityAttribute, seen)


def _key(made: rp.Shape, frame: int, pose: Sequence[RotoPoint]) -> None:
    """Key all points and tangents. The third number is 1 for a place and 0 for a direction."""
    for point, (x, y, left_x, left_y, right_x, right_y) in zip(made, pose):
        _key_part(point.center, frame, rp.CVec3(x, y, 1.0))
        _key_part(point.leftTangent, frame, rp.CVec3(left_x, left_y, 0.0))
        _key_part(point.rightTangent, frame, rp.CVec3(right_x, right_y, 0.0))


def _key_part(part: rp.AnimControlPoint, frame: int, place: rp.CVec3) -> None:
    # Without a view, as every plug-in calls it; the stubs want one.
    part.addPositionKey(float(frame), place)  # type: ignore[call-arg]


def _straighten(made: rp.Shape) -> None:
    for point in made:
        for part in (point.center, point.leftTangent, point.rightTangent):
            for axis in (0, 1):
                _straighten_curve(part.getPositionAnimCurve(axis))


def _straighten_curve(curve: rp.AnimCurve) -> None:
    for index in range(curve.getNumberOfKeys()):
        curve.getKey(index).interpolationType = _STRAIGHT


def _say(attributes: rp.AnimAttributes, name: str, values: dict[int, float]) -> None:
    """Key an attribute by its curve; `add` would hide the curve behind a constant."""
    curve = attributes.getCurve(name, _VIEW)
    curve.removeAllKeys()
    for frame in sorted(values):
        curve.addKey(float(frame), values[frame])
    _straighten_curve(curve)


def _follow(made: rp.Shape, shape: RotoShape) -> bool:
    """Key every frame between keys if this Nuke bends the ways; return whether it had to."""
    spans = [n for n in range(len(shape.keys) - 1) if shape.keys[n + 1] - shape.keys[n] > 1]
    if not any(_bent(made, shape, n) for n in spans):
        return False
    for n in spans:
        for frame in range(shape.keys[n] + 1, shape.keys[n + 1]):
            _key(made, frame, _between(shape, n, frame))
    _straighten(made)
    return True


def _bent(made: rp.Shape, shape: RotoShape, span: int) -> bool:
    """Return whether points leave the straight way in the middle between two keys."""
    middle = (shape.keys[span] + shape.keys[span + 1]) // 2
    for point, there in zip(made, _between(shape, span, middle)):
        for part, (x, y) in (
            (point.center, there[0:2]),
            (point.leftTangent, there[2:4]),
            (point.rightTangent, there[4:6]),
        ):
            is_at = part.getPosition(float(middle))
            if max(abs(is_at.x - x), abs(is_at.y - y)) > _NOT_STRAIGHT:
                return True
    return False


def _between(shape: RotoShape, span: int, frame: int) -> tuple[RotoPoint, ...]:
    """Return the points on a frame of the straight ways between two keys."""
    first, last = shape.keys[span], shape.keys[span + 1]
    part = (frame - first) / (last - first)
    return tuple(
        cast(RotoPoint, tuple((1 - part) * a + part * b for a, b in zip(here, there)))
        for here, there in zip(shape.poses[span], shape.poses[span + 1])
    )
