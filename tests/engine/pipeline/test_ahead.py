# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.pipeline.ahead import AHEAD, Ahead

WAIT = 10  # seconds, never reached


class Making:
    """Makes ten times a frame, and tells which it made; frame 13 cannot be made."""

    def __init__(self) -> None:
        self.made: list[int] = []
        self.completed: list[int] = []
        self._news = threading.Condition()

    def make(self, frame: int) -> int:
        with self._news:
            self.made.append(frame)
            self._news.notify_all()
        if frame == 13:
            raise ValueError("unlucky")
        return 10 * frame

    def complete(self, made: int) -> None:
        with self._news:
            self.completed.append(made)
            self._news.notify_all()

    def wait_for(self, frames: set[int]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: frames <= set(self.made), WAIT)


@pytest.fixture
def making() -> Making:
    return Making()


def test_without_an_order_nothing_is_made_beforehand(making: Making) -> None:
    ahead = Ahead(making.make, 2, making.complete)

    assert [ahead.get(frame) for frame in (5, 5, 6)] == [50, 50, 60]
    assert making.made == [5, 6]
    assert making.completed == []


def test_the_next_frames_of_the_order_are_made_while_one_is_looked_at(making: Making) -> None:
    ahead = Ahead(making.make, 2, making.complete)
    ahead.expect((7, 7, 8, 7, 9, 10))

    assert ahead.get(7) == 70

    making.wait_for({7, 8, 9})
    assert sorted(making.made) == [7, 8, 9]  # two are made beforehand, repetitions don't count
    assert ahead.get(8) == 80
    assert Counter(making.made)[8] == 1


def test_a_frame_that_is_waited_for_is_made_before_the_coming_ones() -> None:
    begun: list[int] = []

    def make(frame: int) -> int:
        begun.append(frame)
        if frame == 7:
            time.sleep(0.2)  # long enough for others to begin, if they might
        return frame

    ahead = Ahead(make, 2, lambda _: None)
    ahead.expect((7, 8, 9))
    ahead.get(7)

    assert ahead.get(9) == 9
    assert begun == [7, 8, 9]


def test_frames_in_between_and_skipped_ones_do_no_harm(making: Making) -> None:
    ahead = Ahead(making.make, 2, making.complete)
    ahead.expect(range(1, 100))

    assert ahead.get(1) == 10
    assert ahead.get(70) == 700  # far along, so it isn't taken for progress
    assert ahead.get(20) == 200
    making.wait_for({21, 22})


def test_what_was_made_beforehand_is_not_lost_to_a_frame_in_between(making: Making) -> None:
    ahead = Ahead(making.make, 2, making.complete)
    ahead.expect(range(1, 9))
    for frame in (1, 2, 3):
        ahead.get(frame)
        making.wait_for({frame + 1, frame + 2})
        assert ahead.get(1) == 10  # as those do that finish a frame

    assert ahead.get(4) == 40
    assert Counter(making.made)[4] == 1


def test_what_cannot_be_made_is_told_to_who_asks_and_tried_again(making: Making) -> None:
    ahead = Ahead(making.make, 2, making.complete)
    ahead.expect((12, 13, 14))
    assert ahead.get(12) == 120

    for _ in range(2):
        with pytest.raises(ValueError, match="unlucky"):
            ahead.get(13)
    assert ahead.get(14) == 140
    assert Counter(making.made)[13] == 2


@given(order=st.lists(st.integers(1, 9), max_size=30), held=st.integers(1, 3))
def test_whatever_is_asked_for_comes_and_only_a_few_are_held(order: list[int], held: int) -> None:
    making = Making()
    ahead = Ahead(making.make, held, making.complete)
    ahead.expect(tuple(order))

    for frame in order:
        assert ahead.get(frame) == 10 * frame
        assert len(ahead._made) <= held + AHEAD + 1
