# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.plan.ranges import written
from stmatte.service.ranges import PATTERN, chosen

frames = st.sets(st.integers(-50, 2000), max_size=40)


@given(frames)
def test_what_is_written_names_the_same_frames(frames: set[int]) -> None:
    text = written(frames)

    assert re.fullmatch(PATTERN, text)
    assert chosen(text, range(-50, 2001)) == tuple(sorted(frames))


@given(frames, frames)
def test_frames_that_are_not_there_are_passed_over_unless_none_is(
    asked: set[int], there: set[int]
) -> None:
    if asked and not asked & there:
        with pytest.raises(StmatteError, match="is in the shot"):
            chosen(written(asked), sorted(there))
    else:
        assert chosen(written(asked), sorted(there)) == tuple(sorted(asked & there))


def test_ranges_may_overlap_and_come_in_any_order_with_blanks() -> None:
    assert chosen(" 8-9, 1 - 5 ,2-3,5", range(1, 11)) == (1, 2, 3, 4, 5, 8, 9)


def test_a_range_of_milliards_costs_nothing() -> None:
    assert chosen("-2000000000-2000000000", (1, 2, 5)) == (1, 2, 5)


@pytest.mark.parametrize(
    "text", ["x", "1-2-3", "1,,2", ",", "1-", "9" * 5000, "\u0661", "1.5", "1;2", "\x00"]
)
def test_other_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(StmatteError, match="cannot be read") as refused:
        chosen(text, range(1, 100))

    assert len(str(refused.value)) < 250


def test_a_range_that_runs_backwards_is_told() -> None:
    with pytest.raises(StmatteError, match="runs backwards"):
        chosen("5-1", range(1, 10))
