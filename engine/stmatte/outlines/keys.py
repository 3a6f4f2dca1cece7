# SPDX-License-Identifier: Apache-2.0
"""Which frames need a pose of their own: as few as keep every curve near its contours.

All pieces of an object have their keys on the same frames, as the splines of a mask layer do.
Keys are added where a curve is farthest from its contour, in every span at once, and then
those are taken away that nothing needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stmatte.outlines.fitting import Fit, between, fit, rekeyed, settled
from stmatte.outlines.pieces import Seen
from stmatte.outlines.points import Knots

Errors = NDArray[np.float64]

_ROUNDS = 3
_MOST_ROUNDS = 40


@dataclass(frozen=True, eq=False)
class Moving:
    """A piece, and the curve that follows it.

    first   its first frame, as an index
    frames  the piece on each of its frames
    fit     the curve; its keys are counted from `first`
    """

    first: int
    frames: tuple[Seen, ...]
    fit: Fit

    @property
    def last(self) -> int:
        """Its last frame, as an index."""
        return self.first + len(self.frames) - 1

    def errors(self) -> Errors:
        """Return (F,) how far off the curve is on each of its frames."""
        return self.fit.worst(self.frames)

    def keyed(self, keys: set[int]) -> Moving:
        """Return the same with keys on these frames, and on its own first and last."""
        mine = {key - self.first for key in keys if self.first <= key <= self.last}
        mine |= {0, len(self.frames) - 1}
        if mine == set(self.fit.keys):
            return self
        fresh = settled(rekeyed(self.fit, sorted(mine)), self.frames, _ROUNDS)
        return replace(self, fit=fresh)


def begun(first: int, frames: tuple[Seen, ...], knots: Knots) -> Moving:
    """Lay a curve on a piece, with keys at its ends only."""
    keys = sorted({0, len(frames) - 1})
    return Moving(first, frames, fit(frames, knots, keys, _ROUNDS))


def choose_keys(
    moving: Sequence[Moving], limit: float, watch: Callable[[], None] = lambda: None
) -> tuple[tuple[Moving, ...], set[int]]:
    """Return the curves with keys on as few frames as keep them within `limit`, and these frames.

    Where a curve is farther off on every frame around already, it stays so.
    """
    ends = {end for one in moving for end in (one.first, one.last)}
    keys = set(ends)
    now = tuple(one.keyed(keys) for one in moving)
    for _ in range(_MOST_ROUNDS):
        watch()
        more = {frame for one in now for frame in _wanted(one, limit)} - keys
        if not more:
            break
        keys |= more
        now = tuple(one.keyed(keys) for one in now)
    return _thinned(now, keys, ends, limit, watch)


def _wanted(one: Moving, limit: float) -> set[int]:
    """Return the worst frame of each span that is too far off."""
    errors = one.errors()
    keys = one.fit.keys
    found = set()
    for before, after in pairwise(keys):
        if after - before < 2:
            continue
        inside = errors[before + 1 : after]
        if inside.max() > limit:
            worst = before + 1 + int(np.argmax(inside))
        elif max(errors[before], errors[after]) > limit:
            # a key is pulled off by frames that it serves: give these one of their own
            worst = (before + after) // 2
        else:
            continue
        found.add(one.first + worst)
    return found


def _thinned(
    now: tuple[Moving, ...],
    keys: set[int],
    ends: set[int],
    limit: float,
    watch: Callable[[], None],
) -> tuple[tuple[Moving, ...], set[int]]:
    """Take away keys that nothing needs, several at once where they are apart."""
    allowed = [np.maximum(one.errors(), limit) for one in now]
    tried: set[int] = set()
    while True:
        watch()
        left = [key for key in keys - ends if key not in tried]
        left.sort(key=lambda key: _defect(now, key))
        order = sorted(keys)
        goes: set[int] = set()
        for key in left:
            index = order.index(key)
            if not goes & {order[index - 1], order[min(index + 1, len(order) - 1)]}:
                goes.add(key)
            if len(goes) >= max(1, len(left) // 3):
                break
        if not goes:
            return now, keys
        tried |= goes
        while goes:
            fewer = tuple(one.keyed(keys - goes) for one in now)
            harmed = _harmed(fewer, allowed)
            if not harmed:
                now, keys = fewer, keys - goes
                break
            # those stay that a harmed frame lies beside
            order = sorted(keys)
            keep = set()
            for frame in harmed:
                index = int(np.searchsorted(order, frame))
                keep |= goes & set(order[max(index - 2, 0) : index + 2])
            goes = goes - keep if keep else set()


def _harmed(now: Sequence[Moving], allowed: Sequence[Errors]) -> set[int]:
    return {
        one.first + int(frame)
        for one, most in zip(now, allowed, strict=True)
        for frame in np.flatnonzero(one.errors() > most)
    }


def _defect(now: Sequence[Moving], key: int) -> float:
    """Return how far a key's poses are from the straight way between its neighbours'."""
    worst = 0.0
    for one in now:
        mine = key - one.first
        if mine not in one.fit.keys[1:-1]:
            continue
        others = [other for other in one.fit.keys if other != mine]
        before, after, part = between(others, mine)
        poses = [one.fit.poses[one.fit.keys.index(others[k])] for k in (before, after)]
        straight = (1 - part) * poses[0] + part * poses[1]
        away = one.fit.poses[one.fit.keys.index(mine)] - straight
        worst = max(worst, float(np.abs(away).max()))
    return worst
