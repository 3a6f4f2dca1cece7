# SPDX-License-Identifier: Apache-2.0
"""The curve that lies nearest to contours on many frames, with few poses of its own.

Between two keys every control goes straight from one pose to the other, as masks do in their
hosts. All keys are found at once, by least squares of the distances across the curve; along
the curve a point may lie anywhere. Knows neither how points nor how keys are chosen.

Sources: Pottmann, Leopoldseder, Hofer, "Approximation with active B-spline curves and surfaces",
2002 (distances to tangents); Wang, Pottmann, Liu, "Fitting B-spline curves to point clouds by
curvature-based squared distance minimization", ACM TOG 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.outlines.contours import Points
from stmatte.outlines.curves import (
    AFTER,
    BEFORE,
    POINT,
    Curve,
    Places,
    at,
    bernstein,
    controls,
    nearest,
    slopes,
)
from stmatte.outlines.pieces import Seen

_ALONG = 0.3  # what a distance along the curve counts beside one across it
_EVEN = 1e-5  # handles lie a third of the way to the next point where nothing else is known
_CORNER = 1e-7
_GAP = 0.15  # of the way from a point of the curve to the next that may pass by nothing
_PARTS = (0.25, 0.5, 0.75)

Square = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fit:
    """Poses of a curve at keys, and how it lies on every frame.

    knots   (n,) ascending shares of the piece where the curve has its points
    keys    indices of frames; the first and the last frame are among them
    poses   (K, n, 3, 2) the curve at each key
    places  for each frame (M,) the places of the curve that its points belong to
    """

    knots: NDArray[np.float64]
    keys: tuple[int, ...]
    poses: NDArray[np.float64]
    places: tuple[Places, ...]

    def pose(self, frame: int) -> Curve:
        """Return the curve on a frame."""
        before, after, part = between(self.keys, frame)
        found: Curve = (1 - part) * self.poses[before] + part * self.poses[after]
        return found

    def distances(self, frames: Sequence[Seen], frame: int) -> NDArray[np.float64]:
        """Return (M,) how far the curve is from the contour at each of its points.

        Counted are the way from the point to the curve, and that from the curve, halfway to
        the next point's place, back to the contour.
        """
        pose, places, points = self.pose(frame), self.places[frame], frames[frame].points
        away = np.hypot(*(at(pose, places) - points).T)
        middles = (places + _gaps(places, len(pose)) / 2) % len(pose)
        back = _apart(at(pose, middles), points, np.roll(points, -1, axis=0))
        return np.asarray(np.maximum(away, back))

    def worst(self, frames: Sequence[Seen]) -> NDArray[np.float64]:
        """Return (F,) the largest distance on each frame."""
        return np.array([self.distances(frames, index).max() for index in range(len(frames))])


def between(keys: Sequence[int], frame: int) -> tuple[int, int, float]:
    """Return which keys, as indices, a frame lies between, and how far it is on the way."""
    after = int(np.searchsorted(np.asarray(keys), frame))
    if after < len(keys) and keys[after] == frame:
        return after, after, 0.0
    after = min(max(after, 1), len(keys) - 1)
    before = after - 1
    return before, after, (frame - keys[before]) / (keys[after] - keys[before])


def fit(
    frames: Sequence[Seen], knots: NDArray[np.float64], keys: Sequence[int], rounds: int = 3
) -> Fit:
    """Lay a curve with points at `knots` on the contours of all frames.

    rounds  how often the points of contours look for a nearer place on the curve
    """
    places = tuple(_by_share(one.shares, knots) for one in frames)
    empty = np.zeros((len(keys), len(knots), 3, 2))
    start = Fit(knots, tuple(keys), empty, places)
    solved = replace(start, poses=_solved(start, frames, along=1.0))
    return settled(solved, frames, rounds)


def settled(before: Fit, frames: Sequence[Seen], rounds: int) -> Fit:
    """Let the curve come nearer to the contours, from where it is."""
    now = _looked(before, frames)
    for _ in range(rounds):
        now = replace(now, poses=_solved(now, frames, along=_ALONG))
        now = _looked(now, frames)
    return now


def rekeyed(before: Fit, keys: Sequence[int]) -> Fit:
    """Return the same motion, as well as it can be said with other keys."""
    poses = np.stack([before.pose(key) for key in keys])
    return replace(before, keys=tuple(keys), poses=poses)


def _looked(now: Fit, frames: Sequence[Seen]) -> Fit:
    found = []
    for index, one in enumerate(frames):
        old, count = now.places[index], len(now.knots)
        new = nearest(now.pose(index), one.points, old)
        found.append(_in_order(old, new, count))
    return replace(now, places=tuple(found))


def _in_order(old: Places, new: Places, count: int) -> Places:
    """Return new places in the order of the contour, which a fold of the curve may break."""
    start = old[0] + _signed(new[:1] - old[:1], count)
    turned = np.concatenate([[0.0], np.cumsum(_gaps(old, count)[:-1])]) + old[0]
    moved = turned + _signed(new - old, count)
    up = np.maximum.accumulate(moved)
    down = np.minimum.accumulate(moved[::-1])[::-1]
    ordered = (up + down) / 2
    # once around and no more: the last stays behind the first of the next turn
    ordered = np.clip(ordered, start - count / 2, ordered[0] + count)
    return np.asarray(ordered % count)


def _signed(move: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.asarray((move + count / 2) % count - count / 2)


def _gaps(places: Places, count: int) -> NDArray[np.float64]:
    """Return (M,) how far it is along the curve from each place to the next, around and around."""
    gaps = (np.roll(places, -1) - places) % count
    return np.where(gaps > count - 1e-6, 0.0, gaps)


def _apart(points: Points, one: Points, other: Points) -> NDArray[np.float64]:
    """Return (M,) how far points are from the straight lines between two others."""
    along = other - one
    length = np.maximum(np.sum(along * along, axis=1), 1e-12)
    part = np.clip(np.sum((points - one) * along, axis=1) / length, 0.0, 1.0)
    return np.asarray(np.hypot(*(one + part[:, None] * along - points).T))


def _by_share(shares: NDArray[np.float64], knots: NDArray[np.float64]) -> Places:
    """Return the places of a curve with points at `knots` that lie at these shares."""
    closed = np.concatenate([knots[-1:] - 1, knots, knots[:1] + 1])
    return np.asarray(np.interp(shares, closed, np.arange(-1, len(knots) + 1)) % len(knots))


def _solved(now: Fit, frames: Sequence[Seen], along: float) -> NDArray[np.float64]:
    """Return the poses for which the sum of squares is least: one solution for all keys."""
    count = len(now.knots)
    size = 6 * count
    mains = np.zeros((len(now.keys), size, size))
    sides = np.zeros((len(now.keys), size, size))  # of each key with the next
    rights = np.zeros((len(now.keys), size))
    even = _EVEN * _evenness(count)
    for index, one in enumerate(frames):
        pose = now.pose(index) if along < 1 else None
        points, places = _with_gaps(one.points, now.places[index], count)
        square, right = _sums(pose, points, places, count, along)
        # an equal voice for every frame, however long its contour
        square = square / len(one.points) + even
        right = right / len(one.points)
        before, after, part = between(now.keys, index)
        mains[before] += (1 - part) ** 2 * square
        rights[before] += (1 - part) * right
        if after != before:
            mains[after] += part**2 * square
            rights[after] += part * right
            sides[before] += part * (1 - part) * square
    mains += _CORNER * np.eye(size)
    found = _tridiagonal(mains, sides, rights)
    return found.reshape(len(now.keys), count, 3, 2)


def _with_gaps(points: Points, places: Places, count: int) -> tuple[Points, Places]:
    """Return a contour with points added where the curve goes far without meeting one."""
    gaps = _gaps(places, count)
    wide = np.flatnonzero(gaps > _GAP)
    if not len(wide):
        return points, places
    after = (wide + 1) % len(points)
    more = [(1 - part) * points[wide] + part * points[after] for part in _PARTS]
    there = [(places[wide] + part * gaps[wide]) % count for part in _PARTS]
    return np.concatenate([points, *more]), np.concatenate([places, *there])


def _sums(
    pose: Curve | None, points: Points, places: Places, count: int, along: float
) -> tuple[Square, NDArray[np.float64]]:
    """Return the normal equations of one frame: (6 n, 6 n) and (6 n,)."""
    index, u = controls(places, count)
    weights = bernstein(u)
    if pose is None:
        axes = np.broadcast_to(np.eye(2), (len(points), 2, 2))
        strengths = np.array([1.0, 1.0])
        targets = points
    else:
        tangent, _ = slopes(pose, places)
        tangent = tangent / np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
        axes = np.stack([np.stack([tangent[:, 1], -tangent[:, 0]], axis=1), tangent], axis=1)
        # no direction at a point with no handles, and none that is surer at a corner
        away = points - at(pose, places)
        across = np.abs(np.sum(away * axes[:, 0], axis=1))
        total = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-9)
        corner = np.where(across < 0.7 * total, 1.0, along)
        strengths = np.stack([np.ones(len(points)), corner], axis=1)
        targets = points
    columns = (2 * index[:, :, None] + np.arange(2)).reshape(len(points), 8)
    square = np.zeros(36 * count * count)
    right = np.zeros(6 * count)
    flat = (columns[:, :, None] * (6 * count) + columns[:, None, :]).ravel()
    both = np.zeros((len(points), 8, 8))
    for axis in (0, 1):
        strength = strengths[..., axis]
        row = (weights[:, :, None] * axes[:, None, axis, :]).reshape(len(points), 8)
        value = np.sum(targets * axes[:, axis], axis=1)
        heavy = row * np.broadcast_to(strength, (len(points),))[:, None]
        both += heavy[:, :, None] * row[:, None, :]
        right += np.bincount(columns.ravel(), (heavy * value[:, None]).ravel(), minlength=6 * count)
    square += np.bincount(flat, both.ravel(), minlength=36 * count * count)
    return square.reshape(6 * count, 6 * count), right


def _evenness(count: int) -> Square:
    """Return what it costs that handles are not a third of the way to the next point."""
    rows = np.zeros((2 * count, 3 * count))
    for k in range(count):
        after = (k + 1) % count
        rows[2 * k, 3 * k + AFTER] += 1
        rows[2 * k, 3 * k + POINT] -= 2 / 3
        rows[2 * k, 3 * after + POINT] -= 1 / 3
        rows[2 * k + 1, 3 * after + BEFORE] += 1
        rows[2 * k + 1, 3 * after + POINT] -= 2 / 3
        rows[2 * k + 1, 3 * k + POINT] -= 1 / 3
    square = rows.T @ rows / count
    return np.asarray(np.kron(square, np.eye(2)))


def _tridiagonal(
    mains: NDArray[Any], sides: NDArray[Any], rights: NDArray[Any]
) -> NDArray[np.float64]:
    """Solve for all keys at once, each of which knows only its neighbours."""
    count = len(mains)
    ups = np.zeros_like(mains)
    found = np.zeros_like(rights)
    main, right = mains[0], rights[0]
    for key in range(count):
        linked = key + 1 < count and bool(sides[key].any())
        if not linked:
            found[key] = np.linalg.solve(main, right)
            if key + 1 < count:
                main, right = mains[key + 1], rights[key + 1]
            continue
        solved = np.linalg.solve(main, np.concatenate([sides[key], right[:, None]], axis=1))
        ups[key], found[key] = solved[:, :-1], solved[:, -1]
        main = mains[key + 1] - sides[key].T @ ups[key]
        right = rights[key + 1] - sides[key].T @ found[key]
    for key in range(count - 2, -1, -1):
        found[key] -= ups[key] @ found[key + 1]
    return found
