# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.learning.motion import (
    CONTROL,
    Reach,
    affine_grids,
    random_bends,
    random_walk,
    thin_plate_bends,
)

SIZE = (64, 96)
ROTATION, ZOOM, SHIFT_X, SHIFT_Y, SHEAR, SQUEEZE = range(6)


def identity(size: tuple[int, int]) -> Tensor:
    return F.affine_grid(torch.eye(2, 3)[None], [1, 1, *size], align_corners=False)


def motion(**changes: float) -> Tensor:
    """(1, 1, 6): nothing but what is named."""
    names = ("rotation", "zoom", "shift_x", "shift_y", "shear", "squeeze")
    return torch.tensor([[[changes.get(name, 0.0) for name in names]]])


# --- affine ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SIZE, (32, 32), (48, 112)])
def test_without_motion_the_grid_is_the_picture_itself(size: tuple[int, int]) -> None:
    grid = affine_grids(torch.zeros(2, 3, 6), size)

    assert grid.shape == (6, *size, 2)
    torch.testing.assert_close(grid, identity(size).expand_as(grid), atol=1e-6, rtol=0)


def test_a_shift_moves_the_picture_to_the_right_by_half_pictures() -> None:
    picture = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0))

    moved = F.grid_sample(
        picture, affine_grids(motion(shift_x=0.25), (16, 16)), align_corners=False
    )

    # 0.25 of half a picture of 16 pixels is 2 pixels
    torch.testing.assert_close(moved[..., 2:], picture[..., :-2], atol=1e-5, rtol=0)


def test_a_zoom_of_one_doubles_what_is_in_the_middle() -> None:
    grid = affine_grids(motion(zoom=1.0), SIZE)

    torch.testing.assert_close(grid, identity(SIZE) / 2, atol=1e-6, rtol=0)


@settings(deadline=None)
@given(angle=st.floats(-math.pi, math.pi), height=st.integers(2, 6), width=st.integers(2, 6))
def test_a_rotation_keeps_distances_in_pixels(angle: float, height: int, width: int) -> None:
    size = (16 * height, 16 * width)
    half = torch.tensor([size[1] / 2, size[0] / 2])

    turned = affine_grids(motion(rotation=angle), size) * half
    still = identity(size) * half

    torch.testing.assert_close(turned.norm(dim=-1), still.norm(dim=-1), atol=1e-3, rtol=1e-4)


def test_motion_goes_on_from_frame_to_frame_with_a_small_jerk_only() -> None:
    step = Reach(rotation=0.1, zoom=0.1, shift=0.1, shear=0.1, bend=0)
    none = Reach(rotation=0, zoom=0, shift=0, shear=0, bend=0)

    walk = random_walk(none, step, 50, 4, torch.Generator().manual_seed(1))

    assert walk.shape == (50, 4, 6)
    assert walk[:, 0].abs().max() == 0  # where it starts, by `none`
    steps = walk.diff(dim=1)
    assert steps.abs().max() <= 0.1 * 1.4 + 1e-6  # velocity and 0.4 of jerk
    assert steps.diff(dim=1).abs().max() <= 0.1 * 0.8 + 1e-6  # two jerks of 0.4


# --- thin plates ----------------------------------------------------------------------


def offsets(seed: int, plates: int = 1, size: float = 0.1) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return (torch.rand(plates, CONTROL * CONTROL, 2, generator=random) * 2 - 1) * size


def test_without_offsets_nothing_bends() -> None:
    bends = thin_plate_bends(torch.zeros(2, CONTROL * CONTROL, 2), SIZE)

    assert bends.shape == (2, *SIZE, 2)
    assert bends.abs().max() == 0


@pytest.mark.parametrize("seed", range(4))
def test_the_plate_passes_through_its_control_offsets(seed: int) -> None:
    wanted = offsets(seed)
    bends = thin_plate_bends(wanted, (256, 384))  # as large as training pictures

    # control point k of 4 lies at (k + 0.5) / 4 of a side
    at = (torch.arange(CONTROL) + 0.5) * 2 / CONTROL - 1
    y, x = torch.meshgrid(at, at, indexing="ij")
    points = torch.stack([x, y], dim=-1)[None]
    there = F.grid_sample(bends.permute(0, 3, 1, 2), points, align_corners=False)

    reached = there.permute(0, 2, 3, 1).reshape(1, -1, 2)
    # it is solved on a grid of 8 pixels and made finer from there: 0.003 of half a picture
    torch.testing.assert_close(reached, wanted, atol=3e-3, rtol=0)


def test_equal_offsets_shift_the_whole_plate_and_do_not_bend_it() -> None:
    same = torch.tensor([0.1, -0.2]).expand(1, CONTROL * CONTROL, 2)

    bends = thin_plate_bends(same, SIZE)

    torch.testing.assert_close(bends, same[:, :1, None].expand_as(bends), atol=1e-4, rtol=0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), factor=st.floats(-2, 2))
def test_bends_are_linear_in_their_offsets(seed: int, factor: float) -> None:
    one, other = offsets(seed), offsets(seed + 1)

    together = thin_plate_bends(one + factor * other, SIZE)
    apart = thin_plate_bends(one, SIZE) + factor * thin_plate_bends(other, SIZE)

    torch.testing.assert_close(together, apart, atol=1e-4, rtol=0)


def test_offsets_of_the_first_frame_know_nothing_of_the_step() -> None:
    bends = random_bends(0.0, 0.1, 3, 4, torch.Generator().manual_seed(2))
    bends = bends.reshape(3, 4, CONTROL * CONTROL, 2)

    assert bends[:, 0].abs().max() == 0
    for t in (1, 2, 3):
        assert 0 < bends[:, t].abs().max() <= 0.1 * (t + 0.3) + 1e-6
