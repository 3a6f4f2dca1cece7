# SPDX-License-Identifier: Apache-2.0
"""An outline as the engine wrote it, brought into the shapes of a Roto node.

Nuke counts pixels from the lower left, and tangents from their point; the engine counts from the
upper left, and handles absolutely. Each shape of a Roto has keys of its own, so one that comes
later or goes earlier has none before or after. Pure: no Nuke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stmatte_host.outline import Outline, Point, Spline

_STEPS = 6
"""Places on each curve between two points, for asking what lies inside of what."""

RotoPoint = tuple[float, float, float, float, float, float]
"""x and y of a point; the tangent before it and the one after it, as seen from the point."""


@dataclass(frozen=True)
class RotoShape:
    """One closed Bézier of a Roto.

    hole         it is taken out of what lies below it
    keys, poses  script frames, ascending, and the points on each of them
    appears      script frame on which it comes; None if it is there from the start
    vanishes     script frame on which it is there for the last time; None if it stays
    """

    name: str
    hole: bool
    keys: tuple[int, ...]
    poses: tuple[tuple[RotoPoint, ...], ...]
    appears: int | None
    vanishes: int | None


def roto_shapes(outline: Outline) -> tuple[RotoShape, ...]:
    """Return an outline's shapes, the topmost first, as a Roto lists them.

    From below they are called "hero", "hero_2" and so on, holes "hero_hole", "hero_hole_2".
    """
    counts = {False: 0, True: 0}
    shapes = []
    for spline in reversed(_topmost_first(outline)):
        counts[spline.hole] += 1
        name = f"{outline.object}_hole" if spline.hole else outline.object
        number = counts[spline.hole]
        shapes.append(_shape(outline, spline, name if number == 1 else f"{name}_{number}"))
    return tuple(reversed(shapes))


def _shape(outline: Outline, spline: Spline, name: str) -> RotoShape:
    there = [n for n, key in enumerate(outline.keys) if spline.first <= key <= spline.last]
    return RotoShape(
        name,
        spline.hole,
        tuple(outline.keys[n] for n in there),
        tuple(tuple(_point(p, outline.size[1]) for p in spline.poses[n]) for n in there),
        spline.first if spline.first > outline.keys[0] else None,
        spline.last if spline.last < outline.keys[-1] else None,
    )


def _point(point: Point, height: float) -> RotoPoint:
    x, y, before_x, before_y, after_x, after_y = point
    return x, height - y, before_x - x, y - before_y, after_x - x, y - after_y


def _topmost_first(outline: Outline) -> list[Spline]:
    """Return the splines so that each lies above those that it is inside of.

    A hole must lie above what it is cut out of, and what stands in a hole above the hole.
    """
    waiting = list(range(len(outline.splines)))
    inside = {(a, b) for a in waiting for b in waiting if _inside(outline, a, b)}
    order = []
    while waiting:
        # The topmost is one that has no other inside. There is one, unless two are in each other
        # on different frames: then no order is right on all of them.
        top = next(
            (one for one in waiting if not any((other, one) in inside for other in waiting)),
            waiting[-1],
        )
        order.append(outline.splines[top])
        waiting.remove(top)
    return order


def _inside(outline: Outline, a: int, b: int) -> bool:
    """Return whether spline `a` lies inside spline `b` on a key that they share.

    Asked only of a hole and something that is none: of two of a kind, either may lie above.
    """
    inner, outer = outline.splines[a], outline.splines[b]
    if inner.hole == outer.hole:
        return False
    first, last = max(inner.first, outer.first), min(inner.last, outer.last)
    return any(
        _holds(_line(outer.poses[n]), inner.poses[n][0])
        for n, key in enumerate(outline.keys)
        if first <= key <= last
    )


def _line(pose: Sequence[Point]) -> list[tuple[float, float]]:
    """Return places along a closed spline, close enough to ask what is inside."""
    line = []
    for here, there in zip(pose, (*pose[1:], pose[0])):
        for step in range(_STEPS):
            t = step / _STEPS
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
            corners = (here[0:2], here[4:6], there[2:4], there[0:2])
            x = sum(w * corner[0] for w, corner in zip(weights, corners))
            y = sum(w * corner[1] for w, corner in zip(weights, corners))
            line.append((x, y))
    return line


def _holds(line: Sequence[tuple[float, float]], point: Point) -> bool:
    """Return whether a point is inside a closed line: a ray from it crosses oddly often."""
    x, y = point[0], point[1]
    crossings = 0
    for (ax, ay), (bx, by) in zip(line, (*line[1:], line[0])):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            crossings += 1
    return crossings % 2 == 1
