# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch

from stmatte.networks.boxes import Box, box_around


def test_a_box_holds_all_that_is_true_and_no_more() -> None:
    region = torch.zeros(6, 9, dtype=torch.bool)
    region[2, 7] = region[4, 3] = True

    assert box_around(region) == Box(2, 5, 3, 8, (6, 9))


def test_nothing_has_no_box() -> None:
    assert box_around(torch.zeros(6, 9, dtype=torch.bool)) is None


def test_a_box_grows_as_far_as_the_grid_goes() -> None:
    assert Box(2, 5, 3, 8, (6, 9)).grown(2) == Box(0, 6, 1, 9, (6, 9))


def test_a_box_cuts_maps_of_every_stride() -> None:
    box = Box(1, 3, 0, 2, (4, 4))
    fine = torch.arange(64).view(1, 8, 8)  # twice as fine

    assert torch.equal(box.of(fine), fine[:, 2:6, 0:4])
    assert box.of(torch.zeros(4, 4)).shape == (2, 2)


def test_a_box_is_found_again_in_what_a_wider_one_cuts_out() -> None:
    box = Box(2, 4, 5, 7, (9, 9))
    map_ = torch.arange(18 * 18).view(18, 18)
    wider = box.grown(3)

    assert torch.equal(box.inside(wider).of(wider.of(map_)), box.of(map_))
