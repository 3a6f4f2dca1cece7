# SPDX-License-Identifier: Apache-2.0
"""Some spans of a planned shot: what they cost, and computing them into the store.

Spans need nothing of each other, so that any number of processes may compute those of one
shot at once, on any machines that share the store. What two of them compute both is the same.
Nothing but the store is written; `merging` makes files of what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from stmatte.allocating import give_back_holes
from stmatte.errors import StmatteError
from stmatte.networks.protocol import Network
from stmatte.pipeline.adapted import Learns, while_learning
from stmatte.pipeline.budget import check_fits
from stmatte.pipeline.failing import in_words
from stmatte.pipeline.frugal import compute_frugally
from stmatte.pipeline.planned import PlannedShot
from stmatte.pipeline.propagate import FRAMES_FOR_A_PACE, Pace
from stmatte.pipeline.report import Forecast, forecast, note_pace, stale_mattes
from stmatte.plan.numbered import NumberedSpan, numbered, plan_of
from stmatte.propagation.sights import HELD, Sights
from stmatte.store import Store


@dataclass(frozen=True)
class SpanCost:
    """A span, those of its frames that the store lacks, and what computing these costs."""

    span: NumberedSpan
    stale: tuple[int, ...]
    forecast: Forecast


@dataclass(frozen=True)
class Stepped:
    """A pass walked over a frame.

    frame  plate frame number
    object whose pass it was
    done   steps that are done, of `steps`
    anew   whether the network ran for it; False where the store had it
    """

    frame: int
    object: str
    done: int
    steps: int
    anew: bool


@dataclass(frozen=True)
class Computed:
    """What became of some spans.

    fresh      those that had nothing to be computed
    computed   those that were computed now, as far as they came
    steps      how often the network ran
    cancelled  whether it was stopped before all was done
    """

    fresh: tuple[NumberedSpan, ...]
    computed: tuple[NumberedSpan, ...]
    steps: int
    cancelled: bool = False


def choose_spans(planned: PlannedShot, numbers: Collection[int]) -> tuple[NumberedSpan, ...]:
    """Return the spans of these numbers.

    Raises StmatteError if the shot has no such span.
    """
    spans = {span.number: span for span in numbered(planned.plan)}
    for number in numbers:
        if number not in spans:
            raise StmatteError(
                f"Span {number} is not in the shot",
                value=number,
                allowed=f"it has spans 1-{len(spans)}" if spans else "every frame of it is given",
                repair="See `stmatte plan --spans`; keys that were added change the numbers",
            )
    return tuple(spans[number] for number in sorted(set(numbers)))


def span_costs(
    planned: PlannedShot, store: Store, network: Network, budget: int | None = None
) -> tuple[SpanCost, ...]:
    """Return all spans of a shot with what each costs when it is computed alone.

    budget  see `forecast`
    """
    found = []
    for span in numbered(planned.plan):
        alone = replace(planned, plan=plan_of(planned.plan, [span]))
        stale = stale_mattes(alone, store)
        frames = tuple(sorted({frame for each in stale.values() for frame in each}))
        found.append(SpanCost(span, frames, forecast(alone, store, stale, network, budget)))
    planned.reader.keep_notes()
    return tuple(found)


def compute_spans(
    planned: PlannedShot,
    network: Network,
    store: Store,
    spans: Sequence[NumberedSpan],
    *,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[Stepped], None] | None = None,
    learns: Learns | None = None,
    budget: int | None = None,
) -> Computed:
    """Compute what the store lacks of some spans, and leave it there frame by frame.

    stop    asked after every frame that a pass walks over, and every step that is learnt;
            True ends it, and what is done is kept
    tell    told of every step
    learns  told of every step that the network learns first, if it is adapted
    budget  bytes that may be taken on the device; None is half of what is free

    Raises StmatteError if it does not fit the budget, or a frame cannot be read or kept.
    """
    part = replace(planned, plan=plan_of(planned.plan, spans))
    stale = stale_mattes(part, store)
    behind = {frame for frames in stale.values() for frame in frames}
    computed = tuple(
        span for span in spans if any(set(stale[name]) & set(span.frames) for name in span.objects)
    )
    fresh = tuple(span for span in spans if span not in computed)
    if not computed:
        part.reader.keep_notes()
        return Computed(fresh, (), 0)
    part = replace(part, plan=plan_of(planned.plan, computed))
    wanted = behind.intersection(part.plan.frames)
    sights = Sights(network, budget or HELD, lasting=False)
    check_fits(part, network, wanted, budget, sights)
    pace, done, anew = Pace(), 0, 0
    steps = _steps(part, wanted)
    try:
        for step in while_learning(part, network, store, learns):
            network = step or network
            if stop():
                return Computed(fresh, computed, 0, cancelled=True)
        sights = sights.of_copy(part.view, network) if part.adapting else sights.of_itself()
        for walked in compute_frugally(part, network, store, sights, wanted):
            pace.walked(anew=walked.anew)
            done, anew = done + 1, anew + walked.anew
            give_back_holes(done)
            if tell is not None:
                tell(Stepped(walked.frame, walked.object, done, steps, walked.anew))
            if stop() and done < steps:
                return Computed(fresh, computed, anew, cancelled=True)
    except Exception as error:
        told = in_words(part, network, wanted, error)
        if told is None:
            raise
        raise told from error
    finally:
        part.reader.keep_notes()
        if pace.frames >= FRAMES_FOR_A_PACE:
            note_pace(part, store, pace.seconds / pace.frames)
    return Computed(fresh, computed, anew)


def _steps(planned: PlannedShot, wanted: Collection[int]) -> int:
    """Return how many frames the passes walk over: each as far as its last wanted frame."""
    return sum(
        max((i + 1 for i, frame in enumerate(way.frames) if frame in wanted), default=0)
        for plan in planned.plan.objects
        for span in plan.spans
        for way in span.passes
    )
