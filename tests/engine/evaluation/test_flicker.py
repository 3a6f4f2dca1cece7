# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.evaluation.flicker import Flicker, Neighbour, flicker
from stmatte.images.motion import ways

SIZE = (120, 160)


def texture(seed: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).standard_normal(SIZE).astype(np.float32)
    return np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 2) * 300, 0, 255).astype(np.uint8)


def disc(x: float, radius: float = 30) -> NDArray[np.float32]:
    rows, columns = np.indices(SIZE, np.float32)
    return np.clip((radius - np.hypot(rows - 60, columns - x)) / 2 + 0.5, 0, 1).astype(np.float32)


def plate(x: int) -> NDArray[np.uint8]:
    """Return a textured disc about column `x`, before another texture."""
    object_ = np.roll(texture(1), x - 80, axis=1)
    matte = disc(x)
    return (object_ * matte + texture(2) * (1 - matte)).astype(np.uint8)


def measured(mattes: Sequence[Any], plates: Sequence[Any], at: int = 1) -> Flicker:
    """Measure the frame `at` of three."""
    before, after = at - 1, at + 1
    return flicker(
        mattes[at],
        Neighbour(mattes[before], ways(plates[before], plates[at])[1]) if before >= 0 else None,
        Neighbour(mattes[after], ways(plates[at], plates[after])[0]) if after < 3 else None,
    )


def test_a_still_matte_on_a_still_plate_does_not_flicker() -> None:
    found = measured([disc(80)] * 3, [plate(80)] * 3)

    assert found.sure == 1
    assert (found.chatter, found.residual) == (pytest.approx(0, abs=0.01), 0)
    assert found.change == pytest.approx(0, abs=0.01)


def test_a_matte_that_moves_with_its_object_does_not_flicker() -> None:
    xs = (76, 79, 82)  # three pixels a frame, before a plate that stands still

    found = measured([disc(x) for x in xs], [plate(x) for x in xs])

    assert found.chatter is not None
    assert found.chatter < 0.1
    assert found.sure > 0.5


def test_a_plate_and_a_matte_that_shift_together_do_not_flicker() -> None:
    plates = [np.roll(plate(80), shift, axis=1) for shift in (0, 5, 10)]

    found = measured([disc(80 + shift) for shift in (0, 5, 10)], plates)

    assert found.chatter is not None
    assert found.change is not None
    assert found.chatter < 0.05
    assert found.change < 0.1


def test_an_edge_that_jumps_out_and_back_by_a_pixel_measures_a_pixel() -> None:
    found = measured([disc(80, 30), disc(80, 31), disc(80, 30)], [plate(80)] * 3)

    assert found.chatter == pytest.approx(1, abs=0.05)
    assert found.change == pytest.approx(1, abs=0.05)
    assert found.worst == pytest.approx(1, abs=0.3)
    # where an edge passes by one pixel, a sum of 1 is spread over the 9 pixels of the band
    assert found.residual == pytest.approx(1 / 9, rel=0.1)


def test_the_same_jitter_is_seen_on_a_moving_object() -> None:
    xs = (76, 79, 82)

    found = measured([disc(xs[0], 30), disc(xs[1], 31), disc(xs[2], 30)], [plate(x) for x in xs])

    assert found.chatter == pytest.approx(0.9, abs=0.15)  # flow is less sure at such an edge


def test_a_step_that_stays_is_change_and_no_chatter() -> None:
    found = measured([disc(80, 30), disc(80, 33), disc(80, 33)], [plate(80)] * 3)

    assert found.change == pytest.approx(3, abs=0.1)
    assert found.chatter == pytest.approx(0, abs=0.01)


def test_a_hole_for_one_frame_is_seen_in_the_worst_of_the_contour() -> None:
    hole = disc(80)
    hole[56:62, 76:82] = 0

    found = measured([disc(80), hole, disc(80)], [plate(80)] * 3)

    assert found.worst is not None
    assert found.chatter is not None
    assert found.worst > 10  # the hole lies 24 pixels or more within the disc; 16 is the most
    assert found.chatter < 3


def test_an_empty_matte_says_nothing() -> None:
    empty = np.zeros(SIZE, np.float32)

    assert measured([disc(80), empty, disc(80)], [plate(80)] * 3) == Flicker()
    assert measured([empty, disc(80), empty], [plate(80)] * 3) == Flicker()


def test_the_first_frame_has_no_change_and_the_last_no_chatter() -> None:
    mattes, plates = [disc(80)] * 3, [plate(80)] * 3

    assert measured(mattes, plates, at=0).change is None
    assert measured(mattes, plates, at=0).chatter is None
    last = measured(mattes, plates, at=2)
    assert last.change == pytest.approx(0, abs=0.01)
    assert last.chatter is None


def test_where_motion_cannot_be_known_nothing_is_said() -> None:
    found = measured([disc(80, 30), disc(80, 32), disc(80, 30)], [plate(80), texture(9), plate(80)])

    assert found.sure < 0.5
