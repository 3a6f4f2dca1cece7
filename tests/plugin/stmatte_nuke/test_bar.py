# SPDX-License-Identifier: Apache-2.0
"""Nuke's own progress bar: there for as long as something is under way, and its Cancel is heard."""

from __future__ import annotations

import time
from typing import Callable

import seat

from stmatte_nuke.bar import Bar


def _until(so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _shown() -> list[object]:
    """Return the bars that can be seen."""
    return [task for task in seat.now().tasks if task.alive() is not None]


def test_a_bar_shows_what_is_said_and_goes_at_the_end() -> None:
    seat.new_script()
    bar = Bar("STMatte: STMatte1", lambda: None)

    bar.say(0.25, "Propagating: 3 of 12 frames")
    _until(lambda: seat.now().tasks and seat.now().tasks[0].said)
    task = seat.now().tasks[0]

    assert (task.title, task.percent, task.message) == (
        "STMatte: STMatte1",
        25,
        "Propagating: 3 of 12 frames",
    )
    assert bar.there
    bar.end()
    bar.end()
    _until(lambda: not _shown())
    assert seat.now().accidents == []


def test_its_cancel_is_told_once_and_takes_it_away() -> None:
    seat.new_script()
    told = []
    bar = Bar("STMatte: STMatte1", lambda: told.append("cancelled"))
    _until(lambda: seat.now().tasks)

    seat.now().tasks[0].cancelled = True
    _until(lambda: not _shown())

    assert told == ["cancelled"]
    assert not bar.there
