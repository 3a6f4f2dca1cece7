# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutting import span, time
from stmatte.timelines.times import (
    During,
    during,
    exact_rate,
    frame_at,
    rational,
    seconds,
    seconds_of_code,
)

RATES = [23.976, 24.0, 24000 / 1001, 25.0, 29.97, 30000 / 1001, 30.0, 50.0, 59.94, 12.5]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (24, Fraction(24)),
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (23.976023976023978, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_a_rate_is_the_one_that_is_meant(written: float, meant: Fraction) -> None:
    assert exact_rate(written) == meant


@given(frame=st.integers(-200_000, 4_000_000), rate=st.sampled_from(RATES))
def test_a_frame_s_time_is_that_frame(frame: int, rate: float) -> None:
    assert frame_at(seconds(time(frame, rate)), exact_rate(rate)) == frame


@given(frame=st.integers(0, 4_000_000), rate=st.sampled_from(RATES))
def test_a_time_goes_to_the_library_and_back(frame: int, rate: float) -> None:
    assert rational(seconds(time(frame, rate)), rate) == time(frame, rate)


def test_a_time_between_frames_shows_the_frame_before() -> None:
    # 58.33 frames at 24 are 60.76 at 25
    assert frame_at(seconds(time(58 + 1 / 3, 24)), Fraction(25)) == 60


def test_spans_have_their_first_moment_and_not_their_last() -> None:
    assert during(span(24, 48)) == During(Fraction(1), Fraction(3))
    assert during(span(24, 48)).within(During(Fraction(2), Fraction(9))).seconds == 1
    assert during(span(24, 48)).within(During(Fraction(3), Fraction(9))).seconds == 0


@given(
    count=st.integers(1, 23 * 3600 * 24),
    rate=st.sampled_from([24.0, 25.0, 30.0, 24000 / 1001]),
)
def test_packed_time_code_is_the_time_that_the_library_reads(count: int, rate: float) -> None:
    code = otio.opentime.to_timecode(time(count, rate), rate, drop_frame=False)
    word = int(code.replace(":", ""), 16)  # two digits a byte, which is how it is packed

    assert seconds_of_code(word, exact_rate(rate)) == seconds(time(count, rate))


@given(count=st.integers(1, 23 * 3600 * 30))
def test_packed_drop_frame_code_is_the_time_that_the_library_reads(count: int) -> None:
    code = otio.opentime.to_timecode(time(count, 30000 / 1001), 30000 / 1001, drop_frame=True)
    word = int(code.replace(":", "").replace(";", ""), 16) | 0x40

    assert seconds_of_code(word, Fraction(30000, 1001)) == seconds(time(count, 30000 / 1001))


def test_time_code_of_zero_is_none() -> None:
    assert seconds_of_code(0, Fraction(24)) is None
