# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.networks.padding import Mode, crop, pad, pad_beyond


@settings(deadline=None)
@given(
    planes=st.integers(0, 3),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    multiple=st.sampled_from([1, 2, 16, 32]),
    mode=st.sampled_from(["zeros", "reflect"]),
)
def test_crop_undoes_pad(planes: int, height: int, width: int, multiple: int, mode: Mode) -> None:
    picture = torch.rand(max(planes, 1), height, width)

    padded = pad(picture, multiple, mode)

    assert padded.shape[-2] % multiple == padded.shape[-1] % multiple == 0
    assert padded.shape[-2] - height < multiple
    assert padded.shape[-1] - width < multiple
    assert torch.equal(crop(padded, (height, width)), picture)


def test_the_border_is_centred_and_the_odd_pixel_goes_to_bottom_and_right() -> None:
    padded = pad(torch.ones(1, 117, 211), 16)[0]

    assert padded.shape == (128, 224)  # 11 rows: 5 and 6; 13 columns: 6 and 7
    rows, columns = padded.any(dim=1), padded.any(dim=0)
    assert rows.nonzero().flatten()[[0, -1]].tolist() == [5, 128 - 6 - 1]
    assert columns.nonzero().flatten()[[0, -1]].tolist() == [6, 224 - 7 - 1]


def test_a_reflected_border_mirrors_the_picture_without_its_edge() -> None:
    row = torch.tensor([[[1.0, 2.0, 3.0, 4.0, 5.0]]]).expand(1, 4, 5)

    # 5 to 8: one pixel on the left, two on the right
    assert pad(row, 4, "reflect")[0, 0].tolist() == [2, 1, 2, 3, 4, 5, 4, 3]


def test_a_picture_too_small_to_be_mirrored_repeats_its_edge() -> None:
    row = torch.tensor([[[1.0, 2.0]]])

    assert pad(row, 8, "reflect")[0, 0].tolist() == [1, 1, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize("mode", ["zeros", "reflect"])
def test_a_picture_on_the_grid_is_handed_back_as_it_is(mode: Mode) -> None:
    picture = torch.rand(3, 32, 16)

    assert pad(picture, 16, mode) is picture


def test_a_side_that_is_a_multiple_grows_by_a_whole_one_where_padding_goes_beyond() -> None:
    picture = torch.rand(2, 32, 41)

    padded = pad_beyond(picture, 32)

    assert padded.shape == (2, 64, 64)
    assert torch.equal(crop(padded, (32, 41)), picture)
    assert padded[:, :16].abs().max() == 0  # 16 rows above and below
    assert padded[:, :, :11].abs().max() == 0  # 11 columns left, 12 right
