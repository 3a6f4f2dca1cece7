# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from stmatte.propagation.focus import (
    Extent,
    View,
    Window,
    chosen,
    extent_of,
    followed,
    grids_of,
    scaled,
    widened,
    window_on,
)

SIZE = (480, 854)
GRIDS = grids_of(SIZE, 1080)


def plane_with(size: tuple[int, int], rows: slice, columns: slice) -> Tensor:
    plane = torch.zeros(size)
    plane[rows, columns] = 1
    return plane


def seen(plane: Tensor, window: Window | None = None) -> View:
    return View(
        window or Window.whole((plane.shape[0], plane.shape[1])), torch.stack([1 - plane, plane])
    )


def middle(row: float, column: float, size: float = 0.1) -> Extent:
    return Extent(row - size / 2, row + size / 2, column - size / 2, column + size / 2)


# --- scales ---------------------------------------------------------------------------


def test_an_object_is_never_seen_larger_than_the_plate_has_it() -> None:
    # one and a half times 480 is 720, twice is 960, three times is 1440
    assert grids_of(SIZE, 1080) == ((480, 854), (720, 1281), (960, 1708))
    assert grids_of(SIZE, 719) == ((480, 854),)


def test_the_smaller_an_object_is_the_finer_it_is_seen() -> None:
    sizes = (0.8, 0.5, 0.4, 0.3, 0.05)

    indices = [chosen([middle(0.5, 0.5, size)], GRIDS) for size in sizes]

    assert indices[0] == 0
    assert indices[-1] == 2
    assert indices == sorted(indices)


def test_the_largest_key_of_a_span_decides() -> None:
    assert chosen([middle(0.5, 0.5, 0.05), middle(0.5, 0.5, 0.9)], GRIDS) == 0


def test_width_counts_as_height_does() -> None:
    wide = Extent(0.5, 0.52, 0.05, 0.95)

    assert chosen([wide], GRIDS) == 0


def test_without_a_key_that_shows_the_object_all_of_the_canvas_is_seen() -> None:
    assert chosen([], GRIDS) == 0


# --- where the object is --------------------------------------------------------------


def test_an_extent_is_told_in_parts_of_the_canvas() -> None:
    plane = plane_with((100, 200), slice(20, 60), slice(50, 100))

    assert extent_of(seen(plane)) == Extent(0.2, 0.6, 0.25, 0.5)


def test_an_extent_says_the_same_through_a_window() -> None:
    plane = plane_with((100, 200), slice(20, 60), slice(50, 100))
    window = Window((100, 200), (16, 32), (50, 100))

    assert extent_of(seen(window.cut(plane), window)) == Extent(0.2, 0.6, 0.25, 0.5)


def test_a_speck_far_away_moves_no_window() -> None:
    plane = plane_with((100, 200), slice(20, 60), slice(50, 100))  # 2000 pixels
    plane[90, 190:195] = 1

    assert extent_of(seen(plane)) == Extent(0.2, 0.6, 0.25, 0.5)


def test_what_is_nowhere_surer_than_one_half_is_nowhere() -> None:
    assert extent_of(seen(torch.full((10, 10), 0.4))) is None


# --- windows --------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(GRIDS))
def test_a_window_stays_on_the_canvas(row: float, column: float, grid: tuple[int, int]) -> None:
    window = window_on(grid, SIZE, middle(row, column))

    for corner, side, length in zip(window.corner, SIZE, grid, strict=True):
        assert 0 <= corner <= length - side


def test_a_window_has_its_object_in_the_middle_to_half_a_step() -> None:
    window = window_on((960, 1708), SIZE, middle(0.5, 0.4))

    # the middle is at row 480 and column 683.2; 480 - 240 = 240, 683.2 - 427 = 256.2
    assert window.corner == (240, 256)


def test_a_window_stays_while_its_object_stays_near_the_middle() -> None:
    window = window_on((960, 1708), SIZE, middle(0.5, 0.5))

    # an eighth of 480 is 60, of 960 it is 0.0625
    assert followed(window, middle(0.56, 0.5)) == window
    assert followed(window, middle(0.44, 0.5)) == window


def test_a_window_stays_less_the_less_room_there_is_around_its_object() -> None:
    window = window_on((960, 1708), SIZE, middle(0.5, 0.5, 0.4))

    # 0.4 of 960 is 384: 48 are left on each side, so the middle may be 24 off, which is 0.025
    assert followed(window, middle(0.52, 0.5, 0.4)) == window
    assert followed(window, middle(0.53, 0.5, 0.4)) != window


def test_a_window_that_moves_has_its_object_in_the_middle_again() -> None:
    window = window_on((960, 1708), SIZE, middle(0.5, 0.5))

    moved = followed(window, middle(0.57, 0.5))

    # 0.57 of 960 is 547.2; less 240 is 307.2, and the nearest step of 16 is 304
    assert moved.corner == (304, window.corner[1])


def test_an_object_that_trembles_about_the_border_of_stillness_moves_a_window_once() -> None:
    window = window_on((960, 1708), SIZE, middle(0.5, 0.5))
    corners = []

    for frame in range(10):
        window = followed(window, middle(0.56 + 0.005 * (frame % 2), 0.5))
        corners.append(window.corner)

    assert len(set(corners)) == 2  # where it was, and where it went on frame 1


def test_an_object_that_outgrows_its_window_is_seen_at_a_scale_where_it_fits_again() -> None:
    assert widened(2, middle(0.5, 0.5, 0.1), GRIDS) == 2
    assert widened(2, middle(0.5, 0.5, 0.95), GRIDS) == 0
    assert widened(0, middle(0.5, 0.5, 0.95), GRIDS) == 0


def test_an_object_that_shrinks_is_seen_at_its_scale_until_the_next_key() -> None:
    assert widened(1, middle(0.5, 0.5, 0.01), GRIDS) == 1


def test_a_pixel_of_the_plate_has_its_place_in_a_window_or_none() -> None:
    window = Window((100, 200), (10, 20), (50, 60))

    # a plate of 200 x 400 has two pixels for each of the grid
    assert window.place_of((20, 41), (200, 400)) == (0, 0)
    assert window.place_of((119, 159), (200, 400)) == (49, 59)
    assert window.place_of((120, 60), (200, 400)) is None
    assert window.place_of((60, 39), (200, 400)) is None


# --- planes ---------------------------------------------------------------------------


def test_outside_its_window_a_plane_is_nothing() -> None:
    window = Window((6, 8), (1, 2), (3, 4))

    placed = window.placed(torch.ones(3, 4))

    assert placed.shape == (6, 8)
    assert placed.sum() == 12
    assert torch.equal(window.cut(placed), torch.ones(3, 4))


def test_another_window_shows_what_both_have_in_common() -> None:
    plane = plane_with((64, 64), slice(20, 40), slice(20, 40))
    one, other = Window((64, 64), (16, 16), (32, 32)), Window((64, 64), (0, 16), (32, 32))

    view = seen(one.cut(plane), one).through(other)

    assert torch.equal(view.planes[1], other.cut(plane))
    assert torch.equal(view.planes[0], 1 - view.planes[1])


@pytest.mark.parametrize("grid", [(32, 48), (50, 75), (128, 192)])
def test_a_plane_on_another_grid_keeps_its_place(grid: tuple[int, int]) -> None:
    plane = plane_with((64, 96), slice(16, 48), slice(24, 72))

    found = extent_of(seen(scaled(plane, grid)))

    assert found is not None
    assert found.top == pytest.approx(0.25, abs=0.6 / grid[0])
    assert found.right == pytest.approx(0.75, abs=0.6 / grid[1])
