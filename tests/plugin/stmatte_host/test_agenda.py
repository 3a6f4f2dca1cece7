# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from stmatte_host.agenda import Agenda


@pytest.fixture
def agenda() -> Iterator[Agenda]:
    agenda = Agenda("test")
    yield agenda
    agenda.close()
    assert agenda.join(10)


def test_what_is_posted_is_done_in_order_on_another_thread(agenda: Agenda) -> None:
    done: list[object] = []
    for number in range(100):
        agenda.post(lambda number=number: done.append(number))  # type: ignore[misc]
    agenda.post(lambda: done.append(threading.current_thread()))
    agenda.close()
    agenda.join(10)

    assert done[:100] == list(range(100))
    assert done[100] is not threading.current_thread()


def test_what_is_for_later_comes_in_the_order_of_time(agenda: Agenda) -> None:
    done: list[str] = []
    over = threading.Event()
    agenda.after(0.10, over.set)
    agenda.after(0.06, lambda: done.append("second"))
    agenda.after(0.02, lambda: done.append("first"))
    agenda.post(lambda: done.append("now"))
    assert over.wait(10)

    assert done == ["now", "first", "second"]


def test_what_is_cancelled_is_not_done(agenda: Agenda) -> None:
    done: list[int] = []
    over = threading.Event()
    alarm = agenda.after(0.02, lambda: done.append(1))
    agenda.after(0.05, over.set)
    alarm.cancel()
    alarm.cancel()
    assert over.wait(10)

    assert done == []


def test_a_failure_is_logged_and_the_next_is_done(
    agenda: Agenda, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()
    with caplog.at_level(logging.ERROR):
        agenda.post(lambda: 1 / 0)
        agenda.post(over.set)
        assert over.wait(10)

    assert "ZeroDivisionError" in caplog.text


def test_closing_does_what_was_posted_and_forgets_what_is_for_later(agenda: Agenda) -> None:
    done: list[str] = []
    agenda.after(60, lambda: done.append("later"))
    assert agenda.post(lambda: done.append("now"))
    agenda.close()
    assert agenda.join(10)

    assert done == ["now"]
    assert not agenda.post(lambda: done.append("too late"))


def test_joining_from_its_own_thread_does_not_wait_for_itself(agenda: Agenda) -> None:
    joined: list[bool] = []
    agenda.post(lambda: joined.append(agenda.join(60)))
    agenda.close()
    assert agenda.join(10)

    assert joined == [False]
