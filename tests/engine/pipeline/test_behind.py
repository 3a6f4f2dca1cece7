# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.pipeline.behind import WAITING, Behind


@given(st.lists(st.integers(), max_size=20))
def test_everything_is_finished_once_and_in_order(things: list[int]) -> None:
    finished: list[int] = []
    behind = Behind(finished.append)

    for thing in things:
        behind.give(thing)
    behind.rest()

    assert finished == things


def test_a_walk_goes_on_while_a_few_wait_and_not_beyond() -> None:
    gate, begun = threading.Event(), threading.Semaphore(0)
    finished: list[int] = []

    def finish(thing: int) -> None:
        begun.release()
        assert gate.wait(10)
        finished.append(thing)

    behind = Behind(finish)
    for thing in range(WAITING):
        behind.give(thing)  # nobody waits for them
    assert begun.acquire(timeout=10)
    assert finished == []
    threading.Timer(0.05, gate.set).start()

    behind.give(WAITING)  # too many: this one waits for the first
    assert finished[:1] == [0]
    behind.rest()
    assert finished == list(range(WAITING + 1))


def test_a_thing_is_finished_although_nobody_asks_any_more() -> None:
    finished = threading.Event()
    behind = Behind(lambda _: finished.set())

    behind.give(1)

    assert finished.wait(10)
    behind.rest()


def test_a_failure_is_told_at_the_next_occasion() -> None:
    finished: list[int] = []

    def finish(thing: int) -> None:
        if thing == 3:
            raise OSError("full")
        finished.append(thing)

    behind = Behind(finish)

    def give_many() -> None:
        for thing in range(50):
            behind.give(thing)

    with pytest.raises(OSError, match="full"):
        give_many()
    behind.rest()
    assert finished[:3] == [0, 1, 2]
    assert len(finished) <= 3 + WAITING
