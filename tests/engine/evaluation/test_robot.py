# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.evaluation.robot import (
    Round,
    Scores,
    evenly,
    follow,
    halving,
    keyed_by_any,
    spread,
    worst,
)

FRAMES = range(1001, 1011)


def near_keys(keys: tuple[int, ...]) -> Scores:
    """Score 1 on keys, and 0.1 less for every frame away from the nearest."""
    return {f: 1 - 0.1 * min(abs(f - key) for key in keys) for f in FRAMES}


def test_the_robot_keys_where_the_rule_says_and_scores_every_round() -> None:
    rounds = follow(1001, 2, near_keys, lambda keys, scores: worst(keys, scores))

    assert [r.keys for r in rounds] == [(1001,), (1001, 1010), (1001, 1005, 1010)]
    # 0, 1 ... 9 frames away: 45 in all
    assert rounds[0].mean() == pytest.approx(1 - 0.1 * 45 / 10)
    # 0 1 2 3 4 4 3 2 1 0
    assert rounds[1].mean() == pytest.approx(1 - 0.1 * 20 / 10)
    # 0 1 2 1 0 1 2 2 1 0
    assert rounds[2].mean() == pytest.approx(1 - 0.1 * 10 / 10)


def test_a_rule_that_has_nothing_to_say_costs_no_key() -> None:
    rounds = follow(1001, 3, near_keys, lambda keys, _: 1005 if len(keys) < 2 else None)

    assert [r.keys for r in rounds] == [(1001,), *[(1001, 1005)] * 3]


def test_a_rule_that_says_a_key_again_gains_nothing() -> None:
    rounds = follow(1001, 1, near_keys, lambda keys, _: keys[0])

    assert rounds[1] is rounds[0]


def test_clockwork_lays_all_keys_anew_for_every_number_of_corrections() -> None:
    rounds = spread(FRAMES, 3, near_keys, evenly)

    assert [r.keys for r in rounds] == [
        (1001,),
        (1001, 1010),
        (1001, 1006, 1010),  # 4.5 steps is rounded up
        (1001, 1004, 1007, 1010),
    ]


def test_halving_goes_to_the_last_frame_and_then_to_the_middles() -> None:
    assert [halving(range(9), count) for count in range(5)] == [
        (0,),
        (0, 8),
        (0, 4, 8),
        (0, 2, 4, 8),
        (0, 2, 4, 6, 8),
    ]


@given(st.integers(1, 60), st.integers(0, 59))
def test_clockwork_keys_as_many_frames_as_it_was_asked_to(length: int, corrections: int) -> None:
    frames = range(length)
    count = min(corrections, length - 1)

    for rule in (evenly, halving):
        keys = rule(frames, count)
        assert len(keys) == count + 1
        assert keys == tuple(sorted(set(keys)))
        assert keys[0] == 0
        assert count == 0 or keys[-1] == length - 1


def test_the_worst_frame_is_the_first_of_the_lowest_that_is_no_key() -> None:
    assert worst((1,), {1: 0.0, 2: 0.5, 3: 0.25, 4: 0.25}) == 3
    assert worst((1, 2), {1: 1.0, 2: 1.0}) is None


def test_frames_that_any_rule_keyed_can_be_left_out_for_all() -> None:
    one, other = Round((1, 3), {1: 1, 2: 0.5, 3: 1, 4: 0.25}), Round((1, 2), {})

    left_out = keyed_by_any([one, other])

    assert left_out == {1, 2, 3}
    assert one.mean(left_out) == 0.25
    assert isnan(one.mean([1, 2, 3, 4]))
