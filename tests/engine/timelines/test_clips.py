# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest

from cutting import clip, dissolve, external, gap, span, time, timeline, track
from stmatte.errors import StmatteError
from stmatte.timelines.clips import UsedClip, used_clips
from stmatte.timelines.times import During

MEDIA = external("plate/a.####.exr", span(0, 100))


def media() -> otio.schema.ExternalReference:
    return MEDIA.clone()


def frames(seconds: Fraction, rate: int = 24) -> Fraction:
    return seconds * rate


def told(used: UsedClip) -> tuple[str, int, int, int, int]:
    """Return name, place in the timeline, and first and last frame of the media, at 24."""
    (shows,) = used.shows()
    numbers = (used.at.start, used.at.end, shows.start, shows.end)
    return (used.name, *(int(frames(n)) for n in numbers))


def test_gaps_sound_and_what_is_switched_off_are_passed_over() -> None:
    off = clip("off", media(), span(0, 5))
    off.enabled = False
    hidden = track([clip("hidden", media(), span(0, 5))], "V2")
    hidden.enabled = False
    sound = track([clip("music", otio.schema.MissingReference())], "A1", "Audio")
    made = timeline([gap(3), clip("a", media(), span(10, 5)), off], hidden, sound)

    assert [told(used) for used in used_clips(made)] == [("a", 3, 8, 10, 14)]


def test_a_clip_without_a_source_range_shows_all_that_there_is() -> None:
    made = timeline([clip("a", media()), clip("b", media(), span(50, 2))])

    assert [told(u) for u in used_clips(made)] == [("a", 0, 100, 0, 99), ("b", 100, 102, 50, 51)]


def test_a_clip_of_unknown_length_is_named() -> None:
    made = timeline([clip("a", external("plate/a.####.exr"))])

    with pytest.raises(StmatteError, match="does not say how long it is"):
        used_clips(made)


def test_a_dissolve_shows_more_of_both_clips() -> None:
    made = timeline(
        [clip("a", media(), span(10, 10)), dissolve(3, 5), clip("b", media(), span(40, 10))]
    )

    # a goes on for the 5 frames after the cut, b begins 3 before it; both stand where they did
    assert [told(u) for u in used_clips(made)] == [("a", 0, 10, 10, 24), ("b", 10, 20, 37, 49)]


def test_tracks_are_numbered_and_clips_come_by_track() -> None:
    made = timeline(
        [clip("a", media(), span(0, 5)), clip("b", media(), span(0, 5))],
        [gap(2), clip("over", media(), span(7, 2))],
    )

    assert [(u.name, u.lane) for u in used_clips(made)] == [("a", 0), ("b", 0), ("over", 1)]


def test_of_a_nested_stack_only_what_its_trim_leaves_is_seen() -> None:
    inner = otio.schema.Stack("scene", source_range=span(8, 10))
    inner.append(
        track(
            [
                clip("before", media(), span(0, 5)),
                clip("cut", media(), span(20, 10)),
                clip("whole", media(), span(60, 2)),
                clip("after", media(), span(0, 9)),
            ]
        )
    )
    made = timeline([gap(100), inner])

    # the stack's frames 8-18 stand at 100-110: of "cut", which it has at 5-15, the last 7
    assert [told(u) for u in used_clips(made)] == [
        ("cut", 100, 107, 23, 29),
        ("whole", 107, 109, 60, 61),
        ("after", 109, 110, 0, 0),
    ]


def test_a_trimmed_track_shows_its_part() -> None:
    trimmed = track([clip("a", media(), span(0, 10)), clip("b", media(), span(30, 10))])
    trimmed.source_range = span(6, 8)

    assert [told(u) for u in used_clips(timeline(trimmed))] == [
        ("a", 0, 4, 6, 9),
        ("b", 4, 8, 30, 33),
    ]


def test_a_clip_may_be_counted_at_another_rate() -> None:
    made = timeline([clip("a", media(), span(48, 24)), clip("b", media(), span(25, 50, 25))])

    a, b = used_clips(made)

    assert a.at == During(Fraction(0), Fraction(1))
    assert (b.at, b.begins) == (During(Fraction(1), Fraction(3)), Fraction(1))


def test_a_retimed_clip_that_is_cut_by_its_nest_begins_later_in_its_media() -> None:
    inner = otio.schema.Stack("scene", source_range=span(4, 3))
    fast = clip("a", media(), span(10, 20), effects=[otio.schema.LinearTimeWarp(time_scalar=2)])
    inner.append(track([fast]))

    # 4 frames in, at twice the speed, is frame 18; 3 frames show 18, 20, 22
    assert [told(u) for u in used_clips(timeline([inner]))] == [("a", 0, 3, 18, 22)]


def test_a_retimed_nest_is_refused_by_name() -> None:
    inner = otio.schema.Stack("scene", effects=[otio.schema.LinearTimeWarp(time_scalar=2)])
    inner.append(track([clip("a", media(), span(0, 5))]))

    (used,) = used_clips(timeline([inner]))

    assert str(used.problem).startswith('The stack "scene" is retimed')


def test_a_curved_retime_is_a_problem_of_its_clip_alone() -> None:
    curved = clip("a", media(), span(0, 5), effects=[otio.schema.TimeEffect(effect_name="Curve")])

    first, second = used_clips(timeline([curved, clip("b", media(), span(0, 5))]))

    assert 'retime "Curve"' in str(first.problem)
    assert second.problem is None


def test_tracks_of_mattes_need_none() -> None:
    mattes = track([clip("m", media(), span(0, 5))], "STMatte")
    mattes.metadata["stmatte"] = {"version": "0.1.0"}

    assert used_clips(timeline(mattes)) == []


def test_a_trimmed_timeline_begins_at_its_trim() -> None:
    made = timeline([clip("a", media(), span(0, 10)), clip("b", media(), span(30, 10))])
    made.tracks.source_range = otio.opentime.TimeRange(time(5), time(10))

    assert [told(u) for u in used_clips(made)] == [("a", 0, 5, 5, 9), ("b", 5, 10, 30, 34)]
