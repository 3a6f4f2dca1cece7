# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stmatte_host.jobs import Job

frames = st.lists(st.integers(1, 20), unique=True, min_size=1)


def said(frame: int, done: int, frames: int = 20, digest: str = "d") -> dict[str, Any]:
    return {"job": "j1", "frame": frame, "done": done, "frames": frames, "digest": digest}


def job() -> Job:
    return Job("job-1", "shot-1", {}, lambda _: None)


def test_a_frame_that_was_told_is_not_told_again() -> None:
    one = job()

    assert one.frame(said(5, 1)) is not None
    assert one.frame(said(5, 1)) is None


def test_a_frame_that_came_out_otherwise_is_told_again() -> None:
    one = job()
    one.frame(said(5, 1, digest="a"))

    again = one.frame(said(5, 1, digest="b"))

    assert again is not None
    assert again.done == 1


@given(lives=st.lists(frames, min_size=1, max_size=5))
def test_the_count_never_goes_back_however_often_the_engine_starts(lives: list[list[int]]) -> None:
    one = job()
    told = []
    for life in lives:
        told += [one.frame(said(frame, n)) for n, frame in enumerate(life, start=1)]
        one.interrupted(True, 99)

    heard = [event for event in told if event is not None]
    assert [event.frame for event in heard] == list(
        dict.fromkeys(frame for life in lives for frame in life)
    )
    assert [event.done for event in heard] == sorted({event.done for event in heard})
    assert heard[-1].done == len(heard)


def test_a_job_is_started_again_as_long_as_it_gets_on() -> None:
    one = job()
    for frame in range(10):
        one.frame(said(frame, frame + 1))
        assert one.interrupted(True, most=0)


def test_a_job_that_does_not_get_on_is_started_again_so_often_and_no_more() -> None:
    one = job()
    one.frame(said(1, 1))

    assert [one.interrupted(True, most=2) for _ in range(4)] == [True, True, True, False]


def test_a_job_that_waits_its_turn_is_not_to_blame() -> None:
    one = job()

    assert all(one.interrupted(False, most=0) for _ in range(10))


def test_an_engines_end_counts_what_was_told_before_it_was_started_again() -> None:
    one = job()
    for frame in (1, 2, 3):
        one.frame(said(frame, frame))

    event = one.over({"outcome": "failed", "done": 1, "frames": 18, "skipped": {"7": "Missing."}})

    assert (event.done, event.frames, event.skipped) == (3, 20, {7: "Missing."})
