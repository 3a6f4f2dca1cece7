# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import FLOORS, copy_first, dis_flow

SIZE = 96


def moving_texture(count: int, step: int) -> list[np.ndarray]:
    """Frames of one blurred noise picture that slides right by `step` pixels a frame."""
    noise = np.random.default_rng(5).integers(0, 256, (SIZE, 2 * SIZE, 3), dtype=np.uint8)
    wide = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)
    return [
        np.ascontiguousarray(wide[:, SIZE - step * i : 2 * SIZE - step * i]) for i in range(count)
    ]


def test_copying_gives_the_first_matte_for_every_frame() -> None:
    first = np.full((2, 3), 0.25, np.float32)

    mattes = list(copy_first(moving_texture(4, 1), first))

    assert len(mattes) == 4
    assert all((matte == first).all() for matte in mattes)


def test_flow_carries_a_matte_along_with_what_moves() -> None:
    first = np.zeros((SIZE, SIZE), np.float32)
    first[32:56, 24:48] = 1

    mattes = list(dis_flow(moving_texture(4, 3), first))

    assert len(mattes) == 4
    np.testing.assert_array_equal(mattes[0], first)
    expected = np.roll(first, 9, axis=1)  # 3 steps of 3 pixels to the right
    shared = ((mattes[3] >= 0.5) & (expected == 1)).sum()
    covered = ((mattes[3] >= 0.5) | (expected == 1)).sum()
    assert shared / covered > 0.95
    assert mattes[3].dtype == np.float32


def test_flow_keeps_a_soft_matte_soft_and_within_its_bounds() -> None:
    first = cv2.GaussianBlur(np.eye(SIZE, dtype=np.float32), (0, 0), 4)
    first /= first.max()

    last = list(dis_flow(moving_texture(3, 2), first))[-1]

    assert last.min() >= 0
    assert last.max() <= 1
    assert ((last > 0.1) & (last < 0.9)).any()


def test_flow_refuses_frames_that_are_too_small_for_it() -> None:
    with pytest.raises(StmatteError, match="Frames of 20x8 are too small for optical flow"):
        list(dis_flow([], np.zeros((8, 20), np.float32)))


def test_the_floors_go_by_the_names_of_the_command_line() -> None:
    assert dict(FLOORS) == {"copy-first": copy_first, "dis-flow": dis_flow}
