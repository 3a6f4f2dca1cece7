# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stmatte.plan.forecast import Needs, largest, most_held

# 10 + 90 + 10 + 50 + 20, and two sights of 5 in hand: 190 at least
NEEDS = Needs(weights=10, bank=90, gaps=10, work=50, pictures=20, sight=5, again=8)


def test_what_a_budget_leaves_goes_to_sights_and_no_more_than_there_are() -> None:
    assert NEEDS.least == 190
    assert [NEEDS.room(budget) for budget in (190, 210, 1000)] == [0, 20, 810]
    assert [NEEDS.total(room) for room in (0, 20, 810)] == [190, 210, 230]


def test_a_budget_that_is_too_small_leaves_no_room() -> None:
    assert NEEDS.room(100) == 0


def test_frames_that_are_looked_at_once_are_never_held() -> None:
    assert most_held(range(300)) == 0


def test_a_pass_and_the_one_back_hold_all_frames_between() -> None:
    assert most_held([*range(10), *range(9, -1, -1)]) == 10


def test_a_span_lets_go_of_its_frames_before_the_next_one_begins() -> None:
    span, longer = range(1, 6), range(7, 14)

    assert most_held([*span, *span[::-1], *longer, *longer[::-1]]) == 7


def test_objects_that_come_by_together_hold_one_frame_between_them() -> None:
    assert most_held([1, 1, 2, 2, 3, 3]) == 1


@given(looks=st.lists(st.integers(0, 9), max_size=40))
def test_no_more_is_held_than_the_frames_that_are_looked_at_again(looks: list[int]) -> None:
    assert most_held(looks) <= sum(looks.count(frame) > 1 for frame in set(looks))


@given(choices=st.sets(st.integers(0, 99)).map(sorted), limit=st.integers(-1, 100))
def test_the_largest_that_fits_is_found(choices: list[int], limit: int) -> None:
    fitting = [choice for choice in choices if choice <= limit]

    assert largest(choices, lambda choice: choice <= limit) == (fitting[-1] if fitting else None)
