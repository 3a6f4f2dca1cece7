# SPDX-License-Identifier: Apache-2.0
"""Few Bézier points with few keys for the mattes of one object: the whole way.

Every spline has its points in the same order on all frames. A spline whose piece is not there
is kept outside the picture, without area: masks cannot hide one spline of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.outlines.contours import Points, contours
from stmatte.outlines.curves import Curve, drawn
from stmatte.outlines.fitting import between
from stmatte.outlines.keys import Moving, begun, choose_keys
from stmatte.outlines.pieces import Piece, cut, pieces, seen
from stmatte.outlines.points import choose_points

LEAST_TOLERANCE, MOST_TOLERANCE = 0.25, 50.0
_FOR_POINTS = 0.7  # of the tolerance; the rest is for what lies between keys
_FOR_KEYS = 0.95
_SMALLEST = 16.0  # square pixels at a tolerance of one: what is less cannot be seen at it
_TOO_MUCH = 0.25  # of a contour stretched or pressed together: nothing follows that
_LAST_RESORT = 150  # points, where nothing else serves one frame
_OUTSIDE = 64.0  # pixels left of and above the picture, where a spline waits


@dataclass(frozen=True, eq=False)
class Spline:
    """A closed spline.

    hole    whether it is cut out of what lies around it
    first   the frame where it appears
    last    the frame after which it vanishes
    poses   (K, n, 3, 2) on every key of the outline: point, handle before, handle after
    """

    hole: bool
    first: int
    last: int
    poses: NDArray[np.float64]

    @property
    def points(self) -> int:
        """How many points it has."""
        return int(self.poses.shape[1])


@dataclass(frozen=True, eq=False)
class Outline:
    """What follows an object.

    size     (H, W) of the mattes
    frames   all frames, ascending
    keys     frames on which there are poses; straight ways between them
    splines  those that last longest first
    errors   for each frame how far the splines are from the matte's edge, in pixels
    """

    size: tuple[int, int]
    frames: tuple[int, ...]
    keys: tuple[int, ...]
    splines: tuple[Spline, ...]
    errors: tuple[float, ...]

    def loops(self, frame: int) -> tuple[Points, ...]:
        """Return the closed lines of a frame, those without area left out."""
        return tuple(
            drawn(self.pose(spline, frame))
            for spline in self.splines
            if spline.first <= frame <= spline.last
        )

    def pose(self, spline: Spline, frame: int) -> Curve:
        """Return a spline's points and handles on a frame, as a mask has them."""
        before, after, part = between(self.keys, frame)
        found: Curve = (1 - part) * spline.poses[before] + part * spline.poses[after]
        return found


def outline(
    mattes: Iterable[tuple[int, NDArray[Any]]],
    tolerance: float = 1.0,
    inset: float = 0.0,
    watch: Callable[[], None] = lambda: None,
) -> Outline:
    """Fit splines to the mattes of an object.

    mattes     frames, ascending, each with its (H, W) in [0, 1]; all of one size
    tolerance  how far the splines may be from where the matte is 0.5, in pixels
    inset      by how many pixels they lie within the object, for hosts that draw a mask wider
    watch      called now and then; what it raises ends the work

    Pieces and holes of less than 16 square pixels, times the tolerance squared, are left out.

    Raises StmatteError if the tolerance is none, if sizes differ, or if no frame has an edge.
    """
    if not LEAST_TOLERANCE <= tolerance <= MOST_TOLERANCE:
        raise StmatteError(
            f"A tolerance of {tolerance:g} pixels cannot be kept",
            value=tolerance,
            allowed=f"it is {LEAST_TOLERANCE:g} to {MOST_TOLERANCE:g} pixels",
        )
    frames: list[int] = []
    found: list[tuple[Points, ...]] = []
    size: tuple[int, int] | None = None
    for frame, matte in mattes:
        if size is not None and matte.shape != size:
            raise StmatteError(
                f"Matte frame {frame} is {matte.shape[1]}x{matte.shape[0]}, "
                f"those before it are {size[1]}x{size[0]}",
                value=matte.shape,
                repair="Outline frames of one size at a time",
            )
        size = (int(matte.shape[0]), int(matte.shape[1]))
        frames.append(frame)
        found.append(contours(matte, _SMALLEST * tolerance**2))
    if size is None or not any(found):
        raise StmatteError(
            "There is nothing to outline",
            allowed="a matte is above 0.5 on more than "
            f"{_SMALLEST * tolerance**2:g} square pixels of some frame",
            repair="Choose the object that was propagated, other frames or a smaller tolerance",
        )
    fitted, curves, keys = _followed(pieces(found), tolerance, inset, watch)
    order = sorted(keys | _around(curves, len(frames)))
    splines = tuple(
        _spline(piece.hole, one, order, frames) for piece, one in zip(fitted, curves, strict=True)
    )
    errors = np.zeros(len(frames))
    for one in curves:
        span = slice(one.first, one.last + 1)
        errors[span] = np.maximum(errors[span], one.errors())
    return Outline(
        size,
        tuple(frames),
        tuple(frames[index] for index in order),
        splines,
        tuple(float(error) for error in errors),
    )


def _followed(
    begun_with: Iterable[Piece], tolerance: float, inset: float, watch: Callable[[], None]
) -> tuple[list[Piece], tuple[Moving, ...], set[int]]:
    """Return pieces, the curve of each, and their keys; pieces are cut until all are followed."""
    limit = _FOR_POINTS * tolerance
    fitted = [one for piece in begun_with for one in _fitted(piece, limit, inset, watch)]
    while True:
        fitted.sort(key=lambda one: (-len(one[0].loops), one[0].first))
        curves, keys = choose_keys([one for _, one in fitted], _FOR_KEYS * tolerance, watch)
        good: list[tuple[Piece, Moving]] = []
        again: list[Piece] = []
        for (piece, start), curve in zip(fitted, curves, strict=True):
            errors = curve.errors()
            if len(errors) > 1 and errors.max() > tolerance:
                again += cut(piece, max(1, int(np.argmax(errors))))
            else:
                good.append((piece, start))
        if not again:
            return [piece for piece, _ in fitted], curves, keys
        fitted = good + [one for part in again for one in _fitted(part, limit, inset, watch)]


def _fitted(
    piece: Piece, limit: float, inset: float, watch: Callable[[], None]
) -> list[tuple[Piece, Moving]]:
    """Lay a curve on a piece; where one does not follow it, on the parts before and after.

    Where an arm touches a body, for one, half of the contour is suddenly another's.
    """
    watch()
    whole, strains = seen(piece)
    there = tuple(one.moved_in(inset) for one in whole)
    hopeless = bool(strains) and max(strains) > _TOO_MUCH
    knots = None if hopeless else choose_points(there, limit, watch)
    if knots is not None:
        return [(piece, begun(piece.first, there, knots))]
    if not strains:
        return [(piece, begun(piece.first, there, np.arange(_LAST_RESORT) / _LAST_RESORT))]
    parts = cut(piece, int(np.argmax(strains)) + 1)
    return [one for part in parts for one in _fitted(part, limit, inset, watch)]


def _around(curves: Iterable[Moving], count: int) -> set[int]:
    """Return the frames right before and after each curve, where it must be away."""
    beside = {end for one in curves for end in (one.first - 1, one.last + 1)}
    return {frame for frame in beside if 0 <= frame < count}


def _spline(hole: bool, one: Moving, order: list[int], frames: list[int]) -> Spline:
    away = np.full((len(one.fit.knots), 3, 2), -_OUTSIDE)
    poses = [
        one.fit.pose(key - one.first) if one.first <= key <= one.last else away for key in order
    ]
    return Spline(hole, frames[one.first], frames[one.last], np.stack(poses))
