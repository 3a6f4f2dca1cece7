# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.rounds import Round, counted, next_frame, of_whole_samples
from stmatte.evaluation.rounds_summary import Work, summary

SCORES = np.array([[0.9], [0.2], [0.2], [0.5]])


def test_the_worst_frame_comes_next_the_first_of_equals() -> None:
    assert next_frame(SCORES) == 1
    assert next_frame(SCORES, drawn={1}) == 2
    assert next_frame(SCORES, allowed=[0, 3]) == 3


def test_when_all_that_is_allowed_was_drawn_on_it_is_allowed_again() -> None:
    assert next_frame(SCORES, drawn={0, 3}, allowed=[0, 3]) == 3
    assert next_frame(SCORES, drawn={0, 1, 2, 3}) == 1


def test_frames_outside_are_passed_over_unless_there_are_no_others() -> None:
    assert next_frame(SCORES, allowed=[7, 0]) == 0
    with pytest.raises(StmatteError, match=r"None of the allowed frames 7, -1 is in the sequence"):
        next_frame(SCORES, allowed=[7, -1])


def test_half_the_sum_counts_unless_one_is_asked_for() -> None:
    j, f = np.array([[0.2]]), np.array([[0.6]])

    assert counted(j, f, "J_AND_F").item() == pytest.approx(0.4)
    assert counted(j, f, "F").item() == 0.6
    with pytest.raises(StmatteError, match='Metric "T" is not known'):
        counted(j, f, "T")  # type: ignore[arg-type]


def done(sequence: str, number: int, seconds: float, score: float, objects: int = 1) -> Round:
    table = np.full((3, objects), score)
    return Round(sequence, 1, number, seconds, table, table)


def test_samples_before_the_last_are_over_and_the_last_once_it_had_all_its_rounds() -> None:
    late, one, two = done("a", 1, 9, 0.1), done("b", 1, 1, 0.2), done("b", 2, 1, 0.3)

    assert of_whole_samples([], 2) == ()
    assert of_whole_samples([late, one], 2) == (late,)  # a's time was over after one round
    assert of_whole_samples([late, one, two], 2) == (late, one, two)
    assert of_whole_samples([late, one, two], None) == (late,)


def test_a_curve_by_hand() -> None:
    """Scores 0.5 after 10 s and 1 after 30 s, with 40 s in all: 2.5 + 15 + 10 over 40."""
    rounds = [done("a", 1, 10, 0.5), done("a", 2, 20, 1.0)]

    found = summary(rounds, Work({"a": 1}, {"a": 1}), seconds_per_object=40)

    assert found.times == (0, 10, 30, 40)
    assert found.scores == (0, 0.5, 1, 1)
    assert found.auc == pytest.approx(27.5 / 40)
    assert found.at == 1.0  # at 60 s, beyond the end


def test_objects_weigh_in_the_score_and_samples_in_the_time() -> None:
    rounds = [done("a", 1, 10, 1.0), done("b", 1, 30, 0.0, objects=3)]

    found = summary(rounds, Work({"a": 1, "b": 3}, {"a": 1, "b": 1}))

    assert found.scores[1] == 0.25  # one object of four
    assert found.times[1] == 20
    assert found.times[-1] == 30  # one round, as long as the longest


def test_a_missing_round_is_the_one_before_and_took_no_time() -> None:
    rounds = [done("a", 1, 10, 0.5), done("b", 1, 10, 0.7), done("b", 2, 8, 0.9)]

    found = summary(rounds, Work({"a": 1, "b": 1}, {"a": 1, "b": 1}))

    assert found.scores[1:3] == pytest.approx((0.6, 0.7))  # (0.5 + 0.9) / 2
    assert found.times[1:3] == (10, 14)  # 10 + (0 + 8) / 2


def test_nothing_handed_in_is_refused() -> None:
    with pytest.raises(StmatteError, match="No round"):
        summary([], Work({"a": 1}, {"a": 1}))
