# SPDX-License-Identifier: Apache-2.0
"""Which spans share a command."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from farming import GB, task
from stmatte.farm.chunks import chunks_of


def test_neighbours_share_a_command_until_it_has_ten_seconds_of_work() -> None:
    tasks = [task(1), task(2), task(3), task(4), task(5)]  # 4 s each: 4 + 4 < 10, 4 + 4 + 4 is not

    chunks = chunks_of(tasks)

    assert [chunk.spans for chunk in chunks] == ["1-3", "4-5"]
    assert [chunk.seconds for chunk in chunks] == [12, 8]


def test_a_long_span_has_a_command_of_its_own() -> None:
    tasks = [task(1, seconds=60), task(2, seconds=60), task(3, seconds=1)]

    assert [chunk.spans for chunk in chunks_of(tasks)] == ["1", "2", "3"]


def test_a_fresh_span_is_left_out_and_parts_its_neighbours() -> None:
    tasks = [task(1), task(2, stale=0), task(3)]

    assert [chunk.spans for chunk in chunks_of(tasks)] == ["1", "3"]


def test_a_frame_that_was_never_timed_counts_half_a_second() -> None:
    (chunk,) = chunks_of([task(1, seconds=None, stale=9)])

    assert chunk.seconds == 4.5


def test_a_command_takes_the_memory_of_its_largest_span() -> None:
    (chunk,) = chunks_of([task(1, memory=GB), task(2, memory=3 * GB)])

    assert chunk.memory == 3 * GB


def test_memory_that_is_not_known_of_one_span_is_not_known_of_the_command() -> None:
    (chunk,) = chunks_of([task(1, memory=GB), task(2, memory=None)])

    assert chunk.memory is None


@given(
    st.lists(st.tuples(st.integers(0, 9), st.none() | st.floats(0, 30)), max_size=20),
    st.floats(0, 60),
)
def test_every_stale_span_is_in_one_command(
    spans: list[tuple[int, float | None]], seconds: float
) -> None:
    tasks = [task(n, stale=stale, seconds=s) for n, (stale, s) in enumerate(spans, start=1)]

    chunks = chunks_of(tasks, seconds)

    assert [each for chunk in chunks for each in chunk.tasks] == [t for t in tasks if t.stale]
    for chunk in chunks:
        assert [each.span for each in chunk.tasks] == list(range(chunk.first, chunk.last + 1))
