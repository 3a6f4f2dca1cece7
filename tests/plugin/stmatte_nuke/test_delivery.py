# SPDX-License-Identifier: Apache-2.0
"""What other threads have to say reaches Nuke's main thread in order, and never in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable

import nuke
import seat

from stmatte_nuke import delivery, main_thread


def elsewhere(call: Callable[[], None]) -> None:
    """Make a call on another thread, and wait for its end."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def test_a_call_for_the_main_thread_is_made_there_and_at_once_where_this_is_it() -> None:
    seat.new_script()
    made: list[threading.Thread] = []

    main_thread.on_main(lambda: made.append(threading.current_thread()))
    elsewhere(lambda: main_thread.on_main(lambda: made.append(threading.current_thread())))

    assert made == [threading.main_thread()]
    seat.run_main_loop(lambda: len(made) == 2, seconds=10)
    assert made[1] is threading.main_thread()


def test_what_is_delivered_is_made_on_the_main_thread_in_order() -> None:
    seat.new_script()
    made: list[int] = []

    elsewhere(lambda: [delivery.deliver(lambda n=n: made.append(n)) for n in range(50)])  # type: ignore[misc]
    assert made == []
    seat.run_main_loop(lambda: len(made) == 50, seconds=10)

    assert made == list(range(50))
    assert seat.now().accidents == []


def test_nothing_is_delivered_while_a_press_is_at_work_and_all_of_it_afterwards() -> None:
    seat.new_script()
    made: list[str] = []

    with delivery.holding():
        elsewhere(lambda: delivery.deliver(lambda: made.append("came")))
        seat.run_main_loop(idle=0.1)  # as Nuke may do in the middle of a render
        assert made == []
        assert delivery.held()
    assert made == ["came"]
    assert not delivery.held()


def test_what_comes_while_nuke_renders_waits_for_the_end_of_it() -> None:
    seat.new_script()
    made: list[str] = []

    seat.now().executing = True
    for _ in range(5):
        elsewhere(lambda: delivery.deliver(lambda: made.append("came")))
    seat.run_main_loop(idle=0.1)
    assert made == []
    assert sum(isinstance(each, threading.Timer) for each in threading.enumerate()) == 1
    seat.now().executing = False
    seat.run_main_loop(lambda: len(made) == 5, seconds=10)


def test_a_call_that_fails_stops_none_of_the_others() -> None:
    seat.new_script()
    made: list[str] = []

    def fail() -> None:
        raise ValueError("A PythonObject is not attached to a node")

    elsewhere(lambda: [delivery.deliver(fail), delivery.deliver(lambda: made.append("came"))])  # type: ignore[func-returns-value, list-item]
    seat.run_main_loop(lambda: made, seconds=10)

    assert made == ["came"]


def test_without_a_window_nobody_is_rung_and_who_waits_makes_the_calls() -> None:
    seat.new_script(gui=False)
    made: list[str] = []

    elsewhere(lambda: delivery.deliver(lambda: made.append("came")))
    assert made == []
    delivery.waited(5)

    assert made == ["came"]
    assert not nuke.GUI


def test_what_takes_the_button_away_is_done_when_the_press_is_over() -> None:
    seat.new_script()
    made: list[str] = []

    with delivery.holding():
        delivery.afterwards(lambda: made.append("updated"))
        assert made == []
    assert made == []
    seat.run_main_loop(lambda: made, seconds=10)

    seat.new_script(gui=False)
    delivery.afterwards(lambda: made.append("at once"))
    assert made == ["updated", "at once"]
