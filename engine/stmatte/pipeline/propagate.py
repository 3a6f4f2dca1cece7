# SPDX-License-Identifier: Apache-2.0
"""From a shot to mattes in memory. Reads the plate, touches no other file."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator

from stmatte.errors import StmatteError
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_for
from stmatte.pipeline.adapted import Learns, while_learning
from stmatte.pipeline.budget import check_fits, keep_for_one_delivery
from stmatte.pipeline.checks import CheckedShot, check_shot
from stmatte.pipeline.failing import in_words
from stmatte.pipeline.frames import FrameMattes, Gathered, frame_mattes, gather
from stmatte.pipeline.frugal import compute_frugally
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.reading import Skipped
from stmatte.pipeline.report import note_pace
from stmatte.pipeline.steadying import Steadying, Turns
from stmatte.propagation.sights import HELD, Sights
from stmatte.shot import Shot
from stmatte.store import RamStore, Store

FRAMES_FOR_A_PACE = 5
"""Frames that must be computed before their pace is noted: the first ones are slow."""

Walk = Gathered | None
"""A frame that is done; or None: a step towards one."""


def propagate(shot: Shot) -> Iterator[tuple[int, dict[str, Pixels]]]:
    """Yield every frame of a shot with its mattes, in the order in which they are done.

    yields  (plate frame number, {object name: (H, W) float32 in [0, 1]}); each frame once

    Keyed frames come first; then those of the span after the first key, upwards where it
    has one key only and downwards where it has two; then the other spans.
    Nothing is written anywhere. Raises StmatteError at once if the shot cannot be made, and
    on the way if a plate frame cannot be read.
    """
    results = propagate_frames(shot)
    return ((result.frame, dict(result.mattes)) for result in results)


def propagate_frames(
    shot: Shot,
    *,
    network: Network | None = None,
    skipped: Skipped | None = None,
    raw: bool = False,
    budget: int | None = None,
) -> Iterator[FrameMattes]:
    """As `propagate`, with more to look at.

    network  a loaded network to use instead of the one that the settings name, on their device
    skipped  called with each frame that is missing or cannot be read, which is then passed
             over; None means that such a frame is an error. Frames that carry a key must
             be readable
    raw      give the network's aggregated probabilities instead of coverage
    """
    checked = check_shot(shot, pass_over=skipped is not None)
    network = network or load_for(shot.settings)
    tell_missing(checked, skipped)
    store = RamStore()
    planned = plan_shot(checked, network, store, skipped)
    keep_for_one_delivery(store, planned)
    sights = Sights(network, budget or HELD, lasting=False)
    walks = walk(planned, network, store, sights, checked.frames, budget=budget)
    return (frame_mattes(planned, each, raw=raw) for each in walks if each is not None)


def tell_missing(checked: CheckedShot, skipped: Skipped | None) -> None:
    """Tell of every frame that was asked for and is missing."""
    if skipped is not None:
        for frame, error in checked.missing():
            skipped(frame, error)


def walk(
    planned: PlannedShot,
    network: Network,
    store: Store,
    sights: Sights,
    wanted: Collection[int],
    *,
    first: int | None = None,
    budget: int | None = None,
    learns: Learns | None = None,
) -> Iterator[Walk]:
    """Return the wanted frames as they are found, and None after every step in between.

    wanted  frames of the shot
    first   the frame under the playhead
    budget  bytes that may be taken on the device; None is half of what is free
    learns  told of every step that the network learns before the first frame, if it does

    Raises StmatteError at once if the shot does not fit into the budget.
    """
    check_fits(planned, network, wanted, budget, sights)
    return _walk(planned, network, store, sights, wanted, first, learns)


def kept_frames(planned: PlannedShot, store: Store, wanted: Collection[int]) -> Iterator[Gathered]:
    """Yield those of the wanted frames of which the store has everything, and compute nothing."""
    steadying = Steadying(planned)
    for frame in wanted:
        gathered = gather(planned, store, frame, steadying)
        if gathered is not None:
            yield gathered


def _walk(
    planned: PlannedShot,
    network: Network,
    store: Store,
    sights: Sights,
    wanted: Collection[int],
    first: int | None,
    learns: Learns | None,
) -> Iterator[Walk]:
    given = [f for f in wanted if all(p.span_at(f) is None for p in planned.plan.objects)]
    for frame in given:
        yield gather(planned, store, frame)
    pace = Pace()
    turns, steadying = Turns(planned, wanted), Steadying(planned)
    try:
        if len(given) < len(wanted):
            for step in while_learning(planned, network, store, learns):
                network = step or network
                if step is None:
                    yield None
        sights = sights.of_copy(planned.view, network) if planned.adapting else sights.of_itself()
        for walked in compute_frugally(planned, network, store, sights, turns.needed, first):
            pace.walked(anew=walked.anew)
            ready = tuple(turns.known(walked.frame)) if walked.done else ()
            for frame in ready:
                yield _found(planned, network, store, sights, frame, steadying)
            if not ready:
                yield None
        for frame in turns.rest():
            yield _found(planned, network, store, sights, frame, steadying)
    except Exception as error:
        told = in_words(planned, network, wanted, error)
        if told is None:
            raise
        raise told from error
    finally:
        planned.reader.keep_notes()
        if pace.frames >= FRAMES_FOR_A_PACE:
            note_pace(planned, store, pace.seconds / pace.frames)


class Pace:
    """How long it takes to walk over one frame with the network, and all that belongs to it."""

    def __init__(self) -> None:
        self.frames = 0
        self.seconds = 0.0
        self._last = time.monotonic()

    def walked(self, *, anew: bool) -> None:
        now = time.monotonic()
        if anew:
            self.frames += 1
            self.seconds += now - self._last
        self._last = now


def _found(
    planned: PlannedShot,
    network: Network,
    store: Store,
    sights: Sights,
    frame: int,
    steadying: Steadying,
) -> Gathered:
    gathered = gather(planned, store, frame, steadying)
    if gathered is None:  # the store threw something away that other objects left there
        needed = Turns(planned, (frame,)).needed
        for _ in compute_frugally(planned, network, store, sights, needed, frame):
            pass
        gathered = gather(planned, store, frame, steadying)
    if gathered is None:
        raise StmatteError(
            f"The store is too small for frame {frame}",
            value=frame,
            allowed="it holds at least the passes over one span of every object",
            repair="Raise its limit (STMATTE_STORE_LIMIT)",
        )
    return gathered
