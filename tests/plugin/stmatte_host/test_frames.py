# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte_host import EngineError, frames_in, frames_text


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("", ()),
        ("1001", (1001,)),
        ("1001-1003", (1001, 1002, 1003)),
        ("1001-1002,1005", (1001, 1002, 1005)),
        (" 5 , 1 - 3 ", (1, 2, 3, 5)),
        ("-2-1", (-2, -1, 0, 1)),
        ("-5--3", (-5, -4, -3)),
        ("1-3,2-4", (1, 2, 3, 4)),
    ],
)
def test_frames_are_read_as_an_artist_writes_them(text: str, frames: tuple[int, ...]) -> None:
    assert frames_in(text) == frames


@pytest.mark.parametrize("text", ["a", "1-", "3-1", "1,,2", "1.5", "1001-1003x2"])
def test_what_is_no_frames_is_an_error_with_an_example(text: str) -> None:
    with pytest.raises(EngineError, match='frames are written "1001-1080"'):
        frames_in(text)


def test_runs_are_joined() -> None:
    assert frames_text([1005, 1001, 1002, 1003, 1001]) == "1001-1003,1005"


@given(st.sets(st.integers(-200, 200)))
def test_writing_and_reading_gives_the_same_frames(frames: set[int]) -> None:
    assert frames_in(frames_text(frames)) == tuple(sorted(frames))
