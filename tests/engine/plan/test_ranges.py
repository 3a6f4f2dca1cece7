# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.plan.ranges import parse_ranges, written


def test_neighbours_are_written_as_ranges() -> None:
    assert written([3, 1, 2, 7, -4, -5]) == "-5--4,1-3,7"
    assert written([]) == ""


def test_what_is_no_range_is_refused() -> None:
    with pytest.raises(StmatteError, match='Frame range "x" cannot be read'):
        parse_ranges("1-5,x")


@given(st.sets(st.integers(-50, 50)))
def test_what_is_written_can_be_read(frames: set[int]) -> None:
    assert {f for frames in parse_ranges(written(frames)) for f in frames} == frames
