# SPDX-License-Identifier: Apache-2.0
"""From a shot to files: one EXR a frame, and pictures for looking at.

Every frame is whole or not there. What was done stays, whatever happens to the rest.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stmatte.allocating import give_back_holes
from stmatte.errors import StmatteError
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_for
from stmatte.output import Output
from stmatte.pipeline.adapted import Learns
from stmatte.pipeline.behind import Behind
from stmatte.pipeline.budget import keep_for_one_delivery
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import Gathered, frame_mattes
from stmatte.pipeline.header import DIGEST
from stmatte.pipeline.kept_sights import SightsOnDisk
from stmatte.pipeline.matte_files import MatteFiles, matte_files, scores_in
from stmatte.pipeline.overwriting import check_files, check_replaceable
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.previews import Previews, overlays_in
from stmatte.pipeline.propagate import kept_frames, tell_missing, walk
from stmatte.pipeline.report import note_spans
from stmatte.propagation.sights import HELD, Sights
from stmatte.shot import Shot
from stmatte.store import RamStore, Store

_log = logging.getLogger("stmatte")


@dataclass(frozen=True)
class Progress:
    """Where a delivery is.

    frame   plate frame number that is there now
    done    frames that are there; `frames` of them are wanted
    seconds since the first frame was begun
    path    the file, the first one if there are several
    digest  of what is in the file
    fresh   True if the file was there already and nothing was done for it
    scores  object name -> how doubtful its matte is here, in [0, 1]
    files   all files of the frame
    """

    frame: int
    done: int
    frames: int
    seconds: float
    path: Path
    digest: str
    fresh: bool
    scores: Mapping[str, float]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Delivery:
    """What is there after a delivery.

    files      plate frame number -> its EXRs, at least one
    skipped    plate frame number -> why it was passed over
    sheet      the contact sheet, if previews were wanted
    fresh      frames whose files were there already, as they should be
    left       frames whose files were there already and were left alone unseen
    cancelled  whether it was stopped before all was done
    """

    files: dict[int, tuple[Path, ...]]
    skipped: dict[int, str]
    sheet: Path | None
    fresh: tuple[int, ...] = ()
    cancelled: bool = False
    left: tuple[int, ...] = ()

    @property
    def mattes(self) -> dict[int, Path]:
        """Plate frame number -> its EXR, the first one if there are several."""
        return {frame: paths[0] for frame, paths in self.files.items()}


def deliver(
    shot: Shot,
    output: Output,
    *,
    preview: Path | None = None,
    skip_errors: bool = False,
    spare: Collection[Path] = (),
    tell: Callable[[Progress], None] | None = None,
    network: Network | None = None,
    store: Store | None = None,
    budget: int | None = None,
    features: Store | None = None,
    learns: Learns | None = None,
) -> Delivery:
    """Propagate a shot and write its mattes, frame by frame as they are done.

    output       where the mattes go, and what is in their files
    preview      folder for overlays as PNG and a contact sheet
    skip_errors  go on when a plate frame is missing or cannot be read, instead of stopping
    spare        further files that must not be written over; plate and keys never are
    tell         told of each frame as soon as its file is there, in whatever thread, one by one
    network      a loaded network to use instead of the one that the settings name
    store        what was computed before is taken from there; None forgets it all afterwards
    budget       bytes that may be taken on the device; None is half of what is free
    features     what the network sees of the plate is kept there, too, if it is given
    learns       told of every step that the network learns first, if it is adapted

    Raises StmatteError for what a person can mend; frames already written stay.
    """
    checked = check_shot(shot, pass_over=skip_errors, store=store)
    files = matte_files(output, checked)
    check_files(checked, files, None if preview is None else overlays_in(preview), spare)
    for note in checked.notes:
        _log.warning("%s", note)
    network = network or load_for(shot.settings)
    skipped: dict[int, str] = {}

    def skip(frame: int, error: StmatteError) -> None:
        skipped[frame] = str(error)

    passing = skip if skip_errors else None
    tell_missing(checked, passing)
    forgetful = RamStore()
    planned = plan_shot(checked, network, store or forgetful, passing)
    keep_for_one_delivery(forgetful, planned)
    kept = None if features is None else SightsOnDisk(features, planned.device)
    return deliver_planned(
        planned,
        files,
        network,
        store or forgetful,
        Sights(network, budget or HELD, lasting=False, kept=kept),
        budget=budget,
        preview=preview,
        skipped=skipped,
        tell=tell or _untold,
        learns=learns,
    )


def deliver_planned(
    planned: PlannedShot,
    files: MatteFiles,
    network: Network,
    store: Store,
    sights: Sights,
    *,
    tell: Callable[[Progress], None],
    skipped: dict[int, str],
    preview: Path | None = None,
    frames: Collection[int] | None = None,
    first: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    budget: int | None = None,
    learns: Learns | None = None,
    computing: bool = True,
) -> Delivery:
    """As `deliver`, for a shot that is planned, with files that were checked.

    skipped  filled by the planned shot's reader
    tell     see `deliver`
    frames   frames of the shot to make; None means all
    first    the frame under the playhead: its span is made first
    stop     asked after every frame that a pass walks over; True ends the delivery
    budget   see `deliver`
    learns   see `deliver`; `stop` is asked after each of its steps, too
    computing  False takes all from the store: frames of which it lacks something are left out
    """
    objects = planned.checked.shot.objects
    wanted = [f for f in planned.plan.frames if frames is None or f in frames]
    missing = 0 if frames is not None else sum(len(gap) for gap in planned.checked.gaps)
    written: dict[int, tuple[Path, ...]] = {}
    previews = None if preview is None else Previews(planned, files, preview)
    began = time.monotonic()

    def told(frame: int, digest: str, scores: Mapping[str, float], *, fresh: bool) -> None:
        if previews is not None:
            previews.overlay(frame)
        written[frame] = paths = files.paths(objects, frame)
        seconds = time.monotonic() - began
        total = len(wanted) + missing
        done = len(written)
        tell(Progress(frame, done, total, seconds, paths[0], digest, fresh, scores, paths))
        give_back_holes(done)

    def finish(gathered: Gathered) -> None:
        result = frame_mattes(planned, gathered, raw=files.output.raw)
        digest = files.write(planned, result)
        told(result.frame, digest, result.scores, fresh=False)

    cancelled = False
    behind = Behind(finish)
    try:
        for frame in wanted:
            words = files.fresh(planned, frame)
            if words is not None:
                told(frame, words[DIGEST], scores_in(words, objects), fresh=True)
        there = tuple(written)
        stale = [frame for frame in wanted if frame not in written]
        check_replaceable(planned, files, stale)
        walks = (
            walk(planned, network, store, sights, stale, first=first, budget=budget, learns=learns)
            if computing
            else kept_frames(planned, store, stale)
        )
        for found in walks:
            if found is None:
                behind.check()
            else:
                behind.give(found)
            if stop():
                cancelled = True
                break
        behind.rest()
    except BaseException:
        # also after Ctrl-C what is done can be looked at, but nothing hides why it ended
        with suppress(StmatteError):
            behind.rest()
        if previews is not None:
            with suppress(StmatteError):
                previews.sheet(written)
        raise
    finally:
        note_spans(planned, store, files.name)
    sheet = None if previews is None else previews.sheet(written)
    fresh, left = ((), there) if files.output.skip_existing else (there, ())
    done = dict(sorted(written.items()))
    return Delivery(done, dict(sorted(skipped.items())), sheet, fresh, cancelled, left)


def _untold(progress: Progress) -> None:
    del progress
