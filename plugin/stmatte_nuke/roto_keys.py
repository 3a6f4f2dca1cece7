# SPDX-License-Identifier: Apache-2.0
"""On which frames a Roto is keyed: all six points of every control point, transforms, attributes.

A transform moves all that lies below its layer, so that every layer above a shape counts. Reads
Nuke's tree and evaluates nothing of the picture. Where Nuke was measured to behave otherwise than
its documents say, the comment at the place says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Union

import nuke.rotopaint as rp

from . import rotos
from .key_times import Family, KeyTimes, settle

if TYPE_CHECKING:
    import nuke.curvelib as cl

    Chain = tuple[rp.Element, ...]  # a shape with every layer above it, the root first
    Keyed = Union[rp.Layer, rp.Shape, rp.Stroke]

VIEW = "main"
"""What Nuke's roto calls its curves where they are not split by views."""

_POINTS = (
    "center",
    "leftTangent",
    "rightTangent",
    "featherCenter",
    "featherLeftTangent",
    "featherRightTangent",
)
_TRANSFORM = ("Translation", "Rotation", "Scale", "SkewX", "PivotPoint")
_ATTRIBUTES = {
    "opc": "opacity",
    "vis": "visibility",
    "fx": "feather",
    "fy": "feather",
    "inv": "inversion",
}
_MATRIX = 4  # rows and columns of what a planar track adds to a transform


def key_times(curves: rp.CurveKnob, path: str = "", view: str = VIEW) -> KeyTimes:
    """Return the frames on which a Roto, or one shape or layer of it, is keyed.

    path  from the root, "Layer1/hero"; "" for all of it
    view  of a script of several

    Frames on which nothing of it is shown are no keys, since there is nothing to see on them.
    Raises EngineError where the Roto has no such shape.
    """
    found, notes = families(curves, path, view)
    return shown(curves, path, settle(found, notes))


def families(
    curves: rp.CurveKnob, path: str = "", view: str = VIEW
) -> tuple[tuple[Family, ...], tuple[str, ...]]:
    """Return what of a Roto is keyed, and what an artist should know of it."""
    found: list[Family] = []
    notes: list[str] = []
    known: set[str] = set()
    for chain in chains(curves, path):
        if any(_never_shown(each) for each in chain):
            continue
        for depth, element in enumerate(chain):
            where = "/".join(each.name for each in chain[: depth + 1])
            if where in known or not isinstance(element, (rp.Layer, rp.Shape, rp.Stroke)):
                continue
            known.add(where)
            called = f'"{element.name}"' if depth else "the root layer"
            found += _moved(element, called, view)
            found += _attributes(element, called, view)
            if not isinstance(element, rp.Layer):
                found += _points(element, called, view)
            notes += _expressions(element, called)
    return tuple(found), tuple(notes)


def chains(curves: rp.CurveKnob, path: str = "") -> tuple[Chain, ...]:
    """Return each shape below a path with all that is above it.

    Raises EngineError where the Roto has no such shape or layer.
    """
    steps = rotos.chain(curves, path)
    return tuple((*steps[:-1], *layers, drawn) for layers, drawn in rotos.drawn_in(steps[-1]))


def shown(curves: rp.CurveKnob, path: str, times: KeyTimes) -> KeyTimes:
    """Return key times without those on which no shape is shown, which are said instead."""
    below = chains(curves, path)
    hidden = [f for f in times.frames if not any(_is_shown(each, f) for each in below)]
    if not hidden:
        return times
    which = ", ".join(map(str, hidden[:5])) + (" and more" if len(hidden) > 5 else "")
    whose = f'"{path}"' if path else f'The Roto "{curves.node().name()}"'
    note = (
        f"{whose} shows nothing on {which}: that is no key. "
        "If the object is absent there, say so by Absent here."
    )
    kept = tuple(frame for frame in times.frames if frame not in hidden)
    return KeyTimes(kept, times.rounded, (*times.notes, note))


def _points(drawn: rotos.Drawn, called: str, view: str) -> Iterator[Family]:
    """Yield a family for each point: of a shape six at each place, of a stroke one."""
    label = f"the shape {called}" if isinstance(drawn, rp.Shape) else f"the stroke {called}"
    for point in control_points(drawn):
        yield Family(label, _in_views(point.getControlPointKeyTimes, view), drawn=True)


def control_points(drawn: rotos.Drawn) -> Iterator[cl.AnimControlPoint]:
    """Yield every point of a shape that may be keyed, tangents and feather too, in order."""
    for place in drawn:
        if isinstance(drawn, rp.Shape):
            for name in _POINTS:
                point: cl.AnimControlPoint = getattr(place, name)
                yield point
        else:
            yield place  # type: ignore[misc]  # of a stroke it is an AnimControlPoint itself


def _moved(element: Keyed, called: str, view: str) -> Iterator[Family]:
    """Yield a family for each part of a transform.

    Not `getTransformKeyTimes`, which joins them: a part that nobody touched reports one key, on
    the frame on which the layer was made, and would make a key of that frame. `isDefault()` is
    False even then.
    """
    transform = element.getTransform()
    for part in _TRANSFORM:
        times = _in_views(getattr(transform, f"get{part}KeyTimes"), view)
        yield Family(f"the transform of {called}", times)
    cells = [(i, j) for i in range(_MATRIX) for j in range(_MATRIX)]
    matrix = {
        time for i, j in cells for time in _times(transform.getExtraMatrixAnimCurve(i, j, VIEW))
    }
    yield Family(f"the planar track of {called}", tuple(sorted(matrix)))


def _attributes(element: Keyed, called: str, view: str) -> Iterator[Family]:
    attributes = element.getAttributes()
    for name, word in _ATTRIBUTES.items():
        times = {time for each in _views(view) for time in _times(attributes.getCurve(name, each))}
        yield Family(f"the {word} of {called}", tuple(sorted(times)))
    lives = () if isinstance(element, rp.Layer) else _life(attributes)
    yield Family(f"the lifetime of {called}", lives, alone=True)


def _life(attributes: cl.AnimAttributes) -> tuple[float, ...]:
    """Return where a lifetime that is not all frames begins and ends.

    Two public sources number the kinds of lifetimes differently, so that only 0, all frames, is
    taken for known: whichever it is, both ends are frames that somebody painted for. A 1 beside
    another number is what Nuke writes into an end that is not asked for.
    """
    if not attributes.getValue(0, "ltt", VIEW):
        return ()
    ends = {float(attributes.getValue(0, name, VIEW)) for name in ("ltn", "ltm")}
    return tuple(sorted(ends - {1.0} or ends))


def _expressions(element: Keyed, called: str) -> Iterator[str]:
    transform = element.getTransform()
    places = ((transform.getTranslationAnimCurve, 2), (transform.getScaleAnimCurve, 2))
    moves = [get(index, VIEW) for get, count in places for index in range(count)]
    moves.append(transform.getRotationAnimCurve(2, VIEW))
    if any(curve.useExpression for curve in moves):
        yield (
            f"The transform of {called} follows an expression, whose motion has no keys of its "
            "own: only what is keyed in the Roto counts."
        )


def _never_shown(element: rp.Element) -> bool:
    """Whether an element's eye is off on every frame."""
    if not isinstance(element, (rp.Layer, rp.Shape, rp.Stroke)):
        return True
    curve = element.getAttributes().getCurve("vis", VIEW)
    return not curve.getNumberOfKeys() and not curve.useExpression and not element.getVisible(0)


def _is_shown(chain: Chain, frame: int) -> bool:
    for each in chain:
        if not isinstance(each, (rp.Layer, rp.Shape, rp.Stroke)) or not each.getVisible(frame):
            return False
        if each.getAttributes().getValue(frame, "opc", VIEW) <= 0:
            return False
    return True


def _times(curve: cl.AnimCurve) -> tuple[float, ...]:
    """Return the times of a curve's keys. There is no `AnimCurve.keys()`, whatever is written."""
    return tuple(float(curve.getKey(index).time) for index in range(curve.getNumberOfKeys()))


def _in_views(times: Callable[[str], Iterable[float]], view: str) -> tuple[float, ...]:
    return tuple(sorted({float(time) for each in _views(view) for time in times(each)}))


def _views(view: str) -> tuple[str, ...]:
    return (VIEW,) if view in ("", VIEW) else (VIEW, view)
