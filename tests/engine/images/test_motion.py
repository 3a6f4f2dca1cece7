# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.motion import fetched, grey, motion, ways


def texture(seed: int = 3, size: tuple[int, int] = (96, 128)) -> NDArray[np.uint8]:
    """Return soft spots that motion can be seen on."""
    noise = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2)
    return np.clip(128 + soft * 300, 0, 255).astype(np.uint8)


def shifted(picture: NDArray[Any], right: int) -> NDArray[Any]:
    return np.roll(picture, right, axis=1)


def test_a_picture_does_not_move_against_itself() -> None:
    there, back = ways(texture(), texture())

    assert not there.flow.any()
    assert not back.flow.any()
    assert there.sure.all()


def test_a_shift_of_three_pixels_is_found_both_ways() -> None:
    there, back = ways(texture(), shifted(texture(), 3))

    inner = np.s_[12:-12, 12:-12]
    assert np.median(there.flow[inner][..., 0]) == pytest.approx(3, abs=0.1)
    assert np.median(back.flow[inner][..., 0]) == pytest.approx(-3, abs=0.1)
    assert there.sure[inner].mean() > 0.98


def test_fetching_along_the_motion_undoes_it() -> None:
    one, other = texture(), shifted(texture(), 3)

    undone = fetched(other, motion(one, other))

    inner = np.s_[12:-12, 12:-12]
    assert np.abs(undone - one)[inner].mean() < 2  # of 255; 20 without the motion
    assert np.abs(other.astype(float) - one)[inner].mean() > 20


def test_fetching_without_motion_gives_the_same_bits() -> None:
    pixels = np.random.default_rng(1).random((20, 30)).astype(np.float32)

    assert (fetched(pixels, np.zeros((20, 30, 2), np.float32)) == pixels).all()


def test_what_is_hidden_in_the_other_picture_is_not_sure() -> None:
    other = texture()
    other[30:60, 40:80] = texture(8)[30:60, 40:80]

    there, _ = ways(texture(), other)

    assert there.sure[34:56, 44:76].mean() < 0.9  # some of the new is like the old
    assert there.sure[70:90].mean() > 0.98


def test_the_number_of_threads_makes_no_difference() -> None:
    threads = cv2.getNumThreads()
    found = []
    try:
        for number in (1, 3):
            cv2.setNumThreads(number)
            found.append(motion(texture(), shifted(texture(), 2)))
    finally:
        cv2.setNumThreads(threads)

    assert (found[0] == found[1]).all()


def test_white_is_255_and_green_counts_most() -> None:
    colours = np.float32([[[1, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]]])

    assert grey(colours).tolist() == [[255, 150, 29, 0]]  # 0.587 * 255 = 149.7, 0.114 * 255 = 29.1


def test_pictures_that_are_too_small_are_refused() -> None:
    small = np.zeros((15, 40), np.uint8)

    with pytest.raises(StmatteError, match="40x15 are too small"):
        motion(small, small)
