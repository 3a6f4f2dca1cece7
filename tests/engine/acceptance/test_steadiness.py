# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from stmatte.acceptance.limits import limits_for
from stmatte.acceptance.steadiness import Moved, chatter_findings, in_words, pop_findings

LIMITS = limits_for(1000)  # chatter 4 px, warned from 1 px; pop 10 px, warned from 2.5 px


def moves(**values: list[float | None]) -> dict[int, Moved]:
    """Return frames from 1001 on with these changes or chatters."""
    ((what, series),) = values.items()
    return {
        frame: Moved(True, sure=1.0, **{what: value})
        for frame, value in enumerate(series, start=1001)
    }


def there(series: str) -> dict[int, Moved]:
    """Return frames from 1001 on: x where the object is there."""
    return {frame: Moved(mark == "x") for frame, mark in enumerate(series, start=1001)}


def test_an_edge_that_chatters_along_five_frames_is_refused() -> None:
    found = list(chatter_findings(moves(chatter=[0, 0, 5, 6, 5, 7, 5, 0, 0]), LIMITS, "hero"))

    assert [f.frame for f in found if f.verdict == "fail"] == list(range(1003, 1008))
    assert [f.frame for f in found if f.verdict == "warn"] == []
    assert {f.object for f in found} == {"hero"}


def test_an_edge_that_moves_for_a_moment_is_let_pass() -> None:
    assert not list(chatter_findings(moves(chatter=[0, 0, 0, 9, 0, 0, 0]), LIMITS, "hero"))


def test_chatter_above_a_quarter_of_the_limit_is_told() -> None:
    found = list(chatter_findings(moves(chatter=[2] * 4), LIMITS, "hero"))

    assert [(f.verdict, f.frame) for f in found] == [("warn", frame) for frame in range(1001, 1005)]


def test_a_jump_that_its_neighbours_do_not_make_is_a_pop() -> None:
    found = list(pop_findings(moves(change=[1, 1, 1, 12, 1, 1]), LIMITS, "hero"))

    assert [(f.verdict, f.frame, f.value) for f in found] == [("fail", 1004, 12)]


def test_an_object_that_moves_fast_throughout_does_not_pop() -> None:
    assert not list(pop_findings(moves(change=[12, 11, 13, 12, 14]), LIMITS, "hero"))


def test_what_is_not_sure_is_not_judged() -> None:
    unsure = {
        frame: Moved(True, moved.change, sure=0.2)
        for frame, moved in moves(change=[1, 1, 1, 12, 1, 1]).items()
    }

    assert not list(pop_findings(unsure, LIMITS, "hero"))


def test_two_frames_are_too_few_to_judge() -> None:
    assert not list(chatter_findings(moves(chatter=[50, 50]), LIMITS, "hero"))
    assert not list(pop_findings(moves(change=[1, 50]), LIMITS, "hero"))


def test_an_object_that_is_gone_for_a_moment_is_told() -> None:
    found = list(pop_findings(there("xxx.xxx..xx"), LIMITS, "hero"))

    assert [(f.verdict, f.words, f.frame) for f in found] == [
        ("warn", "is gone for a moment", frame) for frame in (1004, 1008, 1009)
    ]


def test_an_object_that_leaves_or_comes_back_later_is_not() -> None:
    assert not list(pop_findings(there("xxx...xxx.."), LIMITS, "hero"))
    assert [f.words for f in pop_findings(there("...x..."), LIMITS, "hero")] == [
        "is there for a moment"
    ]


def test_an_object_that_is_never_there_is_told_once() -> None:
    (found,) = pop_findings(there("...."), LIMITS, "hero")

    assert (found.words, found.frame, found.verdict) == ("is empty on every frame", None, "warn")


def test_what_was_measured_is_told_in_words() -> None:
    told = in_words({"hero": moves(change=[1, 2, 6]), "car": {}}, "change")

    assert told == "hero 2.00 px, at most 6.00 at 1003; car not known"
