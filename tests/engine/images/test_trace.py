# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.images.trace import (
    ACROSS,
    CELL,
    DIMMED,
    GAP,
    LINE,
    PAPER,
    View,
    _middle,
    trace_sheet,
)

SIZE = (54, 96)  # cells are 216 x 384


def view(**more: object) -> View:
    return View("1001", np.full((*SIZE, 3), 0.4), np.zeros(SIZE), **more)  # type: ignore[arg-type]


def heat(row: int, column: int, weight: float = 1.0, side: int = 8) -> np.ndarray:
    """Weights of a picture of which one place was read."""
    weights = np.zeros(SIZE, np.float32)
    weights[row * side : (row + 1) * side, column * side : (column + 1) * side] = weight
    return weights


def cell(sheet: np.ndarray, number: int) -> np.ndarray:
    """The picture of a frame of the first row."""
    top = GAP + 2 * CELL + LINE + GAP + LINE + GAP
    left = GAP + number * (384 + GAP)
    return sheet[top : top + CELL, left : left + 384]


def test_the_sheet_is_as_high_as_its_rows() -> None:
    sheet = trace_sheet(view(), [("Forward", [view(heat=heat(1, 1))] * (ACROSS + 1))])

    asked, heading, line = 2 * CELL + LINE, LINE, CELL + LINE
    assert sheet.shape[0] == asked + heading + 2 * line + 5 * GAP
    assert sheet.shape[1] == ACROSS * 384 + (ACROSS - 1) * GAP + 2 * GAP
    assert sheet.dtype == np.uint8


def test_what_was_read_is_bright_and_all_else_steps_back() -> None:
    sheet = trace_sheet(view(), [("Forward", [view(heat=heat(2, 6))])])

    shown = cell(sheet, 0)
    assert shown[200, 10].tolist() == [round(0.4 * DIMMED * 255)] * 3
    middle = shown[4 * 20, 4 * 52]  # the middle of rows 16 to 24, columns 48 to 56
    assert middle.tolist() == [255, 158, 13]  # READ itself, as it is the row's most read place


def test_frames_of_a_row_are_shown_on_one_scale() -> None:
    views = [view(heat=heat(2, 6)), view(heat=heat(2, 6, 0.25))]

    sheet = trace_sheet(view(), [("Forward", views)])

    most, less = (cell(sheet, n)[80, 208].astype(int) for n in (0, 1))
    # tint 0.25 + 0.75 * sqrt(0.25) = 0.625 of (1, 0.62, 0.05), over 0.2 * 0.375
    assert less.tolist() == pytest.approx([255 * (0.625 + 0.075), 118, 27], abs=1)
    assert most[0] > less[0]


def test_the_pixel_that_was_asked_about_is_ringed() -> None:
    plain, marked = (trace_sheet(view(mark=mark), []) for mark in (None, (48, 27)))

    changed = np.argwhere((plain != marked).any(axis=2))
    middle = changed.mean(axis=0) - GAP
    # pixel (48, 27) lies at 48.5 / 96 of 768 columns, 27.5 / 54 of 432 rows
    assert middle.tolist() == pytest.approx([220, 388], abs=1)


def test_the_contour_of_the_matte_is_drawn() -> None:
    matte = np.zeros(SIZE)
    matte[10:40, 20:60] = 1

    sheet = trace_sheet(View("1001", np.zeros((*SIZE, 3)), matte), [])

    assert sheet[GAP + 8 * 10, GAP + 8 * 40].max() > 150
    assert sheet[GAP + 8 * 25, GAP + 8 * 40].max() == 0


def test_a_frame_of_which_nothing_was_read_has_no_ring() -> None:
    sheet = trace_sheet(view(), [("Forward", [view(heat=np.zeros(SIZE, np.float32))])])

    assert np.ptp(cell(sheet, 0)) == 0


def test_rows_are_padded_with_paper() -> None:
    sheet = trace_sheet(view(), [("Forward", [view(heat=heat(0, 0))])])

    assert sheet[-GAP - LINE - 5, -1].tolist() == list(PAPER)


def test_the_ring_is_about_the_middle_of_the_square() -> None:
    assert _middle(heat(2, 6)) == (52, 20)


def test_a_square_that_the_border_cuts_is_ringed_where_it_is_seen() -> None:
    weights = np.zeros(SIZE, np.float32)
    weights[50:, 93:] = 1

    assert _middle(weights) == (94.5, 52)
