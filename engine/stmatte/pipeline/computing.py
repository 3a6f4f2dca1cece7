# SPDX-License-Identifier: Apache-2.0
"""Compute what is missing of a planned shot: spans in a good order, frames as they are done.

The span under the playhead comes first, then its neighbours. What the store has is not
computed again, and every frame of every pass goes to the store as soon as it is there: a
run that was stopped, in whatever way, goes on where it was.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.images import to_working
from stmatte.networks.protocol import Network
from stmatte.pipeline.keeping import KeptPass
from stmatte.pipeline.planned import PlannedShot
from stmatte.pipeline.views import window_view
from stmatte.plan.plan import ObjectPlan
from stmatte.plan.spans import Span
from stmatte.propagation.focus import Window, grids_of
from stmatte.propagation.following import Scene
from stmatte.propagation.fusing import Found, alone
from stmatte.propagation.passes import Sight
from stmatte.propagation.sights import Sights
from stmatte.propagation.span import met, propagate_span
from stmatte.store import Store


@dataclass(frozen=True)
class Walked:
    """A frame of a span was walked over.

    frame   its number
    object  whose span it was
    done    whether all objects of the frame are known now, as far as they are computed
    anew    whether the network ran for it; False where the store had it
    """

    frame: int
    object: str
    done: bool
    anew: bool = False


def compute(
    planned: PlannedShot,
    network: Network,
    store: Store,
    sights: Sights,
    wanted: Collection[int],
    first: int | None = None,
    *,
    together: bool = True,
) -> Iterator[Walked]:
    """Compute the wanted frames and leave them in the store; yield after every frame walked over.

    wanted  frames of the shot
    first   the frame under the playhead; None begins at the first key
    together  objects whose spans have the same frames go by turns, and each frame is seen once.
              False: one after the other, which takes longer and holds one memory at a time
    """
    waits = {f: sum(p.span_at(f) is not None for p in planned.plan.objects) for f in wanted}
    work = in_order(planned, wanted, first)
    if not together:
        work = [[each] for alike in work for each in alike]
    order = tuple(looks(work))
    planned.reader.expect(order)
    see = see_plate(planned, sights, None if sights.lasting else Counter(order))
    for alike in work:
        walks = [
            _walk(planned, network, store, scene_of(planned, see, plan), plan, span, waits)
            for plan, span in alike
        ]
        yield from _by_turns(walks)


def _walk(
    planned: PlannedShot,
    network: Network,
    store: Store,
    scene: Scene,
    plan: ObjectPlan,
    span: Span,
    waits: dict[int, int],
) -> Iterator[Walked]:
    """Walk over one span; `waits` counts the objects that a wanted frame still waits for."""
    inside = frozenset(frame for frame in span.frames if frame in waits)
    if not span.passes:
        for frame in sorted(inside):
            waits[frame] -= 1
            yield Walked(frame, plan.name, waits[frame] == 0)
        return
    kept = {way: KeptPass(store, plan.ways[way], planned.device) for way in span.passes}
    before = 0
    for step in propagate_span(network, scene, span, planned.policy, kept, inside):
        if step.found is not None:
            waits[step.frame] -= 1
        done = step.found is not None and waits[step.frame] == 0
        computed = sum(way.computed for way in kept.values())
        yield Walked(step.frame, plan.name, done, anew=computed > before)
        before = computed


def _by_turns(walks: list[Iterator[Walked]]) -> Iterator[Walked]:
    """Let walks take a step each in turn, until all have ended.

    Objects whose spans have the same frames come by each frame together: it is seen once,
    and it is done as soon as the last of them has passed.
    """
    while walks:
        going = []
        for walk in walks:
            step = next(walk, None)
            if step is not None:
                going.append(walk)
                yield step
        walks = going


def found_in_store(
    planned: PlannedShot, store: Store, plan: ObjectPlan, frame: int
) -> Found | None:
    """Return what is known of an object on a frame that is computed; None if it isn't yet.

    Where nothing shows the object, its plane is 0. The plane is of the whole canvas, as fine
    as the object was seen.
    """
    span = plan.span_at(frame)
    if span is None or not span.passes:
        return alone(torch.zeros(planned.size, device=planned.device))
    views = []
    for way in span.passes:
        view = KeptPass(store, plan.ways[way], planned.device).recall(frame)
        if view is None:
            return None
        views.append(view)
    return met(views, span.forward_share(frame))


Work = list[list[tuple[ObjectPlan, Span]]]
"""Spans in the order in which they are walked over; those of the same frames by turns."""


def in_order(planned: PlannedShot, wanted: Collection[int], first: int | None = None) -> Work:
    """Return the spans with wanted frames, the nearest to `first` first; of equals the later.

    Spans of the same frames stand together, one for each object.
    """
    if first is None:
        heard = (f for plan in planned.plan.objects for f, g in plan.said.items() if not g.absent)
        first = min(heard, default=planned.plan.frames[0])
    alike: dict[tuple[int, ...], list[tuple[ObjectPlan, Span]]] = {}
    for plan in planned.plan.objects:
        for span in plan.spans:
            if any(frame in wanted for frame in span.frames):
                alike.setdefault(span.frames, []).append((plan, span))
    near = sorted(alike, key=lambda frames: (_distance(frames, first), -frames[0]))
    return [alike[frames] for frames in near]


def _distance(frames: tuple[int, ...], frame: int) -> int:
    return max(frames[0] - frame, frame - frames[-1], 0)


def looks(work: Work) -> Iterator[int]:
    """Yield every frame that a pass will look at, in order, as often as one does."""
    for alike in work:
        ways = [
            [f for way in span.passes for f in (*way.heard, way.start, *way.frames)]
            for _, span in alike
        ]
        for turn in zip_longest(*ways):
            yield from (frame for frame in turn if frame is not None)


SeePlate = Callable[[int, Window], Sight | None]
"""Frame and window -> what is seen there; None where the frame cannot be read."""


def see_plate(planned: PlannedShot, sights: Sights, left: Counter[int] | None = None) -> SeePlate:
    """Return what sees a frame of the plate, or finds what was seen of it before.

    left  frame -> how often it will be looked at; what was seen of it is held until the last
          time. None holds whatever there is room for
    """
    reader = planned.reader
    held_of: defaultdict[int, set[str]] = defaultdict(set)

    def see(frame: int, window: Window) -> Sight | None:
        name = f"{planned.view} {reader.digest(frame)}{_named(window)}"
        if left is not None:
            left[frame] -= 1
        hold = left is None or left[frame] > 0
        sight = sights.held(name)
        if sight is None:
            seen = as_seen(planned, frame, window)
            if seen is None:
                return None
            display = on_device(seen, planned.device).permute(2, 0, 1)
            sight = sights.see(name, display, hold=hold)
        if left is not None:
            held_of[frame].add(name)
            if not hold:  # of all windows
                for old in held_of.pop(frame):
                    sights.let_go(old)
        return sight

    return see


def on_device(pixels: NDArray[np.float32], device: torch.device) -> Tensor:
    """Return pixels as a tensor of a device, as they lie in memory.

    To a GPU they go by memory that it can fetch from by itself: the network's next step is
    given to it at once, and waits for them there.
    """
    tensor = torch.from_numpy(pixels)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def as_seen(
    planned: PlannedShot, frame: int, window: Window | None = None
) -> NDArray[np.float32] | None:
    """Return a plate frame (h, w, 3) in [0, 1] as the network sees it, whole or in a window.

    None where the frame cannot be read and is passed over.
    """
    if window is None or window.is_whole:
        return planned.reader.view(frame)
    picture = planned.reader.read(frame)
    if picture is None:
        return None
    return window_view(window, planned.checked.exposure, picture)


def _named(window: Window) -> str:
    return "" if window.is_whole else f" {window.grid} {window.corner}"


def scene_of(planned: PlannedShot, see: SeePlate, plan: ObjectPlan) -> Scene:
    """Return what the passes of an object look at."""
    settings, plate = planned.checked.shot.settings, planned.checked.plate
    grids = grids_of(planned.size, plate.size[0]) if settings.focus == "auto" else (planned.size,)
    return Scene(grids, see, lambda frame, window: heard_matte(planned, frame, plan.name, window))


def heard_matte(
    planned: PlannedShot, frame: int, name: str, window: Window | None = None
) -> Tensor:
    """Return a given matte (h, w) in [0, 1] as passes hear it: at the network's size."""
    window = window or Window.whole(planned.size)
    working = to_working(planned.checked.given.matte(frame, name), window.grid)[window.slices]
    return torch.from_numpy(working.copy()).clamp(0, 1).to(planned.device)
