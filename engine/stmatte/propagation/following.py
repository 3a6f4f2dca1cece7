# SPDX-License-Identifier: Apache-2.0
"""One pass that follows its object with a window, and widens it when the object outgrows it.

Every window follows from what was kept of the frames before, so a pass that goes on where
another one was stopped looks where that one would have looked. Knows no file and no plate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.plan.spans import Pass
from stmatte.propagation.focus import (
    LOST,
    Extent,
    Size,
    View,
    Window,
    chosen,
    extent_of,
    followed,
    widened,
    window_on,
)
from stmatte.propagation.passes import KeyedMattes, Sight, run_pass


@dataclass(frozen=True, eq=False)
class Scene:
    """What the passes of one object look at.

    grids  the canvas at all scales at which they may look, ascending: the first is the size
           that the network sees. A single one means that they always see the whole canvas
    see    frame and window -> what is seen there; None where there is nothing to see
    given  frame and window -> the matte (h, w) in [0, 1] that a key has there
    """

    grids: tuple[Size, ...]
    see: Callable[[int, Window], Sight | None]
    given: Callable[[int, Window], Tensor]

    @property
    def size(self) -> Size:
        """(h, w) that the network sees, through whatever window."""
        return self.grids[0]

    def key(self, frame: int, window: Window) -> View:
        """Return a key as a window shows it."""
        plane = self.given(frame, window)
        return View(window, torch.stack([1 - plane, plane]))


class KeptViews(Protocol):
    """What earlier passes over the same frames left behind, and what this one leaves."""

    def recall(self, frame: int) -> View | None:
        """Return what `keep` returned for this frame, or None."""
        ...

    def keep(self, frame: int, view: View) -> View:
        """Keep planes and return them as `recall` will, rounded as storage rounds them."""
        ...


@dataclass(frozen=True, eq=False)
class Followed:
    """A frame that a pass went over.

    frame   its number
    view    what was found there
    places  frame numbers by the steps that memory counts: step 0 is the first of them
    """

    frame: int
    view: View
    places: tuple[int, ...]


def follow_pass(
    network: Network, scene: Scene, way: Pass, policy: Policy, kept: KeptViews, last: int
) -> Iterator[Followed]:
    """Go over the frames of a pass up to the one at index `last`, and yield each.

    Where the object outgrows its window, the pass sets out again at a wider scale: memory has
    the keys, and that frame as its latest result. Where it is lost, memory has the keys.
    """
    at = {frame: index for index, frame in enumerate(way.frames)}
    frames = way.frames[: last + 1]
    leg = _first_leg(scene, way, kept)
    while frames:
        places = (way.start, *leg.opening, *frames)
        passed = run_pass(
            network, leg.see, places, leg.keyed(), 1, policy, heard=way.heard, kept=leg
        )
        frames = ()
        for place, _ in passed:
            if place == way.start or place in leg.opening:
                continue
            yield Followed(place, leg.latest, places)
            if leg.ends:
                frames = way.frames[at[place] + 1 : last + 1]
                leg = leg.after(place)
                break


def _first_leg(scene: Scene, way: Pass, kept: KeptViews) -> _Leg:
    """Return how a pass sets out: as near as its keys allow."""
    extents: dict[int, Extent | None] = dict.fromkeys((way.start, *way.heard))
    if len(scene.grids) > 1:
        whole = Window.whole(scene.size)
        extents = {frame: extent_of(scene.key(frame, whole)) for frame in extents}
    seen = [extent for extent in extents.values() if extent is not None]
    # of a key that is nowhere surer than one half nobody can say how large the object is
    grid = 0 if extents[way.start] is None else chosen(seen, scene.grids)
    return _Leg(scene, kept, grid, extents, way.start)


@dataclass(eq=False)
class _Leg:
    """A pass as far as it sees at one scale; what it sees by, and keeps by.

    grid     the scale, as an index of the scene's grids
    extents  where each key has the object
    start    the frame of the key that the pass begins at
    opening  frame -> what was found there before this leg; none or one
    """

    scene: Scene
    kept: KeptViews
    grid: int
    extents: Mapping[int, Extent | None]
    start: int
    opening: Mapping[int, View] = field(default_factory=dict)
    _windows: dict[int, Window] = field(default_factory=dict, init=False)
    _now: Window = field(init=False)
    _latest: View | None = field(default=None, init=False)
    _lost: int = field(default=0, init=False)
    _next: int = field(init=False)

    def __post_init__(self) -> None:
        self._next = self.grid
        self._now = self._around(self.extents[self.start], Window.whole(self.scene.size))
        for frame, extent in self.extents.items():  # where it is absent: where it is elsewhere
            self._windows[frame] = self._around(extent, self._now)

    @property
    def latest(self) -> View:
        """What was found on the latest frame."""
        assert self._latest is not None
        return self._latest

    @property
    def ends(self) -> bool:
        """Whether the next frame is to be seen at another scale."""
        return self._next != self.grid

    def after(self, frame: int) -> _Leg:
        """Return the leg that goes on after a frame, which is the latest."""
        opening = {} if self._lost else {frame: self.latest}
        return _Leg(self.scene, self.kept, self._next, self.extents, self.start, opening)

    def keyed(self) -> dict[int, KeyedMattes]:
        """Return the keys of the pass, each as its window shows it."""
        return {
            frame: KeyedMattes(self.scene.given(frame, self._windows[frame])[None], (True,))
            for frame in self.extents
        }

    def see(self, frame: int) -> Sight | None:
        """See a frame through the window that it was seen through, or that it is the turn of."""
        return self.scene.see(frame, self._windows.get(frame, self._now))

    def recall(self, frame: int) -> Tensor | None:
        """Return the planes of a frame as this leg sees them; see `passes.Kept`."""
        if frame in self.opening:
            before = self.opening[frame]
            return self._noted(frame, before.through(self._around(extent_of(before), self._now)))
        view = self.kept.recall(frame)
        return None if view is None else self._noted(frame, view)

    def keep(self, frame: int, planes: Tensor) -> Tensor:
        """Keep planes of a frame as they were seen; see `passes.Kept`."""
        return self._noted(frame, self.kept.keep(frame, View(self._now, planes)))

    def _noted(self, frame: int, view: View) -> Tensor:
        """Note what was found on a frame, and by that where to look next."""
        self._latest = view
        if self.grid:
            self._windows[frame] = self._now = view.window
            extent = extent_of(view)
            self._lost = self._lost + 1 if extent is None else 0
            if self._lost >= LOST:
                self._next = 0
            elif extent is not None:
                self._next = widened(self.grid, extent, self.scene.grids)
                self._now = followed(view.window, extent)
        return view.planes

    def _around(self, extent: Extent | None, otherwise: Window) -> Window:
        """Return the window of this leg's scale around an object."""
        if not self.grid or extent is None:
            return otherwise
        return window_on(self.scene.grids[self.grid], self.scene.size, extent)
