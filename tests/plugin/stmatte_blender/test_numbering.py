# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stmatte_blender.stmatte_host import EngineError

from stmatte_blender.numbering import MOST, FileName, Numbers, file_name, numbers_for


def test_a_node_shows_one_file_where_blender_makes_it() -> None:
    made = Numbers(start=1, offset=0, duration=100)

    assert [made.file(frame) for frame in (0, 1, 50, 100, 101)] == [0, 1, 50, 100, 100]


@given(
    first=st.integers(-5000, 5000),
    length=st.integers(1, 3000),
    number=st.integers(0, 900_000),
    beyond=st.integers(1, 10_000),
)
def test_every_frame_shows_its_file_and_beyond_the_ends_the_nearest(
    first: int, length: int, number: int, beyond: int
) -> None:
    last, offset = first + length - 1, number - first

    found = numbers_for(first, last, offset)

    assert [found.file(frame) for frame in (first, last)] == [number, number + length - 1]
    assert found.file(first - beyond) == number
    assert found.file(last + beyond) == number + length - 1
    assert found.duration >= 1  # Blender shows nothing for 0


def test_frames_that_blender_cannot_count_are_refused() -> None:
    with pytest.raises(EngineError, match="Renumber the plate"):
        numbers_for(1, 10, -5)  # files -4 to 5
    with pytest.raises(EngineError, match=str(MOST)):
        numbers_for(1, 10, MOST)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("plate.0001.exr", ("plate.", "0001", ".exr")),
        ("sh010_v2.1001.png", ("sh010_v2.", "1001", ".png")),
        ("0007.jp2", ("", "0007", ".jp2")),
        ("a12b.png", ("a", "12", "b.png")),
        ("12", ("", "12", "")),
    ],
)
def test_the_number_is_the_last_run_of_digits_before_the_extension(
    name: str, split: tuple[str, str, str]
) -> None:
    assert file_name(name) == FileName(*split)


def test_a_name_without_digits_has_no_number() -> None:
    assert file_name("still.png") is None
    assert file_name("still.jp2") is None


@pytest.mark.parametrize(
    ("name", "negative"),
    [("a.-0002.exr", True), ("a_-0002.exr", True), ("-1.exr", True), ("a-0002.exr", False)],
)
def test_a_minus_belongs_to_the_number_unless_a_letter_is_before_it(
    name: str, negative: bool
) -> None:
    found = file_name(name)

    assert found is not None
    assert found.negative is negative


def test_a_pattern_is_as_wide_as_its_narrowest_file() -> None:
    found = file_name("a.9999.png")

    assert found is not None
    assert found.pattern(["a.9999.png", "a.10000.png", "b.1.png", "a.1.jpg"]) == "a.####.png"
    assert FileName("a.", "7", ".png").pattern(["a.7.png", "a.12.png"]) == "a.#.png"


def test_a_name_that_reads_like_a_pattern_is_refused() -> None:
    with pytest.raises(EngineError, match="Rename the files"):
        FileName("take#2.", "0001", ".png").pattern([])
