# SPDX-License-Identifier: Apache-2.0
"""What was found on a frame, steadied by what was found on the frames right beside it.

Only frames of the same span count, so that a correction touches no frame more than it would.
A frame beside a key stays as it was found, and so does one beside a frame that cannot be
read. Every frame is steadied from what the passes found, never from steadied frames: the
order in which frames are computed makes no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache

import torch

from stmatte.images.motion import LEAST_SIDE, Way, grey, ways
from stmatte.images.steady import Lead, lead, steadied
from stmatte.pipeline.computing import found_in_store
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.plan import ObjectPlan
from stmatte.propagation.focus import scaled
from stmatte.propagation.fusing import Found
from stmatte.store import Store

HELD = 4
"""Frames whose views and motions are held: those beside the frame that is steadied, and it."""


class Steadying:
    """How the frames of a planned shot steady each other."""

    def __init__(self, planned: PlannedShot):
        self._planned = planned
        latest = lru_cache(maxsize=HELD)
        self._view = latest(planned.reader.view)
        self._ways = latest(self._ways_from)
        self._leads = latest(self._leads_of)

    def found(self, store: Store, plan: ObjectPlan, frame: int) -> Found | None:
        """Return what is known of an object on a computed frame; None if something is missing."""
        own = found_in_store(self._planned, store, plan, frame)
        beside = plan.beside(frame)
        if own is None or not beside:
            return own
        leads = self._leads(frame)
        if leads is None:
            return own
        others = []
        for neighbour, led in zip(beside, leads, strict=True):
            other = found_in_store(self._planned, store, plan, neighbour)
            if other is None:
                return None
            others.append((self._working(other).cpu().numpy(), led))
        working = self._working(own)
        steady = torch.from_numpy(steadied(working.cpu().numpy(), tuple(others)))
        return replace(own, plane=_changed(own.plane, working, steady.to(working.device)))

    def _working(self, found: Found) -> torch.Tensor:
        """Return a plane at working size, at which the plate's motion is known."""
        return scaled(found.plane, self._planned.size)

    def _ways_from(self, frame: int) -> tuple[Way, Way] | None:
        """Return the ways between a frame and the next; None if one of them cannot be read."""
        one, other = self._view(frame), self._view(frame + 1)
        return None if one is None or other is None else ways(grey(one), grey(other))

    def _leads_of(self, frame: int) -> tuple[Lead, Lead] | None:
        """Return how the frames before and after one count for it."""
        if min(self._planned.size) < LEAST_SIDE:
            return None
        before, after = self._ways(frame - 1), self._ways(frame)
        view, last, following = (self._view(f) for f in (frame, frame - 1, frame + 1))
        if before is None or after is None or view is None or last is None or following is None:
            return None
        return lead(view, last, before[1]), lead(view, following, after[0])


def _changed(plane: torch.Tensor, before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """Change a plane as it was changed at working size; it keeps the detail that it has beyond."""
    if plane.shape == before.shape:
        return after
    grid = (plane.shape[0], plane.shape[1])
    return (plane + scaled(after, grid) - scaled(before, grid)).clamp(0, 1)


class Turns:
    """Which frames can be put together when: not before those beside them are known, too.

    needed  frames that must be computed for the wanted ones
    """

    def __init__(self, planned: PlannedShot, wanted: Collection[int]):
        plans = planned.plan.objects
        self._beside = {
            frame: {near for plan in plans for near in plan.beside(frame)} for frame in wanted
        }
        self.needed = frozenset(wanted).union(*self._beside.values())
        self._known: set[int] = set()
        self._left = set(wanted)

    def known(self, frame: int) -> Iterator[int]:
        """Say that a frame is known; yield the frames that can be put together now."""
        self._known.add(frame)
        for each in (frame, frame - 1, frame + 1):
            if each in self._left & self._known and self._beside[each] <= self._known:
                self._left.remove(each)
                yield each

    def rest(self) -> Iterator[int]:
        """Yield the frames that are known, and beside some that will never be."""
        for frame in sorted(self._left & self._known):
            self._left.remove(frame)
            yield frame
