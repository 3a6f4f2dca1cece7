# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from stmatte.plan.ranges import ranges_of, written


def test_neighbours_are_written_as_ranges() -> None:
    assert written([3, 1, 2, 7, -4, -5]) == "-5--4,1-3,7"
    assert written([]) == ""


@given(st.sets(st.integers(-50, 50)))
def test_ranges_hold_every_frame_once_and_never_touch(frames: set[int]) -> None:
    found = ranges_of(frames)

    assert [f for each in found for f in each] == sorted(frames)
    assert all(a.last + 1 < b.first for a, b in itertools.pairwise(found))
