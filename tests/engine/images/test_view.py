# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.images import Picture, to_display


def pixels(*numbers: float) -> np.ndarray:
    return np.array([[numbers]], np.float32)


def test_srgb_passes_and_is_clamped() -> None:
    shown = to_display(Picture(pixels(-0.5, 0.25, 1.5), "srgb"))

    assert shown.ravel().tolist() == [0, 0.25, 1]


def test_linear_goes_through_the_srgb_curve() -> None:
    # 0.18 -> 1.055 * 0.18 ** (1 / 2.4) - 0.055 = 0.4614; 0.002 * 12.92 = 0.02584
    shown = to_display(Picture(pixels(0.18, 0.002, 1.0), "linear"))

    assert shown.ravel() == pytest.approx([0.46136, 0.02584, 1.0], abs=1e-5)
    assert shown.dtype == np.float32


def test_what_a_display_cannot_show_is_clamped() -> None:
    shown = to_display(Picture(pixels(-3.0, 0.0, 30.0), "linear"))

    assert shown.ravel().tolist() == [0, 0, 1]


def test_the_plates_own_numbers_stay_as_they_are() -> None:
    picture = Picture(pixels(-3.0, 0.002, 30.0), "linear")

    to_display(picture)

    assert picture.pixels.ravel().tolist() == pixels(-3.0, 0.002, 30.0).ravel().tolist()
