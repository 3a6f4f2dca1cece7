# SPDX-License-Identifier: Apache-2.0
"""Where a next key would help most: pure arithmetic on a few numbers for each frame.

A frame is expected to be the more wrong the more it is doubted and the farther it is from
its keys. A key takes away its own frame's error, and brings the frames around it nearer to
a key. What that sums up to is its gain; the next key is advised as if the first were there,
so that two pieces of advice never ask for the same thing. The law and its two numbers are
measured (decisions/0007).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from stmatte.plan.ranges import written
from stmatte.plan.spans import Span

HALFWAY = 8.0
"""Frames from the keys at which half of the error that distance adds is there."""

AT_A_KEY = 0.8
"""Error right beside a key, where distance adds up to 1: edges and blur that no key mends."""

WITHIN = 5
"""Frames within which a change of the object's area is worth a sentence."""

APART = 0.05
"""Part of the object over which two passes must disagree to be worth a sentence."""

UNDECIDED = 0.15
"""Doubt that is worth a sentence."""


@dataclass(frozen=True)
class Seen:
    """What is known of one object on one frame that was computed.

    doubt  in [0, 1], doubtful area beside what is there (`propagation.doubt`)
    apart  in [0, 1], part of the object over which the two passes disagree; 0 for one pass
    area   in [0, 1], part of the picture that the object covers
    """

    doubt: float
    apart: float
    area: float


@dataclass(frozen=True)
class Advice:
    """Key this object on this frame.

    gain     share of all expected error of the shot that this key would take away, in [0, 1],
             once all the advice before it was followed
    reasons  why, in sentences without their full stop
    """

    frame: int
    object: str
    gain: float
    reasons: tuple[str, ...]


def distance(span: Span, frame: int) -> float:
    """Return how far a frame of a span is from the keys that its passes begin at, in frames.

    With one pass, the frames to its key. With two it is less than either, as two resistances
    in parallel are: ab / (a + b). Infinite where no pass comes.
    """
    ahead = None if span.forward is None else span.forward.start
    back = None if span.backward is None else span.backward.start
    return _far(frame, ahead, back)


def expected_error(doubt: float, distance: float) -> float:
    """Return how wrong a frame is expected to be, in [0, 1]; to be compared, not to be believed.

    doubt     in [0, 1], see `Seen`
    distance  in frames, see `distance`
    """
    added = 1.0 if distance == inf else distance / (distance + HALFWAY)
    return sqrt(doubt) * (AT_A_KEY + added) / (AT_A_KEY + 1)


def advise(
    spans: Mapping[str, Sequence[Span]], seen: Mapping[str, Mapping[int, Seen]], count: int
) -> list[Advice]:
    """Return at most `count` pieces of advice, the best first.

    spans  object name -> its spans
    seen   object name -> frame -> what is known there; frames that are not among them, such as
           those that could not be read, are neither counted nor advised

    Only frames that are computed are ever advised: never a keyed, absent or locked one.
    Of equal gains the earlier frame comes first. A key without any gain isn't advised.
    """
    stretches = [
        stretch
        for name, own in spans.items()
        for span in own
        if (stretch := _stretch(name, span, seen[name])) is not None
    ]
    total = sum(stretch.expected for stretch in stretches)
    found: list[Advice] = []
    while len(found) < count:
        best = max(stretches, key=lambda s: s.best_gain, default=None)
        if best is None or best.best_gain <= 0:
            break
        found.append(Advice(best.best, best.name, best.best_gain / total, tuple(_reasons(best))))
        stretches = [s for s in stretches if s is not best] + list(best.cut())
    return found


class _Stretch:
    """Frames of an object between two keys that are there, or that were advised before.

    before, after  frames of these keys; None where there is none
    silent         no key is heard here at all
    """

    def __init__(
        self,
        name: str,
        seen: Mapping[int, Seen],
        before: int | None,
        after: int | None,
        *,
        silent: bool = False,
    ):
        self.name, self.seen, self.before, self.after = name, seen, before, after
        self.silent = silent
        self.expected = sum(self._wrong(f, before, after) for f in seen)
        self.best, self.best_gain = max(
            ((f, self._gain(f)) for f in sorted(seen)), key=lambda pair: pair[1]
        )

    def _wrong(self, frame: int, before: int | None, after: int | None) -> float:
        doubt = 1.0 if self.silent else self.seen[frame].doubt
        return expected_error(doubt, _far(frame, before, after))

    def _gain(self, key: int) -> float:
        left = 0.0
        for frame in self.seen:
            if frame != key:
                ends = (self.before, key) if frame < key else (key, self.after)
                left += self._wrong(frame, *ends)
        return self.expected - left

    def cut(self) -> Iterator[_Stretch]:
        """Yield what is left on both sides when the advice is followed."""
        for before, after, inside in (
            (self.before, self.best, [f for f in self.seen if f < self.best]),
            (self.best, self.after, [f for f in self.seen if f > self.best]),
        ):
            if inside:
                seen = {f: self.seen[f] for f in inside}
                yield _Stretch(self.name, seen, before, after, silent=self.silent)


def _stretch(name: str, span: Span, seen: Mapping[int, Seen]) -> _Stretch | None:
    inside = {frame: seen[frame] for frame in span.frames if frame in seen}
    if not inside or (span.heard and not span.passes):
        return None  # an artist said that the object isn't there, and nothing else was heard
    before = None if span.forward is None else span.forward.start
    after = None if span.backward is None else span.backward.start
    return _Stretch(name, inside, before, after, silent=not span.heard)


def _far(frame: int, before: int | None, after: int | None) -> float:
    ahead = inf if before is None else frame - before
    back = inf if after is None else after - frame
    if ahead == inf or back == inf:
        return min(ahead, back)
    return ahead * back / (ahead + back)


def _reasons(stretch: _Stretch) -> Iterator[str]:
    frame, seen = stretch.best, stretch.seen
    if stretch.silent:
        yield f"no key speaks for frames {written(seen)}"
        return
    here = seen[frame]
    if here.apart >= APART:
        yield f"the two passes disagree over {100 * here.apart:.0f} % of the object"
    elif here.doubt >= UNDECIDED:
        yield f"{100 * here.doubt:.0f} % of its matte is doubtful"
    yield from _change(frame, seen)
    nearest = min(abs(frame - k) for k in (stretch.before, stretch.after) if k is not None)
    yield f"{nearest} {'frame' if nearest == 1 else 'frames'} from the nearest key"
    if len(seen) > 1:
        yield f"{len(seen) - 1} more frames would hear it"


def _change(frame: int, seen: Mapping[int, Seen]) -> Iterator[str]:
    """Yield how much the object grows or shrinks near a frame, if it does."""
    here = seen[frame].area
    before = [seen[f].area / here for f in seen if here and 0 < frame - f <= WITHIN]
    after = [seen[f].area / here for f in seen if here and 0 < f - frame <= WITHIN]
    if min(after, default=1) <= 0.5:
        yield f"its area halves within {WITHIN} frames"
    elif max(after, default=1) >= 2:
        yield f"its area doubles within {WITHIN} frames"
    elif min(before, default=1) <= 0.5:
        yield f"its area has doubled within {WITHIN} frames"
    elif max(before, default=1) >= 2:
        yield f"its area has halved within {WITHIN} frames"
