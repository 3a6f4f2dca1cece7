# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.images import contact_sheet, overlay, write_png

GREY = np.full((54, 96, 3), 0.5, np.float32)


def disc(x: int, y: int, radius: int = 12) -> Any:
    rows, columns = np.mgrid[:54, :96]
    return np.clip(radius - np.hypot(rows - y, columns - x) + 0.5, 0, 1).astype(np.float32)


def test_nothing_is_drawn_where_no_object_is() -> None:
    shown = overlay(GREY, {"hero": np.zeros((54, 96), np.float32)})

    assert shown.dtype == np.uint8
    assert np.array_equal(shown, np.full((54, 96, 3), 128, np.uint8))


def test_objects_have_different_colours_and_a_contour() -> None:
    shown = overlay(GREY, {"hero": disc(25, 27), "car": disc(70, 27)})
    hero, car, outside = shown[27, 25], shown[27, 70], shown[2, 2]

    assert len({tuple(hero), tuple(car), tuple(outside)}) == 3
    assert not np.array_equal(shown[27, 25 - 12], hero)  # the contour is stronger than the tint


def test_the_display_picture_stays_as_it_is() -> None:
    display = GREY.copy()

    overlay(display, {"hero": disc(25, 27)})

    assert np.array_equal(display, GREY)


def test_a_sheet_has_a_row_for_each_frame_and_a_column_for_keys() -> None:
    mattes = {"hero": disc(25, 27), "car": disc(70, 27)}

    unkeyed = contact_sheet([("1001", GREY, mattes, None)])
    keyed = contact_sheet([("1001", GREY, mattes, mattes), ("-5", GREY, mattes, None)])

    width = 216 * 96 // 54
    assert unkeyed.shape == (220, 4 * width + 3 * 4, 3)
    assert keyed.shape == (440, 5 * width + 4 * 4, 3)


@pytest.mark.parametrize("size", [(1, 1), (54, 7), (7, 300)])
def test_odd_sizes_and_empty_mattes_make_a_sheet(size: tuple[int, int]) -> None:
    matte = np.zeros(size, np.float32)

    sheet = contact_sheet([("1", np.zeros((*size, 3), np.float32), {"hero": matte}, None)])

    assert sheet.shape[0] == 220


def test_a_sheet_of_nothing_is_a_picture_still() -> None:
    assert contact_sheet([]).ndim == 3


def test_a_png_comes_back_bit_for_bit(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)

    write_png(tmp_path / "a.png", pixels)
    write_png(tmp_path / "labels.png", pixels[:, :, 0])

    assert np.array_equal(cv2.imread(str(tmp_path / "a.png"))[:, :, ::-1], pixels)
    back = cv2.imread(str(tmp_path / "labels.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(back, pixels[:, :, 0])


def test_a_png_that_cannot_be_placed_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()

    with pytest.raises(StmatteError, match=r'Cannot write ".*a\.png"'):
        write_png(tmp_path / "a.png", np.zeros((2, 2), np.uint8))

    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
