# SPDX-License-Identifier: Apache-2.0
"""Clocks take turns, and their numbers are those that one gets by hand."""

from __future__ import annotations

import gc

import pytest
import torch

from benchmarks.timing.measure import by_turns, ratio, spread

CPU = torch.device("cpu")


def test_quartiles_lie_between_neighbours_in_proportion() -> None:
    found = spread([5, 1, 4, 2, 3])

    assert (found.low, found.median, found.high, found.count) == (2, 3, 4, 5)


def test_quartiles_of_two_are_a_quarter_of_the_way_from_the_ends() -> None:
    found = spread([1, 3])

    assert (found.low, found.median, found.high) == (1.5, 2, 2.5)


def test_one_measurement_has_no_width() -> None:
    found = spread([7])

    assert (found.low, found.median, found.high, found.count) == (7, 7, 7, 1)


def test_a_ratio_is_of_turns_that_belong_together() -> None:
    """A machine that is half as fast in the second turn is so for both: 3, 3 and 3."""
    found = ratio([3, 6, 3], [1, 2, 1])

    assert (found.low, found.median, found.high) == (3, 3, 3)


def test_contenders_go_by_turns_after_they_warmed_up() -> None:
    went: list[str] = []
    contenders = {"a": lambda: went.append("a"), "b": lambda: went.append("b")}

    told = by_turns(contenders, 2, 1, CPU, after=lambda: went.append("."))

    assert "".join(went) == "ab" + "ab." + "ab."
    assert {name: len(each) for name, each in told.items()} == {"a": 2, "b": 2}


def test_time_that_is_up_leaves_as_many_turns_as_must_be() -> None:
    told = by_turns({"a": lambda: None}, 100, 0, CPU, limit=0, least=3)

    assert len(told["a"]) == 3


def test_nothing_is_collected_while_clocks_run_and_all_is_as_before_then() -> None:
    were_on: list[bool] = []

    by_turns({"a": lambda: were_on.append(gc.isenabled())}, 1, 0, CPU)

    assert were_on == [False]
    assert gc.isenabled()


def test_what_lies_between_two_turns_is_in_neither() -> None:
    spent = by_turns({"a": lambda: None}, 3, 0, CPU, after=lambda: sum(range(10**6)))

    assert spent["a"] == pytest.approx([0, 0, 0], abs=1e-3)
