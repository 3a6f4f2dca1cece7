# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.scribbles import draw_strokes, robot_strokes


def test_what_was_missed_gets_a_stroke_and_what_is_too_much_one_of_the_background() -> None:
    truth = np.zeros((60, 90), np.uint8)
    truth[10:50, 10:40] = 2
    prediction = np.zeros_like(truth)
    prediction[10:50, 50:80] = 2  # at the wrong place

    strokes = robot_strokes(truth, prediction, objects=2)

    assert [stroke.object for stroke in strokes] == [0, 2]
    drawn = draw_strokes(strokes, truth.shape)
    assert (prediction[drawn == 0] == 2).all()
    assert (truth[drawn == 2] == 2).all()


def test_where_nothing_is_wrong_nothing_is_drawn() -> None:
    truth = np.zeros((20, 30), np.uint8)
    truth[5:15, 5:25] = 1

    assert robot_strokes(truth, truth, objects=1) == []


def test_other_sizes_are_refused() -> None:
    with pytest.raises(StmatteError, match="prediction is 3x2, the truth is 2x2"):
        robot_strokes(np.zeros((2, 2), int), np.zeros((2, 3), int), 1)
