# SPDX-License-Identifier: Apache-2.0
"""What spans left in the store, fused, named and written: the same files as a delivery's.

Nothing is computed here. Unless it was asked for, nothing is written before all is there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from stmatte.errors import StmatteError
from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_for
from stmatte.output import Output
from stmatte.pipeline.checks import CheckedShot, check_shot
from stmatte.pipeline.deliver import Delivery, Progress, deliver_planned
from stmatte.pipeline.matte_files import MatteFiles, matte_files
from stmatte.pipeline.overwriting import check_files
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.report import stale_mattes
from stmatte.plan.numbered import NumberedSpan, numbered
from stmatte.plan.ranges import written
from stmatte.propagation.sights import Sights
from stmatte.shot import Shot
from stmatte.store import Store

_log = logging.getLogger("stmatte")


@dataclass(frozen=True)
class Lacking:
    """Frames of a span that cannot be written, because the store lacks something of them."""

    span: NumberedSpan
    frames: tuple[int, ...]

    def __str__(self) -> str:
        frames = f"frame{'' if len(self.frames) == 1 else 's'} {written(self.frames)}"
        objects = ", ".join(f'"{name}"' for name in self.span.objects)
        return f"Span {self.span.number} ({objects}) lacks {frames}"


@dataclass(frozen=True)
class Merged:
    """What is there after merging.

    delivery  what was written, or was there; None if nothing was written
    lacking   what was not there, by span
    hint      a sentence on where it may be; "" if nothing is known
    """

    delivery: Delivery | None
    lacking: tuple[Lacking, ...] = ()
    hint: str = ""

    @property
    def whole(self) -> bool:
        """Whether every frame of the shot is there."""
        return self.delivery is not None and not self.lacking and not self.delivery.cancelled


def check_merge(
    shot: Shot,
    output: Output,
    store: Store | None = None,
) -> tuple[CheckedShot, MatteFiles]:
    """Prove, before anything is computed, that a shot can be made and its files can be written.

    store  where what is measured on the plate is noted; None notes nothing

    Raises StmatteError for what a person can mend.
    """
    checked = check_shot(shot, store=store)
    files = matte_files(output, checked)
    check_files(checked, files, None, ())
    return checked, files


def merge(
    shot: Shot,
    output: Output,
    store: Store,
    *,
    partial: bool = False,
    network: Network | None = None,
    tell: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Merged:
    """Write the mattes of a shot from what the store has; see `deliver` for what is not told here.

    partial  write the frames that are whole where others are lacking; else none is written
    network  a loaded network, for its fingerprint: it isn't run
    stop     asked after every frame

    Raises StmatteError for what a person can mend; what the store lacks is told, not raised.
    """
    checked, files = check_merge(shot, output, store)
    for note in checked.notes:
        _log.warning("%s", note)
    network = network or load_for(shot.settings)
    planned = plan_shot(checked, network, store)
    lacking = tuple(_lacking(planned, store, files))
    planned.reader.keep_notes()
    hint = _hint(checked, planned, network, store, lacking) if lacking else ""
    if lacking and not partial:
        return Merged(None, lacking, hint)
    without = {frame for each in lacking for frame in each.frames}
    whole = [frame for frame in planned.plan.frames if frame not in without]
    delivery = deliver_planned(
        planned,
        files,
        network,
        store,
        Sights(network, 0, lasting=False),
        tell=tell or (lambda _: None),
        skipped={},
        frames=whole,
        stop=stop,
        computing=False,
    )
    planned.reader.keep_notes()
    if len(delivery.files) < len(whole) and not delivery.cancelled:
        # it seemed to be there: it turned out to be damaged, or the store has thrown it away
        lacking = tuple(_lacking(planned, store, files))
    return Merged(delivery, lacking, hint)


def _lacking(planned: PlannedShot, store: Store, files: MatteFiles) -> Iterator[Lacking]:
    """Yield what cannot be written, span by span; a file that is fresh lacks nothing."""
    stale = {name: set(frames) for name, frames in stale_mattes(planned, store).items()}
    fresh: dict[int, bool] = {}
    for span in numbered(planned.plan):
        frames = {frame for name in span.objects for frame in _needing(planned, name, stale[name])}
        behind = sorted(frames.intersection(span.frames))
        for frame in behind:
            if frame not in fresh:
                fresh[frame] = files.fresh(planned, frame) is not None
        unwritten = tuple(frame for frame in behind if not fresh[frame])
        if unwritten:
            yield Lacking(span, unwritten)


def _needing(planned: PlannedShot, name: str, stale: Collection[int]) -> set[int]:
    """Return the frames that cannot be made without the stale ones of an object."""
    plan = planned.plan.object(name)
    near = {frame + step for frame in stale for step in (-1, 0, 1)}
    return {frame for frame in near if frame in stale or set(plan.beside(frame)) & set(stale)}


def _hint(
    checked: CheckedShot,
    planned: PlannedShot,
    network: Network,
    store: Store,
    lacking: Collection[Lacking],
) -> str:
    """Return whether the store has what is lacking from another kind of device."""
    other = "cpu" if planned.device.type == "cuda" else "cuda"
    elsewhere = plan_shot(checked, network, store, kind=other)
    try:
        stale = {frame for frames in stale_mattes(elsewhere, store).values() for frame in frames}
    except StmatteError:
        return ""
    if all(stale.issuperset(each.frames) for each in lacking):
        return ""
    return (
        f'The store has some of it as the device "{other}" computed it, which differs in the last '
        f"places. Merge on the kind of device that spans are computed on: --device {other}."
    )
