# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from math import isnan

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.evaluation.steadiness import (
    Offset,
    around,
    jitter,
    offset,
    pop,
    softened,
    steadiness,
    way_back,
)

SIZE = (120, 160)


def disc(radius: float = 30, x: float = 80) -> NDArray[np.float32]:
    rows, columns = np.indices(SIZE, np.float32)
    return np.clip((radius - np.hypot(rows - 60, columns - x)) / 2 + 0.5, 0, 1).astype(np.float32)


def plate(shift: int = 0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(1).standard_normal(SIZE).astype(np.float32)
    still = np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 2) * 300, 0, 255).astype(np.uint8)
    return np.roll(still, shift, axis=1)


def test_an_edge_that_moves_with_its_plate_has_no_jitter() -> None:
    found = jitter(disc(x=83), disc(), way_back(plate(), plate(3)))

    assert found == pytest.approx(0, abs=0.1)


def test_an_edge_that_grows_by_two_pixels_on_a_still_plate_jitters_by_two() -> None:
    assert jitter(disc(32), disc(30), way_back(plate(), plate())) == pytest.approx(2, abs=0.05)


def test_an_edge_that_lies_outside_by_the_same_amount_everywhere_is_off_and_not_spread() -> None:
    outside, inside = offset(disc(32), disc(30)), offset(disc(28), disc(30))

    assert outside is not None
    assert inside is not None
    assert (outside.mean, inside.mean) == (pytest.approx(2, abs=0.05), pytest.approx(-2, abs=0.05))
    assert outside.within < 0.1


def test_a_shifted_mask_is_off_by_nothing_on_average_and_spread_along_its_edge() -> None:
    found = offset(disc(x=82), disc(x=80))

    assert found is not None
    assert found.mean == pytest.approx(0, abs=0.1)
    # 2 pixels times the cosine along a circle: its root mean square is the root of 2
    assert found.within == pytest.approx(2**0.5, abs=0.1)


def test_an_edge_that_is_somewhere_else_has_no_offset() -> None:
    assert offset(disc(10, x=20), disc(10, x=120)) is None
    assert offset(disc(), np.zeros(SIZE, np.float32)) is None


def test_a_pop_is_what_a_key_does_beyond_the_frames_around_it() -> None:
    calm: dict[int, float | None] = dict.fromkeys(range(1, 20), 0.25)

    assert pop(calm | {10: 3.25}, 10) == 3.0  # into the key
    assert pop(calm | {11: 2.25}, 10) == 2.0  # out of it
    assert pop(calm | {12: 2.25}, 10) == 0.0  # not at the key
    assert pop(dict.fromkeys(calm, 3.25), 10) == 0.0  # all of the shot does so


def test_at_the_first_frame_only_the_jump_out_of_it_is_a_pop() -> None:
    assert pop({1: 1.5, 2: 0.5, 3: 0.5, 4: 0.5}, 0) == 1.0
    assert pop({1: 1.5}, 0) is None
    assert pop({1: None, 2: 0.5}, 0) is None


def test_the_series_are_summed_up_over_frames_that_both_know() -> None:
    ours = {1: 0.5, 2: 4.5, 3: 0.5, 4: None, 5: 1.5}
    true = {1: 0.25, 2: 0.25, 3: 0.25, 4: 9.0, 5: 0.75}
    offsets = [Offset(1.0, 0.5), Offset(3.0, 1.5), None]

    found = steadiness(ours, true, offsets, keys=(0,))

    assert found["jitter"] == 1.0  # of 0.5, 0.5, 1.5, 4.5
    assert (found["jitter-worst"], found["truth-jitter-worst"]) == (4.5, 0.75)
    assert (found["offset"], found["offset-spread"], found["offset-iqr"]) == (2.0, 1.0, 1.0)
    assert found["offset-within"] == 1.0
    assert found["pop"] == 0.5 - 1.5  # out of the key by 0.5; then 4.5, 0.5, 1.5


def test_what_is_not_known_is_no_number() -> None:
    assert all(isnan(number) for number in steadiness({}, {}, [None], keys=(0,)).values())


def test_a_hard_mask_gets_its_edge_between_the_pixels() -> None:
    hard = np.zeros(SIZE, bool)
    hard[:, :80] = True

    assert softened(hard)[60, 79] + softened(hard)[60, 80] == pytest.approx(1)


def test_the_part_around_an_object_reaches_no_further_than_the_picture() -> None:
    mask = np.zeros((200, 300), bool)
    mask[100:110, 150:160] = True

    assert around([mask]) == (slice(52, 158), slice(102, 208))
    assert around([np.zeros((200, 300), bool)]) is None
