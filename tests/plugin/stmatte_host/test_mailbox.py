# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
import threading
import time

import pytest

from stmatte_host import Mailbox


def test_calls_wait_for_the_pump_and_are_made_in_order_where_it_is_called() -> None:
    mailbox, done = Mailbox(), []
    for number in range(3):
        mailbox(lambda number=number: done.append((number, threading.current_thread())))
    assert done == []

    assert mailbox.pump() == 3
    assert done == [(number, threading.current_thread()) for number in range(3)]
    assert mailbox.pump() == 0


def test_a_pump_ends_although_calls_put_in_further_calls() -> None:
    mailbox, done = Mailbox(), []

    def again() -> None:
        done.append(1)
        mailbox(again)

    mailbox(again)
    mailbox(again)

    assert mailbox.pump() == 2
    assert len(done) == 2


def test_a_call_that_pumps_itself_leaves_nothing_undone() -> None:
    mailbox, done = Mailbox(), []
    mailbox(lambda: done.append(mailbox.pump()))
    mailbox(lambda: done.append("second"))

    assert mailbox.pump() == 1

    assert done == ["second", 1]


def test_a_pump_that_may_wait_waits_for_the_first_call_only() -> None:
    mailbox, done = Mailbox(), []
    timer = threading.Timer(0.05, mailbox, [lambda: done.append(1)])
    timer.start()

    assert mailbox.pump(wait=30) == 1
    timer.join()
    start = time.monotonic()
    assert mailbox.pump(wait=0.01) == 0
    assert time.monotonic() - start < 10


def test_a_failing_call_is_logged_and_the_next_is_made(caplog: pytest.LogCaptureFixture) -> None:
    mailbox, done = Mailbox(), []
    mailbox(lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    mailbox(lambda: done.append(1))

    with caplog.at_level(logging.ERROR):
        assert mailbox.pump() == 2

    assert done == [1]
    assert "ZeroDivisionError" in caplog.text
