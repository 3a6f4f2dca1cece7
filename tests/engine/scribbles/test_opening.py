# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np

from stmatte.scribbles.opening import disk, eroded, opened


def test_a_disk_of_radius_two_has_thirteen_pixels() -> None:
    assert int(disk(2).sum()) == 13
    assert disk(2).shape == (5, 5)


def test_a_disk_between_two_whole_radii_is_lopsided() -> None:
    # steps of -1.2, -0.2, 0.8 and 1.8: of 16 places four lie within 1.2
    assert disk(1.2).tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]


def test_what_lies_outside_the_picture_neither_erodes_nor_stays() -> None:
    # radius 1.05 asks three places, all above or to the left: of the first corner, none is inside
    full = np.ones((4, 4), bool)

    assert np.argwhere(~eroded(full, 1.05)).tolist() == [[0, 0]]


def test_thin_parts_go_and_thick_ones_stay() -> None:
    mask = np.zeros((40, 60), bool)
    mask[10:30, 5:25] = True  # a square of 20
    mask[19, 25:55] = True  # with a hair

    left = opened(mask, kernel_size=0.2, most=16)  # radius 0.1 * sqrt(430), about 2

    assert left[20, 15]
    assert not left[19, 30:].any()


def test_a_region_of_hairs_alone_leaves_nothing_or_itself() -> None:
    hair = np.zeros((200, 200), bool)
    hair[50, 20:180] = True  # radius 0.1 * sqrt(160) = 1.26: a disk does not fit
    short = np.zeros((200, 200), bool)
    short[50, 20:60] = True  # radius 0.63: no disk is tried

    assert not opened(hair, 0.2, 16).any()
    assert np.array_equal(opened(short, 0.2, 16), short)
