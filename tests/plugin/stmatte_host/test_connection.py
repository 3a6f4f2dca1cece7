# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stmatte_host.agenda import Agenda
from stmatte_host.connection import Connection
from stmatte_host.errors import EngineSilentError, EngineStoppedError

# Answers "echo" with its parameters, "late" after a while, "die" by dying, "tell" by telling.
ENGINE = """
import json, os, sys, time
for line in sys.stdin:
    said = json.loads(line)
    if said["method"] == "die":
        os._exit(3)
    if said["method"] == "late":
        time.sleep(0.4)
    if said["method"] == "tell":
        print(json.dumps({"method": "news", "params": said["params"]}))
    if said["method"] == "garble":
        print("garbage\\n" * 100)
    print(json.dumps({"id": said["id"], "result": said["params"]}), flush=True)
"""


class Asking:
    """A connection, and what came of it, in order."""

    def __init__(self, folder: Path) -> None:
        self.agenda = Agenda("test")
        self.events: list[Any] = []
        self.changed = threading.Condition()
        self.connection: Connection
        self.agenda.post(lambda: self.open(folder))

    def open(self, folder: Path) -> None:
        self.connection = Connection(
            self.agenda,
            [sys.executable, "-c", ENGINE],
            os.environ,
            folder / "log",
            looking=0.1,
            on_notice=lambda notice: self.note(("notice", notice.method, dict(notice.params))),
            on_stop=lambda: self.note(("stop",)),
        )

    def note(self, event: Any) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify()

    def ask(self, method: str, seconds: float = 20, **params: Any) -> None:
        self.agenda.post(
            lambda: self.connection.ask(
                method,
                params,
                seconds,
                lambda result: self.note(("answer", method, result)),
                lambda error: self.note(("error", method, type(error))),
            )
        )

    def wait(self, count: int) -> list[Any]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.events) >= count, 30)
            return list(self.events)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    asking = Asking(tmp_path)
    yield asking
    asking.agenda.post(lambda: asking.connection.end(5))
    asking.agenda.close()
    assert asking.agenda.join(20)


def test_every_request_gets_its_own_answer(asking: Asking) -> None:
    for number in range(50):
        asking.ask("echo", n=number)

    assert asking.wait(50) == [("answer", "echo", {"n": n}) for n in range(50)]


def test_what_the_engine_tells_comes_in_its_place(asking: Asking) -> None:
    asking.ask("tell", a=1)
    asking.ask("echo")

    assert asking.wait(3) == [
        ("notice", "news", {"a": 1}),
        ("answer", "tell", {"a": 1}),
        ("answer", "echo", {}),
    ]


def test_an_answer_that_comes_too_late_is_passed_over(
    asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    asking.ask("echo")  # the process needs its time to start
    asking.wait(1)
    asking.ask("late", seconds=0.1)
    asking.ask("echo", n=2)

    assert asking.wait(3)[1:] == [
        ("error", "late", EngineSilentError),
        ("answer", "echo", {"n": 2}),
    ]
    assert "what nobody waits for" in caplog.text


def test_an_answer_in_time_is_not_called_late_afterwards(asking: Asking) -> None:
    asking.ask("echo")
    asking.wait(1)
    asking.ask("echo", seconds=1.5)
    asking.wait(2)
    threading.Event().wait(1.7)

    assert len(asking.events) == 2


def test_when_the_engine_stops_every_request_fails_in_order_and_then_it_is_told_once(
    asking: Asking,
) -> None:
    asking.ask("echo")
    asking.wait(1)
    for method in ("die", "echo", "late"):
        asking.ask(method)

    assert asking.wait(5)[1:] == [
        ("error", "die", EngineStoppedError),
        ("error", "echo", EngineStoppedError),
        ("error", "late", EngineStoppedError),
        ("stop",),
    ]
    asking.ask("echo")
    threading.Event().wait(0.3)
    assert asking.events.count(("stop",)) == 1


def test_ending_it_fails_what_is_open_and_tells_no_stop(asking: Asking) -> None:
    asking.ask("echo")
    asking.wait(1)
    asking.ask("late")
    asking.agenda.post(lambda: asking.connection.end(0))

    assert asking.wait(2)[1:] == [("error", "late", EngineStoppedError)]
    threading.Event().wait(0.3)
    assert len(asking.events) == 2


def test_an_engine_that_babbles_does_not_fill_the_log(
    asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        asking.ask("garble")
        asking.wait(1)

    assert caplog.text.count("what is no message") == 20
