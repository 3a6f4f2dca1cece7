# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.sizes import parse_size, rounded_up, written_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("4G", 4e9), ("4 GB", 4e9), ("1.5g", 1.5e9), ("500 MiB", 500 * 2**20), (" 2Ki ", 2048)],
)
def test_sizes_are_read_as_people_write_them(text: str, size: float) -> None:
    assert parse_size(text, "Room") == size


@pytest.mark.parametrize("text", ["", "4", "G", "-1G", "0G", "4 apples", "4G and more"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(
        StmatteError, match=r'Room is ".*": a number above 0 .* such as 50G'
    ) as told:
        parse_size(text, "Room")

    assert told.value.value == text


@given(size=st.integers(1, 10**13))
def test_a_size_that_was_rounded_up_and_told_is_enough(size: int) -> None:
    told = parse_size(written_size(rounded_up(size)), "Room")

    assert size <= told <= size + 10**8


def test_sizes_are_told_in_the_unit_that_fits() -> None:
    assert [written_size(size) for size in (3.16e9, 640e6, 1e9)] == ["3.2 GB", "640 MB", "1.0 GB"]
