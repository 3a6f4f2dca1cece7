# SPDX-License-Identifier: Apache-2.0
"""How many points a piece needs, and where: as few as serve every frame on which it is seen.

Points are added where a curve is farthest from a contour, on whatever frame that is, and then
those are taken away that no frame needs. Knows nothing of keys: here every frame has a pose
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.outlines.contours import Points
from stmatte.outlines.curves import AFTER, BEFORE, POINT, bernstein
from stmatte.outlines.fitting import Fit, fit
from stmatte.outlines.pieces import Seen

FEWEST = 4
_LOOKED_AT = 10  # frames that are looked at to begin with
_MORE = 3  # frames that are added, the worst ones, where others need more
_ROUNDS = 24
_MOST_ALONE = 400
_ALONE = 3  # frames of which it is seen what they need alone
_TIMES = 1.6
_CLOSEST = 1.5  # places of a contour between two points, at least

Knots = NDArray[np.float64]


def choose_points(
    frames: Sequence[Seen], limit: float, watch: Callable[[], None] = lambda: None
) -> Knots | None:
    """Return the shares of a piece at which a curve has its points.

    None is returned where one choice does not serve all frames, or would be far more than any
    of them needs.

    frames  the piece on each of its frames
    limit   how far the curve may pass by a contour, in pixels, where that can be had
    watch   called now and then; what it raises ends the work
    """
    chosen = sorted({round(i) for i in np.linspace(0, len(frames) - 1, _LOOKED_AT)})
    knots: Knots = np.arange(FEWEST) / FEWEST
    most = _MOST_ALONE if len(frames) == 1 else _most(frames, limit)
    for _ in range(_ROUNDS):
        watch()
        some = [frames[index] for index in chosen]
        now = _apart(some, knots)
        more = _with_more(now, some, limit)
        if len(more) > most:
            return None
        if len(more) > len(knots):
            knots = more
            continue
        if float(now.worst(some).max()) > limit:
            return None  # there is no room for more
        knots = _thinned(now, some, limit)
        left = [index for index in range(len(frames)) if index not in chosen]
        errors = {
            index: float(_apart([frames[index]], knots).worst([frames[index]])[0]) for index in left
        }
        bad = sorted((index for index in left if errors[index] > limit), key=errors.__getitem__)
        if not bad:
            return knots
        chosen = sorted([*chosen, *bad[-_MORE:]])
    return None


def _most(frames: Sequence[Seen], limit: float) -> int:
    """Return how many points are too many: more than frames by themselves would have, by far."""
    some = {round(i) for i in np.linspace(0, len(frames) - 1, _ALONE)}
    alone = [choose_points([frames[index]], limit) for index in some]
    need = max((len(knots) for knots in alone if knots is not None), default=_MOST_ALONE)
    return int(_TIMES * need) + FEWEST


def _apart(frames: Sequence[Seen], knots: Knots) -> Fit:
    """Lay a curve on each frame by itself."""
    return fit(frames, knots, range(len(frames)))


def _with_more(now: Fit, frames: Sequence[Seen], limit: float) -> Knots:
    """Return the knots, and one more in every part between two that is too far off."""
    count = len(now.knots)
    worst = np.zeros(count)
    share = np.zeros(count)
    for index, one in enumerate(frames):
        away = now.distances(frames, index)
        part = np.floor(now.places[index]).astype(np.intp) % count
        for m in np.flatnonzero(away > limit):
            if away[m] > worst[part[m]]:
                worst[part[m]], share[part[m]] = away[m], one.shares[m]
    least = _CLOSEST / max(len(one.shares) for one in frames)
    more = list(now.knots)
    for k in np.flatnonzero(worst > limit):
        wide = (now.knots[(k + 1) % count] - now.knots[k]) % 1.0
        if wide < 2 * least:
            continue
        inside = (share[k] - now.knots[k]) % 1.0
        if not 0.15 * wide < inside < 0.85 * wide:
            inside = wide / 2
        more.append((now.knots[k] + inside) % 1.0)
    return np.array(sorted(more))


def _thinned(now: Fit, frames: Sequence[Seen], limit: float) -> Knots:
    """Return the knots without those that no frame needs."""
    while len(now.knots) > FEWEST:
        errors = np.array([_without(now, frames, k) for k in range(len(now.knots))])
        goes: list[int] = []
        for k in np.argsort(errors).tolist():
            beside = {(k - 1) % len(errors), (k + 1) % len(errors)}
            if errors[k] <= limit and not beside & set(goes):
                goes.append(k)
        goes = goes[: len(now.knots) - FEWEST]
        # what is well apart seldom harms; where it does, less is taken away at once
        while goes:
            fewer = _apart(frames, np.delete(now.knots, goes))
            if float(fewer.worst(frames).max()) <= limit:
                now = fewer
                break
            goes = goes[: len(goes) // 2]
        else:
            return now.knots
    return now.knots


def _without(now: Fit, frames: Sequence[Seen], k: int) -> float:
    """Return how far off one cubic would be where there are two now, on either side of a point."""
    count = len(now.knots)
    worst = 0.0
    for index, one in enumerate(frames):
        along = (now.places[index] - (k - 1)) % count
        inside = np.flatnonzero(along < 2)
        if len(inside) < 3:
            continue
        inside = inside[np.argsort(along[inside])]
        pose = now.poses[index]
        ends = np.stack([pose[(k - 1) % count, POINT], pose[(k + 1) % count, POINT]])
        handles = np.stack([pose[(k - 1) % count, AFTER], pose[(k + 1) % count, BEFORE]])
        worst = max(worst, _one_cubic(one.points[inside], ends, handles))
    return worst


def _one_cubic(points: Points, ends: Points, handles: Points, rounds: int = 4) -> float:
    """Return the largest distance of points from the best cubic between two ends.

    Source: Schneider, "An Algorithm for Automatically Fitting Digitized Curves", Graphics
    Gems, 1990: least squares and a better parameter by turns.
    """
    line = np.concatenate([ends[:1], points, ends[1:]])
    along = np.cumsum(np.hypot(*np.diff(line, axis=0).T))
    u: NDArray[Any] = along[:-1] / max(float(along[-1]), 1e-9)
    curve = np.stack([ends[0], *handles, ends[1]])
    away = np.zeros(len(points))
    for _ in range(rounds):
        weights = bernstein(u)
        inner = weights[:, 1:3]
        rest = points - weights[:, :1] * ends[0] - weights[:, 3:] * ends[1]
        square = inner.T @ inner + 1e-6 * np.eye(2)
        curve[1:3] = np.linalg.solve(square, inner.T @ rest)
        steps = 3 * np.diff(curve, axis=0)
        error = weights @ curve - points
        away = np.hypot(error[:, 0], error[:, 1])
        v = 1 - u
        slope = np.stack([v * v, 2 * u * v, u * u], axis=1) @ steps
        move = np.sum(slope * error, axis=1) / np.maximum(np.sum(slope * slope, axis=1), 1e-9)
        u = np.clip(u - np.clip(move, -0.1, 0.1), 0.0, 1.0)
    return float(away.max())
