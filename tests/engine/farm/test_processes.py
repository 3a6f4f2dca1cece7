# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import signal
import sys
from typing import Any

import pytest

from stmatte.errors import StmatteError
from stmatte.farm.processes import Ended, Halt, run_child

GENTLE = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(130)); "


def python(code: str, **how: Any) -> Ended:
    return run_child([sys.executable, "-c", code], **how)


def test_lines_of_json_are_told_and_others_are_not() -> None:
    told: list[object] = []

    ended = python("print('hello'); print('{\"event\": \"step\"}'); print(7)", tell=told.append)

    assert (ended, told) == (Ended(0), [{"event": "step"}])


def test_the_last_words_of_a_child_that_fails_are_kept() -> None:
    ended = python("import sys; [print(n, file=sys.stderr) for n in range(30)]; sys.exit(1)")

    assert ended.code == 1
    assert ended.words.splitlines() == [str(n) for n in range(10, 30)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_child_is_asked_to_leave_and_its_code_is_its_own() -> None:
    halt = Halt()

    ended = python(
        GENTLE + "print('{}', flush=True); time.sleep(600)",
        halt=halt,
        tell=lambda _: halt.leave.set(),
    )

    assert (ended.code, ended.late) == (130, False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_one_that_does_not_leave_is_killed_where_that_is_asked_for() -> None:
    halt = Halt()

    def end(_: object) -> None:
        halt.leave.set()
        halt.kill.set()

    ended = python(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('{}', flush=True); time.sleep(600)",
        halt=halt,
        tell=end,
    )

    assert ended.code == -signal.SIGKILL


def test_one_whose_time_is_over_is_ended_and_that_is_told() -> None:
    ended = python("import time; time.sleep(600)", limit=0.2)

    assert ended.late
    assert ended.code != 0


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(StmatteError, match='Program "no-such-stmatte" cannot be started'):
        run_child(["no-such-stmatte", "span"])
