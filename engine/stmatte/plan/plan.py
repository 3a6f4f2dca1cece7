# SPDX-License-Identifier: Apache-2.0
"""The plan of a shot: the spans of every object and the digest of every matte."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stmatte.plan.digest import PlateDigest, digest_of, matte_digest, pass_digests
from stmatte.plan.said import Said
from stmatte.plan.spans import Pass, Span, cut_spans
from stmatte.settings import Reach


class PassDigests(Mapping[int, str]):
    """Frame -> digest of what a pass makes of it, worked out only as far as it is asked for.

    The digest of a frame follows from the plate's pixels up to there: a pass can begin
    before the end of a long plate was ever read.
    """

    def __init__(self, scheme: str, way: Pass, said: Said, plate: PlateDigest):
        self._way = way
        self._rest = zip(way.frames, pass_digests(scheme, way, said, plate), strict=True)
        self._known: dict[int, str] = {}

    def __getitem__(self, frame: int) -> str:
        while frame not in self._known:
            try:
                passed, digest = next(self._rest)
            except StopIteration:
                raise KeyError(frame) from None
            self._known[passed] = digest
        return self._known[frame]

    def __iter__(self) -> Iterator[int]:
        return iter(self._way.frames)

    def __len__(self) -> int:
        return len(self._way.frames)


@dataclass(frozen=True)
class ObjectPlan:
    """What one object's mattes follow from.

    name    the object's; no digest covers it
    said    what was given for it
    spans   the frames that are computed, ascending
    finish  digest of what is done to computed mattes after the passes
    steady  whether a matte is steadied by those beside it
    ways    the digests of every pass of the spans
    """

    name: str
    said: Said
    spans: tuple[Span, ...]
    finish: str
    steady: bool
    ways: Mapping[Pass, PassDigests] = field(repr=False)
    _span_at: Mapping[int, Span] = field(repr=False)

    def span_at(self, frame: int) -> Span | None:
        """Return the span that a frame of the shot lies in; None where its matte was given."""
        return self._span_at.get(frame)

    def beside(self, frame: int) -> tuple[int, ...]:
        """Return the frames whose mattes steady that of a frame: of the same span, or none."""
        span = self.span_at(frame)
        return span.beside(frame) if self.steady and span is not None and span.passes else ()

    def digest(self, frame: int) -> str:
        """Return the digest of the object's matte on a frame of the shot."""
        span = self.span_at(frame)
        if span is None:
            return self.said[frame].digest
        if beside := self.beside(frame):
            every = (frame, *beside)
            return digest_of("steadied", [self._passed(span, each) for each in every])
        return self._passed(span, frame)

    def with_spans(self, frames: Collection[tuple[int, ...]]) -> ObjectPlan:
        """Return the plan with only those of its spans that have exactly such frames."""
        spans = tuple(span for span in self.spans if span.frames in frames)
        span_at = {frame: span for span in spans for frame in span.frames}
        return replace(self, spans=spans, _span_at=span_at)

    def _passed(self, span: Span, frame: int) -> str:
        """Return the digest of what the passes make of a frame."""
        ways = (self.ways[way][frame] for way in span.passes)
        return matte_digest(span, frame, *ways, finish=self.finish)


@dataclass(frozen=True)
class ShotPlan:
    """All objects of a shot.

    frames   plate frame numbers to make mattes for, ascending
    scheme   digest of what is alike for the whole shot: algorithm, weights, settings
    objects  in the shot's order
    """

    frames: tuple[int, ...]
    scheme: str
    objects: tuple[ObjectPlan, ...]

    def object(self, name: str) -> ObjectPlan:
        """Return the plan of an object that the shot has."""
        return next(plan for plan in self.objects if plan.name == name)

    def digest(self, frame: int) -> str:
        """Return the digest of all mattes of a frame together, with their names."""
        return digest_of("frame", [(plan.name, plan.digest(frame)) for plan in self.objects])


def make_plan(
    frames: Sequence[int],
    said: Mapping[str, Said],
    cuts: Sequence[int],
    reach: Reach,
    scheme: str,
    plate: PlateDigest,
    finish: str = "",
    *,
    steady: bool = False,
) -> ShotPlan:
    """Plan a shot. Nothing of the plate is read before a digest is asked for.

    frames  plate frame numbers, ascending
    said    object name -> what was given for it, in the objects' order
    finish  digest of what is done to computed mattes after the passes
    steady  whether mattes are steadied by those beside them
    """
    plans = []
    for name, given in said.items():
        spans = cut_spans(frames, given, cuts, reach)
        ways = {
            way: PassDigests(scheme, way, given, plate) for span in spans for way in span.passes
        }
        span_at = {frame: span for span in spans for frame in span.frames}
        plans.append(ObjectPlan(name, given, spans, finish, steady, ways, span_at))
    return ShotPlan(tuple(frames), scheme, tuple(plans))


def changed(before: ShotPlan, after: ShotPlan) -> dict[str, tuple[int, ...]]:
    """Return, for every object of `after`, the frames whose matte is another than `before`."""
    old = {plan.name: plan for plan in before.objects}
    there = set(before.frames)
    return {
        plan.name: tuple(
            frame
            for frame in after.frames
            if plan.name not in old
            or frame not in there
            or old[plan.name].digest(frame) != plan.digest(frame)
        )
        for plan in after.objects
    }
