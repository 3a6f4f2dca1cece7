# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.metrics import boundary_map, f_measure, jaccard

EXACT = 1e-12


def picture(*rows: str) -> NDArray[np.bool_]:
    """A mask drawn in text: "#" is inside."""
    return np.array([[place == "#" for place in row] for row in rows])


def square(size: int, top: int, left: int, side: int) -> NDArray[np.bool_]:
    mask = np.zeros((size, size), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def test_j_is_the_shared_area_over_the_covered_area() -> None:
    prediction = picture("##.", "##.")  # 4 places
    truth = picture(".##", ".##")  # 4 places, 2 shared, 6 covered

    assert jaccard(prediction, truth) == 2 / 6


def test_two_empty_masks_agree_fully() -> None:
    empty = np.zeros((4, 4), bool)

    assert (jaccard(empty, empty), f_measure(empty, empty)) == (1.0, 1.0)


def test_an_empty_and_a_full_mask_have_no_contour_and_so_f_is_one_where_j_is_zero() -> None:
    empty, full = np.zeros((4, 5), bool), np.ones((4, 5), bool)

    assert (jaccard(empty, full), f_measure(empty, full)) == (0.0, 1.0)


def test_void_places_count_for_neither_area() -> None:
    prediction = picture("##.", "##.")
    truth = picture(".##", ".##")
    void = picture("..#", "..#")  # takes 2 of the truth's places: 2 shared, 4 covered

    assert jaccard(prediction, truth, void) == 2 / 4


def test_a_contour_lies_on_the_upper_left_side_of_an_edge() -> None:
    mask = picture("....", ".#..", "....", "....")

    assert boundary_map(mask).tolist() == picture("##..", "##..", "....", "....").tolist()


def test_the_last_row_looks_right_the_last_column_looks_down_and_the_corner_nowhere() -> None:
    mask = picture("..#", "...", "#.#")

    # row 0: (0,1) right; (0,2) down.  row 1: (1,0) down, (1,1) lower right, (1,2) down.
    # row 2: (2,0) right, (2,1) right; the corner never.
    assert boundary_map(mask).tolist() == picture(".##", "###", "##.").tolist()


def test_an_edge_of_the_picture_is_no_contour() -> None:
    assert not boundary_map(np.ones((3, 3), bool)).any()


def test_f_forgives_a_shift_within_the_radius_and_no_more() -> None:
    truth = square(40, 10, 10, 12)

    assert f_measure(square(40, 10, 12, 12), truth, bound=2) == 1.0
    assert f_measure(square(40, 10, 13, 12), truth, bound=2) < 1.0


def test_f_of_a_half_found_contour_is_the_harmonic_mean() -> None:
    truth = picture("#" * 6, "#" * 6, *["." * 6] * 8)  # contour: row 1, 6 places
    prediction = truth | picture(*["." * 6] * 6, *["#" * 6] * 4)  # and row 5, 6 places more

    # Precision 6/12, recall 6/6: F = 2 * 0.5 * 1 / 1.5
    assert f_measure(prediction, truth, bound=1) == pytest.approx(2 / 3, abs=EXACT)


def test_a_contour_against_none_scores_zero() -> None:
    empty, some = np.zeros((9, 9), bool), square(9, 3, 3, 3)

    assert f_measure(some, empty) == f_measure(empty, some) == 0.0


def test_labels_of_any_whole_number_count_as_inside() -> None:
    mask = square(9, 3, 3, 3)

    assert jaccard(mask.astype(np.uint8) * 255, mask) == 1.0


def test_sizes_that_differ_are_named() -> None:
    with pytest.raises(StmatteError, match="prediction is 4x3, the truth is 5x3"):
        jaccard(np.zeros((3, 4), bool), np.zeros((3, 5), bool))


def test_a_soft_matte_is_refused_with_the_way_out() -> None:
    with pytest.raises(StmatteError, match=r"float32.*Threshold the soft matte"):
        f_measure(np.zeros((3, 4), np.float32), np.zeros((3, 4), bool))


@pytest.mark.parametrize("bound", [0.0, -1.0, 1.5])
def test_a_bound_that_gives_no_radius_is_refused(bound: float) -> None:
    with pytest.raises(StmatteError, match="gives no radius"):
        f_measure(np.zeros((3, 4), bool), np.zeros((3, 4), bool), bound=bound)
