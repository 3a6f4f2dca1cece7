# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stmatte.evaluation.contour import away, contour, sampled


def edge_at(x: float, size: tuple[int, int] = (24, 40)) -> NDArray[np.float32]:
    """Return a matte that is 1 right of `x`, its edge two pixels soft."""
    row = np.clip((np.arange(size[1]) - x) / 2 + 0.5, 0, 1).astype(np.float32)
    return np.tile(row, (size[0], 1))


def disc(radius: float, size: tuple[int, int] = (60, 60)) -> NDArray[np.float32]:
    rows, columns = np.indices(size, np.float32)
    return np.clip((radius - np.hypot(rows - 30, columns - 30)) / 2 + 0.5, 0, 1).astype(np.float32)


def test_a_contour_is_where_the_matte_is_a_half() -> None:
    # between pixels of 0.25 and 1: 0.25 of 0.75 further than the first
    points = contour(np.float32([[0, 0.25, 1, 1]]))

    assert points.tolist() == [[pytest.approx(1 + 1 / 3), 0]]


def test_a_matte_that_is_full_or_empty_has_no_contour() -> None:
    assert len(contour(np.zeros((5, 5), np.float32))) == 0
    assert len(contour(np.ones((5, 5), np.float32))) == 0


@given(x=st.floats(8, 30))
def test_a_straight_edge_is_found_to_a_hundredth(x: float) -> None:
    assert contour(edge_at(x))[:, 0] == pytest.approx(x, abs=0.01)


@given(x=st.floats(10, 20), right=st.floats(-6, 6))
def test_distance_is_measured_to_a_part_of_a_pixel(x: float, right: float) -> None:
    far = away(contour(edge_at(x)), edge_at(x + right))

    assert far == pytest.approx(right, abs=0.01)  # outside of what begins further right


@pytest.mark.parametrize("more", [0.3, 1, 2, 7])
def test_distance_is_right_on_curves(more: float) -> None:
    far = away(contour(disc(15)), disc(15 + more))

    assert -far.mean() == pytest.approx(more, abs=0.1)
    assert np.abs(far + more).max() < 0.6


def test_a_matte_is_not_away_from_itself() -> None:
    assert np.abs(away(contour(disc(15)), disc(15))).max() < 0.1


def test_nothing_is_infinitely_far_away() -> None:
    points = np.float32([[2, 3]])

    assert away(points, np.zeros((6, 6), np.float32)).tolist() == [np.inf]
    assert away(points, np.ones((6, 6), np.float32)).tolist() == [-np.inf]


def test_a_picture_is_sampled_between_its_pixels() -> None:
    pixels = np.float32([[0, 1], [2, 3]])

    assert sampled(pixels, np.float32([[0.5, 0], [0, 0.25], [1, 1], [0.5, 0.5]])).tolist() == [
        0.5,
        0.5,
        3,
        1.5,
    ]
