# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stmatte.scribbles import NOTHING, Stroke, draw_strokes
from stmatte.scribbles.drawing import line_points

PIXELS = st.tuples(st.integers(-30, 30), st.integers(-30, 30))


@given(PIXELS, PIXELS)
def test_a_line_has_both_ends_and_no_gap(start: tuple[int, int], end: tuple[int, int]) -> None:
    points = line_points(start, end)

    assert points[0] == start
    assert points[-1] == end
    assert len(points) == max(abs(end[0] - start[0]), abs(end[1] - start[1])) + 1
    for (x, y), (to_x, to_y) in pairwise(points):
        assert max(abs(to_x - x), abs(to_y - y)) == 1


def test_halves_step_early() -> None:
    # two to the right and one down: the middle is half way, and belongs to the second row
    assert line_points((0, 0), (2, 1)) == [(0, 0), (1, 1), (2, 1)]
    assert line_points((2, 1), (0, 0)) == [(2, 1), (1, 0), (0, 0)]


def test_positions_are_cut_off_to_pixels_and_not_rounded() -> None:
    # 0.9 * (3 - 1) = 1.8 and 0.7 * (4 - 1) = 2.1
    drawn = draw_strokes([Stroke(((0.7, 0.9),), 5)], (3, 4))

    assert np.argwhere(drawn == 5).tolist() == [[1, 2]]
    assert np.count_nonzero(drawn == NOTHING) == 11


def test_later_strokes_lie_over_earlier_ones() -> None:
    across, down = Stroke(((0, 0.5), (1, 0.5)), 1), Stroke(((0.5, 0), (0.5, 1)), 0)

    drawn = draw_strokes([across, down], (3, 3), nothing=9)

    assert drawn.tolist() == [[9, 0, 9], [1, 0, 1], [9, 0, 9]]


def test_points_alone_are_not_joined() -> None:
    drawn = draw_strokes([Stroke(((0, 0), (1, 0)), 1)], (1, 5), joined=False)

    assert drawn.tolist() == [[1, NOTHING, NOTHING, NOTHING, 1]]
