# SPDX-License-Identifier: Apache-2.0
"""What a planned shot would do: its spans, what is stale and why, and what it will cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from stmatte.networks.protocol import Network
from stmatte.pipeline.adapted import seconds_a_step, steps_to_learn
from stmatte.pipeline.budget import fit
from stmatte.pipeline.matte_files import MatteFiles
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.plan import ObjectPlan
from stmatte.plan.spans import Pass, Span
from stmatte.plan.why import Heard, heard_by, why
from stmatte.store import Store


@dataclass(frozen=True)
class SpanReport:
    """One span of one object.

    frames  plate frame numbers, ascending
    keys    frames of the keys that it listens to
    stale   those of its frames whose matte isn't there as it should be
    why     in words why that is so; "" if nothing is stale
    """

    object: str
    frames: tuple[int, ...]
    keys: tuple[int, ...]
    stale: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Forecast:
    """What computing the stale frames will cost.

    frames   how many frames have a stale matte
    walks    how many frames the passes have to walk over for them
    seconds  how long that takes on this machine; None if it never ran here before
    bytes    memory that it takes at most; None if that is not known
    refused  why it does not fit into the memory budget; "" if it does
    learning how many steps the network has to learn before the first of them
    """

    frames: int
    walks: int
    seconds: float | None
    bytes: int | None
    refused: str = ""
    learning: int = 0


def stale_mattes(
    planned: PlannedShot, store: Store, files: MatteFiles | None = None
) -> dict[str, tuple[int, ...]]:
    """Return, for every object, the frames whose matte isn't there as it should be.

    files  a matte is there if its file says so; None: if the store can make it without a network
    """
    if files is None:
        return {plan.name: tuple(_uncomputed(store, plan)) for plan in planned.plan.objects}
    lacking = {frame: files.lacking(planned, frame) for frame in planned.plan.frames}
    return {
        plan.name: tuple(frame for frame, names in lacking.items() if plan.name in names)
        for plan in planned.plan.objects
    }


def span_reports(
    planned: PlannedShot, store: Store, stale: Mapping[str, Sequence[int]], name: str
) -> list[SpanReport]:
    """Return all spans of a shot, ascending, object by object.

    name  under which `note_spans` noted what was made the last time
    """
    noted = _noted(store.note(_note_name(name)))
    reports = []
    for plan in planned.plan.objects:
        for span in plan.spans:
            behind = tuple(f for f in span.frames if f in set(stale[plan.name]))
            heard = heard_by(span, plan.said, planned.plan.scheme)
            words = why(heard, noted.get(plan.name, ()), plan.said) if behind else ""
            reports.append(SpanReport(plan.name, span.frames, span.heard, behind, words))
    return reports


def forecast(
    planned: PlannedShot,
    store: Store,
    stale: Mapping[str, Sequence[int]],
    network: Network,
    budget: int | None = None,
    *,
    lasting: bool = False,
) -> Forecast:
    """Return what computing the stale mattes will cost.

    budget   bytes that may be taken on the device; None is half of what is free
    lasting  whether what is seen is held for later work, too
    """
    walks = sum(
        _walks(store, plan, span, stale[plan.name])
        for plan in planned.plan.objects
        for span in plan.spans
    )
    wanted = {frame for frames in stale.values() for frame in frames}
    pace = (store.note(f"pace {planned.pace}") or {}).get("seconds")
    seconds = walks * pace if isinstance(pace, float) else None
    learning = steps_to_learn(planned, store) if walks else 0
    if learning and seconds is not None:
        step = seconds_a_step(planned, store)
        seconds = None if step is None else seconds + learning * step
    found = fit(planned, network, wanted, budget, lasting=lasting) if walks else None
    if found is None:
        return Forecast(len(wanted), walks, seconds, None, learning=learning)
    refused = str(found.refused or "")
    return Forecast(len(wanted), walks, seconds, found.total, refused, learning)


def note_pace(planned: PlannedShot, store: Store, seconds: float) -> None:
    """Note how long it took to walk over one frame."""
    store.keep_note(f"pace {planned.pace}", {"seconds": seconds})


def note_spans(planned: PlannedShot, store: Store, name: str) -> None:
    """Note what the spans of a shot were made from, for `span_reports` to compare with."""
    store.keep_note(
        _note_name(name),
        {
            plan.name: [
                [h.first, h.last, {str(f): d for f, d in h.keys.items()}, h.scheme]
                for h in (heard_by(s, plan.said, planned.plan.scheme) for s in plan.spans)
            ]
            for plan in planned.plan.objects
        },
    )


def _uncomputed(store: Store, plan: ObjectPlan) -> Iterator[int]:
    for span in plan.spans:
        there = [set(_kept(store, plan, way)) for way in span.passes]
        for frame in span.frames:
            if not all(frame in kept for kept in there):
                yield frame


def _walks(store: Store, plan: ObjectPlan, span: Span, stale: Sequence[int]) -> int:
    """Return how many frames the span's passes walk over that the store has not."""
    behind = set(stale)
    count = 0
    for way in span.passes:
        last = max((i for i, frame in enumerate(way.frames) if frame in behind), default=-1)
        if last >= 0:
            count += max(0, last + 1 - len(_kept(store, plan, way)))
    return count


def _kept(store: Store, plan: ObjectPlan, way: Pass) -> tuple[int, ...]:
    """Return the frames at the beginning of a pass that the store has.

    Nothing is asked beyond the first that it has not: of a plate that was never seen, only
    the first frames are read.
    """
    return tuple(takewhile(lambda frame: store.has(plan.ways[way][frame]), way.frames))


def _note_name(name: str) -> str:
    return f"spans {name}"


def _noted(note: Mapping[str, Any] | None) -> dict[str, list[Heard]]:
    """Return a note as it was meant; nothing where it is broken."""
    try:
        return {
            str(name): [
                Heard(int(first), int(last), {int(f): str(d) for f, d in keys.items()}, str(scheme))
                for first, last, keys, scheme in spans
            ]
            for name, spans in (note or {}).items()
        }
    except (TypeError, ValueError, AttributeError):
        return {}
