# SPDX-License-Identifier: Apache-2.0
"""Where a next key would help most, by what the store holds of a propagated shot."""

from __future__ import annotations

from collections.abc import Iterator

from stmatte.errors import StmatteError
from stmatte.pipeline.computing import found_in_store
from stmatte.pipeline.planned import PlannedShot
from stmatte.pipeline.reading import UNREADABLE
from stmatte.plan.advice import Advice, Seen, advise
from stmatte.plan.plan import ObjectPlan
from stmatte.plan.ranges import written
from stmatte.propagation.doubt import apart, area, doubt
from stmatte.store import Store


def suggest(planned: PlannedShot, store: Store, count: int) -> list[Advice]:
    """Return at most `count` frames where a next key would help most, the best first.

    The network doesn't run: the shot must have been propagated with this store. Frames that
    were passed over because they cannot be read are left out.

    Raises StmatteError if a frame is stale, naming all that are, or if `count` is below 1.
    """
    if count < 1:
        raise StmatteError(
            f"{count} pieces of advice are not possible", value=count, allowed="1 or more"
        )
    plans = planned.plan.objects
    seen = {plan.name: dict(_seen(planned, store, plan)) for plan in plans}
    lacking = {
        plan.name: [f for f in _computed(planned, plan) if f not in seen[plan.name]]
        for plan in plans
    }
    if any(lacking.values()):
        raise _stale(lacking)
    return advise({plan.name: plan.spans for plan in plans}, seen, count)


def _computed(planned: PlannedShot, plan: ObjectPlan) -> Iterator[int]:
    """Yield the frames of an object that are computed, but for those that cannot be read."""
    for span in plan.spans:
        for frame in span.frames:
            if planned.reader.digest(frame) != UNREADABLE:
                yield frame


def _seen(planned: PlannedShot, store: Store, plan: ObjectPlan) -> Iterator[tuple[int, Seen]]:
    for frame in _computed(planned, plan):
        found = found_in_store(planned, store, plan, frame)
        if found is not None:
            yield frame, Seen(doubt(found), apart(found), area(found))


def _stale(lacking: dict[str, list[int]]) -> StmatteError:
    frames = sorted({frame for frames in lacking.values() for frame in frames})
    return StmatteError(
        f"{'Frame' if len(frames) == 1 else 'Frames'} {written(frames)} "
        f"{'is' if len(frames) == 1 else 'are'} stale",
        value=tuple(frames),
        allowed="advice looks at mattes that are there",
        repair="Run stmatte propagate on the shot first, with the same store",
    )
