# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.acceptance.limits import limits_for
from stmatte.acceptance.solidity import Grey, grey_of, solid_findings

SIZE = (60, 60)


def square() -> np.ndarray:  # type: ignore[type-arg]
    """A matte of 40 x 40 whose edge is soft over six pixels."""
    rows, columns = np.indices(SIZE)
    far = np.maximum(np.abs(rows - 29.5), np.abs(columns - 29.5))
    return np.clip((20 - far) / 6 + 0.5, 0, 1).astype(np.float32)


def test_a_soft_edge_is_neither_hole_nor_mist() -> None:
    assert grey_of(square(), 5) == Grey(0, 0)


def test_a_band_that_is_narrower_than_the_softness_shows_it() -> None:
    assert grey_of(square(), 1).core > 5
    assert grey_of(square(), 1).outside > 5


def test_a_grey_pixel_in_the_body_is_a_hole() -> None:
    matte = square()
    matte[28:32, 28:32] = 0.9

    # 5 pixels within the 40 are 30 x 30 = 900, and 16 of them are grey
    assert grey_of(matte, 5) == Grey(pytest.approx(100 * 16 / 900), 0)


def test_mist_outside_is_seen() -> None:
    matte = square()
    matte[0, :] = 0.01

    # 5 pixels without the 40 are 60 * 60 - 50 * 50 = 1100
    assert grey_of(matte, 5) == Grey(0, pytest.approx(100 * 60 / 1100))


def test_a_veil_without_any_edge_is_mist_everywhere() -> None:
    assert grey_of(np.full(SIZE, 0.3, np.float32), 5) == Grey(0, 100)
    assert grey_of(np.full(SIZE, 0.7, np.float32), 5) == Grey(100, 0)


def test_what_goes_on_beyond_the_picture_has_no_edge_there() -> None:
    matte = np.ones(SIZE, np.float32)
    matte[:, 0] = 0.9

    assert grey_of(matte, 5) == Grey(pytest.approx(100 / 60), 0)


def test_above_the_limit_it_is_refused_and_above_a_quarter_told() -> None:
    limits = limits_for(100, grey=1.0)

    found = solid_findings(Grey(1.1, 0.3), limits, 7, "hero")

    assert [(f.verdict, f.words, f.value) for f in found] == [
        ("fail", "grey inside", 1.1),
        ("warn", "mist outside", 0.3),
    ]
    assert not list(solid_findings(Grey(0.25, 0.1), limits, 7, "hero"))
