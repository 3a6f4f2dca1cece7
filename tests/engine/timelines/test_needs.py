# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
from hypothesis import given
from hypothesis import strategies as st

from cutting import clip, sequence, span, time, timeline
from stmatte.shot import FrameRange
from stmatte.timelines.clips import used_clips
from stmatte.timelines.media import Media
from stmatte.timelines.needs import Need, lacking, need
from stmatte.timelines.times import exact_rate, seconds

RATES = st.sampled_from([23.976, 24.0, 24000 / 1001, 25.0, 29.97, 30.0, 50.0])


def media(first: int, start: float, rate: float, count: int) -> Media:
    files = tuple(range(first, first + count))
    return Media("a.####.exr", files, first, seconds(time(start, rate)), exact_rate(rate))


def needed(
    made: otio.schema.Clip, files: Media, handles: int = 0, neighbours: tuple[object, ...] = ()
) -> Need:
    used = next(u for u in used_clips(timeline([made, *neighbours])) if u.name == made.name)
    return need(used, files, handles)


@given(
    rate=RATES,
    first=st.integers(0, 5000),
    start=st.integers(0, 2_000_000),
    trim=st.integers(0, 60),
    count=st.integers(1, 40),
    handles=st.integers(0, 12),
)
def test_a_clip_needs_the_frames_that_the_library_shows(
    rate: float, first: int, start: int, trim: int, count: int, handles: int
) -> None:
    reference = sequence(first, span(start, 100, rate))
    made = clip("a", reference, span(start + trim, count, rate))

    found = needed(made, media(first, start, rate, 100), handles)

    shown = [reference.frame_for_time(time(start + trim + i, rate)) for i in range(count)]
    assert list(found.shown) == shown
    assert found.frames.first == max(first, shown[0] - handles)
    assert found.frames.last == min(first + 99, shown[-1] + handles)


@given(trim=st.integers(0, 40), count=st.integers(1, 40), clip_rate=RATES, rate=RATES)
def test_with_another_rate_every_frame_that_is_on_screen_is_needed(
    trim: int, count: int, clip_rate: float, rate: float
) -> None:
    made = clip("a", sequence(1001, span(0, 400, rate)), span(trim, count, clip_rate))

    found = needed(made, media(1001, 0, rate, 400))

    for i in range(count):
        moment = Fraction(trim + i) / exact_rate(clip_rate)
        assert 1001 + int(moment * exact_rate(rate)) in found.shown


@given(
    trim=st.integers(0, 20),
    count=st.integers(1, 20),
    scalar=st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0]),
)
def test_at_another_speed_the_frames_from_the_first_to_the_last_are_needed(
    trim: int, count: int, scalar: float
) -> None:
    warp = otio.schema.LinearTimeWarp(time_scalar=scalar)
    made = clip("a", sequence(1001, span(0, 100)), span(trim, count), effects=[warp])

    found = needed(made, media(1001, 0, 24, 100))

    seen = [1001 + int(trim + i * Fraction(scalar)) for i in range(count)]
    assert found.shown == FrameRange(min(seen), max(seen))


def backwards(start: float) -> otio.schema.Clip:
    warp = otio.schema.LinearTimeWarp(time_scalar=-1)
    return clip("a", sequence(1001, span(0, 100)), span(start, 10), effects=[warp])


def test_backwards_needs_both_readings_where_there_are_files() -> None:
    assert needed(backwards(50), media(1001, 0, 24, 100)).shown == FrameRange(1042, 1060)


def test_backwards_needs_the_reading_for_which_there_are_files() -> None:
    # before the first frame of the plate there is nothing
    assert needed(backwards(0), media(1001, 0, 24, 100)).shown == FrameRange(1001, 1010)


def test_handles_end_where_the_files_do() -> None:
    made = clip("a", sequence(1001, span(0, 20)), span(2, 10))

    assert needed(made, media(1001, 0, 24, 20), 5) == Need(
        FrameRange(1003, 1012), FrameRange(1001, 1017)
    )


def test_frames_that_are_shown_and_missing_are_found() -> None:
    files = Media("a.####.exr", (1001, 1002, 1004), 1001, Fraction(0), Fraction(24))
    made = clip("a", sequence(1001, span(0, 5)), span(1, 4))

    found = needed(made, files)

    assert found.shown == FrameRange(1002, 1005)
    assert lacking(found, files) == [1003, 1005]


def test_frames_between_the_steps_are_not_missing() -> None:
    files = Media("a.####.exr", (1, 3, 5), 1, Fraction(0), Fraction(24), step=2)
    made = clip("a", sequence(1, span(0, 6)), span(0, 6))

    assert lacking(needed(made, files), files) == []
