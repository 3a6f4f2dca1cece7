# SPDX-License-Identifier: Apache-2.0
"""Closed Bézier curves: where they go, and which place of one is nearest to a point.

A curve of n points is (n, 3, 2): each point itself, the handle before it, and the handle after
it, as x and y. A place on it is one number from 0 to n: 2.25 is a quarter of the way (of the
parameter, not of the length) from point 2 to point 3. Knows no frames and no mattes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.outlines.contours import Points

Curve = NDArray[np.float64]
Places = NDArray[np.float64]

POINT, BEFORE, AFTER = range(3)

_REACH = 0.6  # how far along the curve a nearer place is looked for
_TRIES = 13


def controls(places: Places, count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return which controls carry these places, and where they are between two points.

    places   (M,)
    count    points of the curve
    returns  (M, 4) indices into the curve as (3 n, 2), and (M,) the parameter from 0 to 1
    """
    whole = np.floor(places)
    first = whole.astype(np.intp) % count
    second = (first + 1) % count
    index = np.stack(
        [3 * first + POINT, 3 * first + AFTER, 3 * second + BEFORE, 3 * second + POINT], axis=1
    )
    return index, places - whole


def bernstein(u: NDArray[Any]) -> NDArray[np.float64]:
    """Return (M, 4) how much each control of a cubic counts at these parameters."""
    v = 1 - u
    return np.stack([v * v * v, 3 * u * v * v, 3 * u * u * v, u * u * u], axis=-1)


def at(curve: Curve, places: Places) -> Points:
    """Return (M, 2) the points of the curve at these places."""
    index, u = controls(places, len(curve))
    found: Points = np.einsum("mi,mix->mx", bernstein(u), curve.reshape(-1, 2)[index])
    return found


def slopes(curve: Curve, places: Places) -> tuple[Points, Points]:
    """Return (M, 2) the first and the second derivative at these places."""
    index, u = controls(places, len(curve))
    p = curve.reshape(-1, 2)[index]
    v = (1 - u)[:, None]
    u = u[:, None]
    steps = np.diff(p, axis=1)
    bends = np.diff(steps, axis=1)
    first = 3 * (v * v * steps[:, 0] + 2 * u * v * steps[:, 1] + u * u * steps[:, 2])
    return first, 6 * (v * bends[:, 0] + u * bends[:, 1])


def drawn(curve: Curve, parts: int = 24) -> Points:
    """Return the curve as a closed line of `parts` pieces between two points."""
    return at(curve, np.arange(len(curve) * parts) / parts)


def nearest(curve: Curve, points: Points, places: Places, reach: float = _REACH) -> Places:
    """Return places near to the given ones at which the curve is nearer to the points.

    points   (M, 2)
    places   (M,) where they are taken to be now
    reach    how far from there is looked

    Looking only near by keeps both sides of a thin limb apart.
    """
    count = len(curve)
    offsets = np.linspace(-reach, reach, _TRIES)
    tried = places[:, None] + offsets
    found = at(curve, tried.ravel()).reshape(*tried.shape, 2)
    best = np.argmin(np.sum((found - points[:, None]) ** 2, axis=2), axis=1)
    near = tried[np.arange(len(places)), best]
    step = offsets[1] - offsets[0]
    for _ in range(2):
        first, second = slopes(curve, near)
        away = at(curve, near) - points
        bottom = np.sum(first * first + away * second, axis=1)
        top = np.sum(first * away, axis=1)
        move = np.where(bottom > 1e-9, top / np.maximum(bottom, 1e-9), 0.0)
        near = near - np.clip(move, -step, step)
    old = np.sum((at(curve, tried[np.arange(len(places)), best]) - points) ** 2, axis=1)
    new = np.sum((at(curve, near) - points) ** 2, axis=1)
    near = np.where(new <= old, near, tried[np.arange(len(places)), best])
    return np.asarray(near % count)
