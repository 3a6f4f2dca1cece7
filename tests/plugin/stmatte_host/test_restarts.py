# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from stmatte_host import Patience
from stmatte_host.restarts import LONGEST_WAIT, Restarts, end_in_words, stopped_error

PATIENCE = Patience(restarts=3, within=60, backoff=0.5)


def test_each_stop_in_a_minute_waits_twice_as_long_until_it_is_too_often() -> None:
    restarts = Restarts(PATIENCE)

    assert [restarts.stopped(now, True) for now in (0, 1, 2, 3)] == [0.5, 1.0, 2.0, None]
    assert restarts.in_words == "The engine stopped 4 times within 60 seconds"


def test_a_stop_more_than_a_minute_ago_does_not_count() -> None:
    restarts = Restarts(PATIENCE)

    assert [restarts.stopped(now, True) for now in (0, 61, 122, 183, 244)] == [0.5] * 5


def test_an_engine_that_is_never_ready_is_given_up_however_slowly_it_fails() -> None:
    restarts = Restarts(PATIENCE)

    assert [restarts.stopped(now, False) for now in (0, 90, 180, 270)] == [0.5, 1.0, 2.0, None]
    assert restarts.in_words == "The engine stopped 4 times before it was ready"


def test_when_a_person_asks_it_is_counted_anew() -> None:
    restarts = Restarts(PATIENCE)
    for now in range(4):
        restarts.stopped(now, True)

    restarts.forget()

    assert restarts.stopped(4, True) == 0.5


def test_no_wait_is_longer_than_half_a_minute() -> None:
    restarts = Restarts(Patience(restarts=99))

    assert max(restarts.stopped(0, True) or 0 for _ in range(99)) == LONGEST_WAIT


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "exit code 1"),
        (0, "exit code 0"),
        (0xC0000005, "exit code 0xC0000005"),
        (-11, "killed by SIGSEGV"),
        (-9, "killed by SIGKILL, often for want of memory"),
        (-200, "killed by signal 200"),
        (None, "it hangs and cannot be ended"),
    ],
)
def test_an_end_is_put_in_words(code: int, words: str) -> None:
    assert end_in_words(code) == words


def test_the_error_ends_with_the_last_words(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("Traceback ...\nMemoryError\n")

    assert str(stopped_error("exit code 1", log, "The engine stopped")) == (
        f'The engine stopped (exit code 1). Its log is "{log}" and ends so:\n'
        "Traceback ...\nMemoryError"
    )
    log.write_text("")
    assert str(stopped_error("exit code 1", log, "The engine stopped")) == (
        f'The engine stopped (exit code 1). Its log is "{log}".'
    )
