# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.pipeline.behind import WAITING, Behind


@given(st.lists(st.integers(), max_size=20))
def test_everything_is_finished_once_and_in_order(things: list[int]) -> None:
    behind: Behind[int, int] = Behind(lambda thing: 2 * thing)

    finished = [each for thing in things for each in behind.give(thing)]
    finished += behind.rest()

    assert finished == [2 * thing for thing in things]


def test_a_walk_goes_on_while_a_few_wait_and_not_beyond() -> None:
    gate, begun = threading.Event(), threading.Semaphore(0)

    def finish(thing: int) -> int:
        begun.release()
        assert gate.wait(10)
        return thing

    behind: Behind[int, int] = Behind(finish)
    for thing in range(WAITING):
        assert list(behind.give(thing)) == []  # nobody waits for them
    assert begun.acquire(timeout=10)
    threading.Timer(0.05, gate.set).start()

    assert next(behind.give(WAITING)) == 0  # too many: this one waited
    assert list(behind.rest()) == list(range(1, WAITING + 1))


def test_a_failure_is_told_where_results_are_asked_for() -> None:
    def finish(thing: int) -> int:
        if thing == 3:
            raise OSError("full")
        return thing

    behind: Behind[int, int] = Behind(finish)

    def give_many(finished: list[int]) -> None:
        for thing in range(50):
            finished += behind.give(thing)

    finished: list[int] = []
    with pytest.raises(OSError, match="full"):
        give_many(finished)
    assert finished == [0, 1, 2]
    assert len(list(behind.rest())) <= WAITING
