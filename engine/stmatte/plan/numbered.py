# SPDX-License-Identifier: Apache-2.0
"""The spans of a shot as a farm counts them: numbers from 1, each a task of its own.

Spans of several objects over the same frames are one number: what the network sees of the
plate then serves all of them. No matte follows from frames of another number. Pure arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from stmatte.plan.plan import ObjectPlan, ShotPlan


@dataclass(frozen=True)
class NumberedSpan:
    """Frames that are computed together.

    number   from 1 up, in the order of the first and then of the last frames
    frames   plate frame numbers, ascending
    objects  names of those whose spans have just these frames, in the shot's order
    keys     frames of all keys that they listen to, ascending
    """

    number: int
    frames: tuple[int, ...]
    objects: tuple[str, ...]
    keys: tuple[int, ...]


def numbered(plan: ShotPlan) -> tuple[NumberedSpan, ...]:
    """Return all spans of a shot under their numbers."""
    alike: dict[tuple[int, ...], list[ObjectPlan]] = {}
    for each in plan.objects:
        for span in each.spans:
            alike.setdefault(span.frames, []).append(each)
    order = sorted(alike, key=lambda frames: (frames[0], frames[-1], frames))
    return tuple(
        NumberedSpan(number, frames, tuple(p.name for p in alike[frames]), _keys(alike[frames], at))
        for number, (frames, at) in enumerate(((f, f[0]) for f in order), start=1)
    )


def plan_of(plan: ShotPlan, spans: Collection[NumberedSpan]) -> ShotPlan:
    """Return the plan of some spans alone: their objects, their frames, the same digests."""
    chosen = frozenset(span.frames for span in spans)
    objects = tuple(each.with_spans(chosen) for each in plan.objects)
    frames = sorted({frame for run in chosen for frame in run})
    return replace(
        plan, frames=tuple(frames), objects=tuple(each for each in objects if each.spans)
    )


def _keys(plans: Collection[ObjectPlan], frame: int) -> tuple[int, ...]:
    spans = (plan.span_at(frame) for plan in plans)
    return tuple(sorted({key for span in spans if span is not None for key in span.heard}))
