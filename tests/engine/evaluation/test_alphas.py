# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.evaluation.alphas import BAND, alpha_error, edge_band


def half() -> NDArray[np.float32]:
    """The left 20 of 40 columns, 30 rows."""
    matte = np.zeros((30, 40), np.float32)
    matte[:, :20] = 1
    return matte


def test_the_true_matte_has_no_error() -> None:
    found = alpha_error(half(), half())

    assert found is not None
    assert (found.mean, found.sad, found.squared, found.gradient) == (0, 0, 0, 0)


def test_an_error_that_is_the_same_everywhere_is_found_as_it_is() -> None:
    # the band is 2 columns of edge and 6 on either side: 14 x 30 pixels
    found = alpha_error(half() * np.float32(0.5) + np.float32(0.25), half())

    assert found is not None
    assert int(edge_band(half()).sum()) == (2 + 2 * BAND) * 30
    assert found.mean == pytest.approx(0.25)
    assert found.squared == pytest.approx(0.0625)
    assert found.sad == pytest.approx(0.25 * 14 * 30 / 1000)


def test_errors_far_from_the_edge_do_not_count() -> None:
    matte = half()
    matte[:, 32:] = 1

    found = alpha_error(matte, half())

    assert found is not None
    assert found.mean == 0


def test_a_gradient_half_as_steep_is_wrong_by_half_of_the_true_one() -> None:
    none = alpha_error(np.full((30, 40), 0.5, np.float32), half())
    flat = alpha_error(half() * np.float32(0.5) + np.float32(0.25), half())

    assert none is not None
    assert flat is not None
    assert none.gradient > 0
    assert flat.gradient == pytest.approx(none.gradient / 4)  # squares


def test_a_hard_matte_where_the_truth_is_soft_lacks_softness() -> None:
    soft = np.asarray(cv2.GaussianBlur(half(), (0, 0), 3), np.float32)

    hard, same = alpha_error(half(), soft), alpha_error(soft, soft)

    assert hard is not None
    assert same is not None
    assert hard.soft == 0
    assert same.soft == same.due > 0


def test_a_truth_without_an_edge_is_not_judged() -> None:
    assert alpha_error(half(), np.zeros((30, 40), np.float32)) is None
