# SPDX-License-Identifier: Apache-2.0
"""Every clip that is seen in a timeline: where it stands, and which time of its media it shows.

Gaps, audio, and what is switched off are passed over. Nested stacks and tracks are gone
into: of a clip inside, only what their own trims leave is seen. A transition shows more of
the clips on either side of it.

A clip's own time is that of its media, as its `source_range` counts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stmatte.errors import StmatteError
from stmatte.timelines.library import otio
from stmatte.timelines.retimes import shown, speed_of
from stmatte.timelines.times import During, during, exact_rate, seconds

NONE = Fraction(0)

OURS = "stmatte"
"""Name of our metadata. A track that has some holds mattes, and needs none."""


@dataclass(frozen=True)
class UsedClip:
    """A clip as it is seen.

    clip     as the library holds it
    lane     number of its track at the top of the timeline, from 0
    at       where it stands in the timeline, without transitions
    begins   the media's time at its first frame there
    head     how much longer it is seen before that, by a transition
    tail     how much longer it is seen after it
    rate     frames a second that it is counted in, as the timeline writes it
    speed    how fast it runs through its media; 1 if `problem` says that nobody knows
    problem  why it cannot be followed
    """

    clip: otio.schema.Clip
    lane: int
    at: During
    begins: Fraction
    head: Fraction
    tail: Fraction
    rate: float
    speed: Fraction = Fraction(1)
    problem: StmatteError | None = None

    @property
    def name(self) -> str:
        """As the timeline calls it."""
        return str(self.clip.name)

    def shows(self) -> list[During]:
        """Return the media's times at the first and the last frame that is seen.

        In every way that it can be meant, see `retimes.shown`. A frozen clip shows one time.
        """
        start = self.begins - self.head * self.speed
        length = self.head + self.at.seconds + self.tail
        return shown(start, length, 1 / exact_rate(self.rate), self.speed)


@dataclass(frozen=True)
class _Place:
    """Where in the timeline something nested is.

    window   which of its own time is seen
    later    what is to be added to its own time for that of the timeline
    lane     see `UsedClip`
    problem  why nothing inside it can be followed
    """

    window: During
    later: Fraction
    lane: int = 0
    problem: StmatteError | None = None


def used_clips(timeline: otio.schema.Timeline) -> list[UsedClip]:
    """Return every clip of the timeline that is seen, by track and then by time.

    Raises StmatteError if a clip doesn't say how long it is.
    """
    whole = _span(timeline.tracks)
    place = _Place(whole, -whole.start, problem=_retimed(timeline.tracks))
    return sorted(_in_stack(timeline.tracks, place, top=True), key=lambda u: (u.lane, u.at.start))


def _in_stack(stack: otio.schema.Stack, place: _Place, *, top: bool = False) -> Iterator[UsedClip]:
    for number, child in enumerate(stack):
        lane = number if top else place.lane
        yield from _in_item(child, NONE, NONE, NONE, _moved(place, lane))


def _in_track(track: otio.schema.Track, place: _Place) -> Iterator[UsedClip]:
    children = list(track)
    at = NONE
    for i, child in enumerate(children):
        if isinstance(child, otio.schema.Transition):
            continue
        head, tail = _by_transitions(children, i)
        yield from _in_item(child, at, head, tail, place)
        at += _span(child).seconds


def _in_item(
    item: otio.core.Item, at: Fraction, head: Fraction, tail: Fraction, place: _Place
) -> Iterator[UsedClip]:
    """Yield the clips of something that begins at `at` in the time of what it lies in."""
    if isinstance(item, otio.schema.Gap) or not item.enabled or _is_sound(item):
        return
    if isinstance(item, otio.schema.Track) and OURS in item.metadata:
        return
    if not isinstance(item, otio.schema.Clip | otio.schema.Stack | otio.schema.Track):
        return
    own = _span(item)
    lies = During(at, at + own.seconds)
    seen = lies.within(place.window)
    if not seen.seconds:
        return
    longer = lies.longer(head, tail).within(place.window)
    if isinstance(item, otio.schema.Clip):
        yield _used(item, own, seen, longer, at, place)
        return
    inside = _Place(
        longer.later(own.start - at),
        place.later + at - own.start,
        place.lane,
        place.problem or _retimed(item),
    )
    if isinstance(item, otio.schema.Track):
        yield from _in_track(item, inside)
    else:
        yield from _in_stack(item, inside)


def _used(
    clip: otio.schema.Clip, own: During, seen: During, longer: During, at: Fraction, place: _Place
) -> UsedClip:
    speed, problem = Fraction(1), place.problem
    try:
        speed = speed_of(clip.effects, clip.name)
    except StmatteError as error:
        problem = error
    return UsedClip(
        clip,
        place.lane,
        seen.later(place.later),
        own.start + (seen.start - at) * speed,
        seen.start - longer.start,
        longer.end - seen.end,
        clip.trimmed_range().duration.rate,
        speed,
        problem,
    )


def _moved(place: _Place, lane: int) -> _Place:
    return _Place(place.window, place.later, lane, place.problem)


def _by_transitions(children: Sequence[object], i: int) -> tuple[Fraction, Fraction]:
    """Return how much longer a track's child is seen before and after its own place."""
    before = children[i - 1] if i else None
    after = children[i + 1] if i + 1 < len(children) else None
    head = seconds(before.in_offset) if isinstance(before, otio.schema.Transition) else NONE
    tail = seconds(after.out_offset) if isinstance(after, otio.schema.Transition) else NONE
    return head, tail


def _is_sound(item: otio.core.Item) -> bool:
    return isinstance(item, otio.schema.Track) and item.kind != otio.schema.TrackKind.Video


def _span(item: otio.core.Item) -> During:
    """Return which of its own time an item has in what it lies in."""
    if isinstance(item, otio.schema.Stack) and item.source_range is None:
        # sound is left aside: it may be longer, and need not say how long
        ends = (_span(child).seconds for child in item if not _is_sound(child))
        return During(NONE, max(ends, default=NONE))
    try:
        return during(item.trimmed_range())
    except Exception as error:  # the library raises several kinds where a clip has no length
        raise StmatteError(
            f'"{item.name or type(item).__name__}" does not say how long it is',
            value=item.name,
            allowed=f"a clip has a source range, or media with an available range ({error})",
            repair="Give it one in the program that wrote the timeline",
        ) from None


def _retimed(item: otio.core.Item) -> StmatteError | None:
    """Return why clips inside an item cannot be followed; None if they can."""
    name = item.name or type(item).__name__
    try:
        if speed_of(item.effects, name) == 1:
            return None
    except StmatteError as error:
        return error
    return StmatteError(
        f'The {type(item).__name__.lower()} "{name}" is retimed',
        value=name,
        allowed="clips can be retimed, what they are nested in cannot",
        repair="Retime its clips instead, or flatten it",
    )
