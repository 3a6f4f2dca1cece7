# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from stmatte_host import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (45, "45 s"), (120, "2 min"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_a_time_is_said_as_a_person_would(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_speed_is_told_from_the_last_frames_only() -> None:
    slow = [(float(10 * i), i) for i in range(10)]  # 0.1 a second
    quick = [(90 + i / 2, 9 + i) for i in range(1, 14)]  # then 2 a second

    assert words.speed([*slow, *quick]) == pytest.approx(2.0)
    assert words.speed([(0.0, 1)]) is None
    assert words.speed([(1.0, 1), (1.0, 2)]) is None


def test_two_keyed_frames_that_are_done_at_once_are_no_speed() -> None:
    assert words.speed([(0.0, 1), (0.02, 2)]) is None
    assert words.speed([(0.0, 1), (0.02, 2), (2.0, 3)]) == pytest.approx(1.0)


def test_progress_tells_frames_speed_and_time_left() -> None:
    assert words.progress("working", 10, 40, 2.0, 30) == (
        "Propagating: 10 of 40 frames, 2.0 frames/s, 15 s left"
    )
    assert words.progress("working", 10, 40, 0.25, 15) == (
        "Propagating: 10 of 40 frames, 4.0 s a frame, 1 min left"
    )
    assert words.progress("learning", 2, 40, None, 38, (12, 80)) == (
        "Learning the keys: step 12 of 80"
    )
    assert words.progress("interrupted", 2, 40, None, 38, (12, 80)) == (
        "The engine stopped and is started again: 2 of 40 frames"
    )
    assert words.progress("opening", 0, 0, None, 0) == "Starting the engine and reading the shot"
    assert words.progress("done", 40, 40, 2.0, 0) == "Done: 40 of 40 frames"


def test_a_forecast_says_what_is_known() -> None:
    assert words.forecast(0, 0.0, None) == "Nothing to do: all mattes are fresh"
    assert words.forecast(1, None, None) == "1 frame to do"
    assert (
        words.forecast(24, 90, 3 * 2**30) == "24 frames to do, about 1 min 30 s, 3.0 GB of memory"
    )


def test_what_a_correction_touches_is_a_line_for_each_object() -> None:
    assert words.touched({"hero": [1004, 1005, 1009], "car": []}) == ("hero: 1004-1005, 1009",)


def test_a_strip_lists_each_mark_with_its_frames() -> None:
    marks = {1: "keyed", 2: "fresh", 3: "fresh", 4: "stale", 5: "keyed"}

    assert words.strip(marks) == (("keyed", "1, 5"), ("fresh", "2-3"), ("stale", "4"))


def test_before_a_render_missing_and_stale_frames_are_told() -> None:
    assert words.missing([]) == words.stale([]) == ""
    assert words.missing([7]) == "Frame 7 has no matte yet. Press Propagate."
    assert words.stale([3, 4]).startswith("Frames 3-4 are stale")


def test_advice_names_object_frame_and_reasons() -> None:
    assert words.advice("hero", 12, ["far from keys", "small"]) == (
        'Key "hero" at 12: far from keys; small'
    )
