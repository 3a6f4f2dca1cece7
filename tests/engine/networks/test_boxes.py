# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from stmatte.networks.boxes import Box, boxes_around


def test_a_box_holds_all_that_is_true_and_no_more() -> None:
    region = torch.zeros(6, 9, dtype=torch.bool)
    region[2, 7] = region[4, 3] = True

    assert boxes_around(region, margin=9) == [Box(2, 5, 3, 8, (6, 9))]


def test_nothing_has_no_box() -> None:
    assert boxes_around(torch.zeros(6, 9, dtype=torch.bool), margin=1) == []


def test_what_is_far_apart_has_boxes_of_its_own() -> None:
    region = torch.zeros(30, 54, dtype=torch.bool)
    region[2:5, 3:8] = region[25, 50] = region[24, 49] = True

    found = boxes_around(region, margin=2)

    assert found == [Box(2, 5, 3, 8, (30, 54)), Box(24, 26, 49, 51, (30, 54))]
    # as one box with its margins: 28 x 52 places; as two: 7 x 9 and 6 x 6


def test_it_is_cut_only_where_that_is_less_work_with_the_margins() -> None:
    region = torch.zeros(6, 20, dtype=torch.bool)
    region[2, 2] = region[2, 12] = True

    assert len(boxes_around(region, margin=1)) == 2  # 3 x 13 against twice 3 x 3
    assert len(boxes_around(region, margin=9)) == 1  # 19 x 29 against twice 19 x 19


@given(
    places=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 13)), max_size=12),
    margin=st.integers(0, 4),
)
def test_boxes_hold_everything_and_take_no_more_work_than_one(
    places: set[tuple[int, int]], margin: int
) -> None:
    region = torch.zeros(10, 14, dtype=torch.bool)
    for place in places:
        region[place] = True
    held = torch.zeros_like(region)

    found = boxes_around(region, margin)

    for box in found:
        assert box.of(region).any()
        box.of(held)[...] = True
    assert (held | ~region).all()
    if places:
        rows, columns = zip(*places, strict=True)
        whole = (max(rows) - min(rows), max(columns) - min(columns))
        one = (whole[0] + 1 + 2 * margin) * (whole[1] + 1 + 2 * margin)
        assert (
            sum((b.bottom - b.top + 2 * margin) * (b.right - b.left + 2 * margin) for b in found)
            <= one
        )


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
