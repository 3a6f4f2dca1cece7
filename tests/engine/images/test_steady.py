# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.images.motion import Way, grey, ways
from stmatte.images.steady import Lead, lead, steadied

SIZE = (64, 96)
Array = NDArray[Any]


def still(share: float = 1.0, size: tuple[int, int] = SIZE) -> Lead:
    """A neighbour that is come by without any motion."""
    way = Way(np.zeros((*size, 2), np.float32), np.zeros(size, np.float32))
    return Lead(way, np.full(size, share, np.float32))


def disc(x: float, radius: float = 16) -> NDArray[np.float32]:
    rows, columns = np.indices(SIZE, np.float32)
    return np.clip((radius - np.hypot(rows - 32, columns - x)) / 3 + 0.5, 0, 1).astype(np.float32)


def view(shift: int = 0) -> NDArray[np.float32]:
    """A textured picture, moved to the right."""
    noise = np.random.default_rng(5).standard_normal((*SIZE, 3)).astype(np.float32)
    soft = np.clip(0.5 + cv2.GaussianBlur(noise, (0, 0), 2) * 1.5, 0, 1)
    return np.roll(soft, shift, axis=1)


def leads(*views: NDArray[np.float32]) -> tuple[Lead, Lead]:
    """Return how the first and the last of three frames count for the middle one."""
    before, here, after = views
    _, back = ways(grey(before), grey(here))
    there, _ = ways(grey(here), grey(after))
    return lead(here, before, back), lead(here, after, there)


def test_a_still_matte_on_a_still_plate_keeps_its_very_bits() -> None:
    matte = np.random.default_rng(2).random(SIZE).astype(np.float32)
    one, other = leads(view(), view(), view())

    assert (steadied(matte, ((matte, one), (matte, other))) == matte).all()


def test_a_small_step_for_one_frame_is_taken_back_by_nearly_two_thirds() -> None:
    here, beside = np.full(SIZE, 0.6, np.float32), np.full(SIZE, 0.5, np.float32)

    made = steadied(here, ((beside, still()), (beside, still())))

    # both count exp(-(0.1 / 0.4)^2) = 0.939 beside the frame's own 1: 0.6 - 0.1 * 1.879 / 2.879
    assert made == pytest.approx(0.5347, abs=1e-4)


def test_what_is_there_on_one_frame_and_gone_on_the_next_is_no_flicker() -> None:
    here, beside = np.ones(SIZE, np.float32), np.zeros(SIZE, np.float32)

    made = steadied(here, ((beside, still()), (beside, still())))

    # exp(-(1 / 0.4)^2) = 0.0019 each: 1 - 0.0039 / 1.0039
    assert made == pytest.approx(0.9962, abs=1e-3)


def test_a_neighbour_that_does_not_count_changes_nothing() -> None:
    large = disc(48, 17)

    assert (steadied(large, ((disc(48, 10), still(0)),)) == large).all()


def test_a_matte_that_moves_with_its_plate_is_not_blurred() -> None:
    one, other = leads(view(-4), view(), view(4))  # four pixels a frame
    matte = disc(48)

    made = steadied(matte, ((disc(44), one), (disc(52), other)))

    assert np.abs(made - matte).max() < 0.02
    # without motion the edge would be drawn out
    blurred = steadied(matte, ((disc(46), still()), (disc(50), still())))
    assert np.abs(blurred - matte).max() > 0.06


def test_jitter_on_a_moving_plate_is_lowered() -> None:
    one, other = leads(view(-4), view(), view(4))

    made = steadied(disc(48, 17), ((disc(44, 16), one), (disc(52, 16), other)))

    inner = np.s_[12:52, 20:76]
    jitter = np.abs(disc(48, 17) - disc(48, 16))[inner].mean()
    assert np.abs(made - disc(48, 16))[inner].mean() < 0.7 * jitter


def test_a_place_of_another_colour_does_not_count() -> None:
    changed = view().copy()
    changed[:, :40] = 1 - changed[:, :40]

    there, _ = ways(grey(view()), grey(view()))
    share = lead(view(), changed, there).share

    assert share[:, :30].mean() < 0.3
    assert share[:, 50:].min() == 1


def test_a_place_that_is_not_found_again_does_not_count() -> None:
    astray = np.zeros(SIZE, np.float32)
    astray[10:30] = 5

    share = lead(view(), view(), Way(np.zeros((*SIZE, 2), np.float32), astray)).share

    assert (share[14:26] < 1e-6).all()
    assert (share[40:] == 1).all()
    assert np.abs(np.diff(share, axis=0)).max() < 0.7  # it fades out


def test_a_finer_matte_is_led_by_a_coarser_motion() -> None:
    coarse = (SIZE[0] // 2, SIZE[1] // 2)
    way = Way(np.full((*coarse, 2), [2, 0], np.float32), np.zeros(coarse, np.float32))

    made = steadied(disc(48), ((disc(52), Lead(way, np.ones(coarse, np.float32))),))

    assert np.abs(made - disc(48)).max() < 1e-3  # two coarse pixels are four fine ones
