# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte_host import spans

ranges = st.lists(
    st.tuples(st.integers(-30, 30), st.integers(0, 9)).map(lambda r: (r[0], r[0] + r[1])),
    max_size=6,
)


def frames(found: object) -> set[int]:
    return {f for a, b in found for f in range(a, b + 1)}  # type: ignore[attr-defined]


def test_neighbours_are_one_run() -> None:
    assert spans.runs([5, 1, 2, 2]) == ((1, 2), (5, 5))
    assert spans.runs([]) == ()


@given(ranges, st.integers(-30, 30), st.integers(-30, 30))
def test_within_and_without_share_the_frames_out(
    said: list[tuple[int, int]], a: int, b: int
) -> None:
    inside, outside = frames(spans.within(said, a, b)), frames(spans.without(said, a, b))

    assert inside | outside == frames(said)
    assert inside.isdisjoint(outside)


@pytest.mark.parametrize(
    ("frame", "span"),
    [(12, (10, 20)), (10, (1, 20)), (20, (10, 40)), (45, (20, 40)), (3, (1, 10))],
)
def test_the_span_under_the_playhead_lies_between_keys_and_on_a_key_both(
    frame: int, span: tuple[int, int]
) -> None:
    assert spans.span_under({"hero": [10, 20]}, 1, 40, frame) == span


def test_the_longest_reach_of_several_objects_counts() -> None:
    assert spans.span_under({"hero": [10, 20], "car": [5, 12, 30]}, 1, 40, 15) == (10, 30)


def test_frames_are_written_shortly() -> None:
    assert spans.shortly(spans.runs([1, 2, 3, 7])) == "1-3, 7"
    assert spans.shortly([(10 * i, 10 * i + 1) for i in range(10)], most=2) == (
        "0-1, 10-11 and 16 more"
    )
