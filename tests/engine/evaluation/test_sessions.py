# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.sessions import Limits, Session
from stmatte.scribbles import Stroke, no_scribbles, scribbled_frames, with_strokes

TRUTH = np.zeros((4, 40, 60), np.uint8)
TRUTH[:, 8:32, 10:50] = 1
NOTHING = np.zeros_like(TRUTH)
FIRST = with_strokes(no_scribbles("goat", 4), 2, [Stroke(((0.5, 0.5), (0.6, 0.5)), 1)])


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def session(clock: Clock | None = None, samples: int = 1, **limits: float | None) -> Session:
    return Session(
        {"goat": TRUTH},
        {"goat": [FIRST] * samples},
        Limits(**limits),  # type: ignore[arg-type]
        clock=clock or Clock(),
    )


def test_a_sample_goes_on_until_its_rounds_are_done() -> None:
    at_work = session(rounds=2, samples=2)
    seen = []
    while not at_work.over:
        handed = at_work.hand_out()
        seen.append((handed.scribble, handed.number, handed.new))
        at_work.hand_in(NOTHING)

    assert seen == [(1, 1, True), (1, 2, False), (2, 1, True), (2, 2, False)]
    with pytest.raises(StmatteError, match="over"):
        at_work.hand_out()


def test_the_robot_draws_on_the_worst_frame_and_strokes_add_up() -> None:
    at_work = session(rounds=3)
    at_work.hand_out()
    masks = TRUTH.copy()
    masks[1] = 0
    at_work.hand_in(masks)

    handed = at_work.hand_out()

    assert scribbled_frames(handed.scribbles) == (1, 2)
    assert handed.scribbles.frames[2] == FIRST.frames[2]
    assert all(stroke.object == 1 for stroke in handed.scribbles.frames[1])


def test_the_newest_strokes_can_be_had_alone() -> None:
    at_work = session(rounds=3)
    at_work.hand_out()
    at_work.hand_in(NOTHING, allowed=[3])

    assert scribbled_frames(at_work.hand_out(newest_only=True).scribbles) == (3,)


def test_only_the_time_between_handing_out_and_in_counts() -> None:
    clock = Clock()
    at_work = session(clock, rounds=2)
    at_work.hand_out()
    clock.now += 7
    done = at_work.hand_in(TRUTH)
    clock.now += 1000
    at_work.hand_out()
    clock.now += 2
    at_work.hand_in(TRUTH)

    assert done is not None
    assert done.seconds == 7
    assert at_work.summary().times[:3] == (0, 7, 9)
    assert at_work.summary().scores[1] == 1


def test_what_comes_too_late_does_not_count() -> None:
    clock = Clock()
    at_work = session(clock, rounds=5, seconds_per_object=10)
    at_work.hand_out()
    clock.now += 4
    at_work.hand_in(NOTHING)
    at_work.hand_out()
    clock.now += 7

    assert at_work.hand_in(TRUTH) is None
    assert at_work.over
    assert len(at_work.rounds) == 1


def test_out_of_order_is_refused() -> None:
    at_work = session(rounds=2)

    with pytest.raises(StmatteError, match="No strokes were handed out"):
        at_work.hand_in(NOTHING)
    at_work.hand_out()
    with pytest.raises(StmatteError, match="were not handed in"):
        at_work.hand_out()
    with pytest.raises(StmatteError, match=r"Masks are \(3, 40, 60\)"):
        at_work.hand_in(NOTHING[:3])


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"rounds": None}, "never ends"),
        ({"rounds": 17}, "1 to 16"),
        ({"rounds": None, "seconds_per_object": 601}, "at most 600"),
    ],
)
def test_limits_have_limits(limits: dict[str, float | None], says: str) -> None:
    with pytest.raises(StmatteError, match=says):
        session(**limits)
