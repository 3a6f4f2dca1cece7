# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.scribbles.curves import bezier


def test_two_points_make_a_straight_line_from_the_last_to_the_first() -> None:
    line = bezier(np.array([[0.0, 0.0], [4.0, 8.0]]), 5)

    assert line.tolist() == [[4, 8], [3, 6], [2, 4], [1, 2], [0, 0]]


def test_three_points_bend_a_parabola() -> None:
    # half way: a quarter of each end and half of the middle one
    middle = bezier(np.array([[0.0, 0.0], [2.0, 4.0], [4.0, 0.0]]), 3)[1]

    assert middle == pytest.approx([2, 2])


def test_a_thousand_points_neither_overflow_nor_leave_their_box() -> None:
    points = np.random.default_rng(5).uniform(0, 1, (1000, 2))

    curve = bezier(points)

    assert np.isfinite(curve).all()
    assert (curve >= points.min(axis=0) - 1e-9).all()
    assert (curve <= points.max(axis=0) + 1e-9).all()
    assert curve[[0, -1]] == pytest.approx(points[[-1, 0]])


def test_more_points_than_are_asked_for_stay_as_they_are() -> None:
    points = np.arange(14.0).reshape(7, 2)

    assert np.array_equal(bezier(points, 6), points)
