# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.outlines.contours import BEYOND, area, contours, filled


def plane(*boxes: tuple[int, int, int, int]) -> NDArray[np.float32]:
    """Return a matte that is 1 in boxes (left, top, right, bottom), and 0 where two overlap."""
    matte = np.zeros((20, 30), np.float32)
    for left, top, right, bottom in boxes:
        matte[top:bottom, left:right] = 1 - matte[top:bottom, left:right]
    return matte


def test_a_square_is_outlined_along_the_borders_of_its_pixels() -> None:
    (loop,) = contours(plane((5, 4, 15, 10)))

    assert (loop.min(axis=0).tolist(), loop.max(axis=0).tolist()) == ([5, 4], [15, 10])
    # marching squares cut the four corners: 10 x 6, less four triangles of 0.5 x 0.5 / 2
    assert area(loop) == pytest.approx(60 - 4 * 0.125)


def test_a_soft_edge_is_found_between_pixels() -> None:
    matte = np.tile(np.clip((np.arange(30) - 9.75) / 4, 0, 1), (20, 1))  # 0.5 at index 11.75

    (loop,) = contours(matte)

    inside = loop[(loop[:, 1] > 2) & (loop[:, 1] < 18) & (loop[:, 0] < 20)]
    assert inside[:, 0] == pytest.approx(12.25)  # the middle of pixel 0 lies at 0.5


def test_a_hole_goes_the_other_way_round() -> None:
    outer, hole = contours(plane((5, 4, 25, 16), (10, 8, 15, 12)))

    assert area(outer) > 0 > area(hole)


def test_an_object_that_leaves_the_picture_goes_on_beyond_its_edge() -> None:
    (loop,) = contours(plane((20, 5, 30, 10)))

    assert loop[:, 0].max() == 30 + BEYOND


@pytest.mark.parametrize(("value", "count"), [(1.0, 1), (0.9, 2)])
def test_corners_that_touch_are_joined_where_the_mean_is_inside(value: float, count: int) -> None:
    # the middle of the four pixels is (2 x value + 0 + 0) / 4: 0.5 or 0.45
    matte = plane((5, 5, 10, 10), (10, 10, 15, 15)) * np.float32(value)

    assert len(contours(matte)) == count


def test_what_is_smaller_than_asked_for_is_left_out() -> None:
    matte = plane((2, 2, 5, 5), (10, 5, 20, 15))

    assert len(contours(matte, 16.0)) == 1


def test_an_empty_matte_has_no_contours() -> None:
    assert contours(np.zeros((20, 30), np.float32)) == ()


def test_filling_contours_gives_back_the_object_with_its_hole() -> None:
    matte = plane((5, 4, 25, 16), (10, 8, 15, 12))

    assert np.array_equal(filled(contours(matte), (20, 30)) >= 0.5, matte >= 0.5)
