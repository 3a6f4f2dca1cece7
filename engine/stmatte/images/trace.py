# SPDX-License-Identifier: Apache-2.0
"""A picture of where something was read from: one frame asked about, many frames read.

Knows pictures, mattes and weights over pixels; why a pixel was read it doesn't know.
Everything here is 8-bit sRGB for a screen; no number of it is a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.images.geometry import to_working
from stmatte.images.preview import Shown

CELL = 216  # pixels, height of a frame that was read; the one asked about has twice that
ACROSS = 4  # frames that were read in a row
GAP = 6
LINE = 22  # height of a line of text
PAPER = (32, 32, 32)
INK = (225, 225, 225)
READ = np.array([1.0, 0.62, 0.05], np.float32)  # a warm colour, seen on skin, sky and green
MATTE = (80, 230, 190)
DIMMED = 0.5  # what was not read steps back
FAINTEST = 0.25  # of what was read at all


@dataclass(frozen=True, eq=False)
class View:
    """A frame to be shown.

    title    a line beneath it
    display  (h, w, 3) in [0, 1]
    matte    (h, w) in [0, 1]; its contour at 0.5 is drawn
    heat     (h, w) from 0 up, how much was read where; None: nothing is dimmed
    mark     (x, y) of a pixel to be marked
    """

    title: str
    display: NDArray[Any]
    matte: NDArray[Any]
    heat: NDArray[Any] | None = None
    mark: tuple[int, int] | None = None


Row = tuple[str, Sequence[View]]
"""A heading, and the frames beneath it, the most important first."""


def trace_sheet(asked: View, rows: Sequence[Row]) -> Shown:
    """Show a frame, and beneath it, row by row, the frames that it was read from.

    returns  (H, W, 3) uint8

    In a row, places that were read are tinted, the more the brighter, on one scale for the
    whole row; a ring is drawn around the most read place of each frame.
    """
    strips = [_cell(asked, 2 * CELL, 1.0)]
    for heading, views in rows:
        strips.append(_text(heading, strips[0].shape[1]))
        peak = max((float(view.heat.max()) for view in views if view.heat is not None), default=0)
        cells = [_cell(view, CELL, peak) for view in views]
        strips += [_beside(cells[at : at + ACROSS]) for at in range(0, len(cells), ACROSS)]
    return _below(strips)


def _cell(view: View, height: int, peak: float) -> Shown:
    """Return a frame with its line of text.

    peak  the heat that is shown brightest
    """
    h, w = view.display.shape[:2]
    size = (height, max(1, round(w * height / h)))
    shown = to_working(view.display, size)
    if view.heat is not None and peak > 0:
        # by the nearest place: a place's square stays a square
        heat = cv2.resize(np.asarray(view.heat, np.float32), size[::-1], interpolation=0)
        tint = np.where(heat > 0, FAINTEST + (1 - FAINTEST) * np.sqrt(heat / peak), 0)[:, :, None]
        shown = DIMMED * shown * (1 - tint) + READ * tint
    pixels: Shown = np.ascontiguousarray(np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)
    inside = (to_working(view.matte, size) >= 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(pixels, contours, -1, MATTE, 1, cv2.LINE_AA)
    if view.heat is not None and view.heat.max() > 0:
        _ring(pixels, _middle(view.heat), (h, w), READ * 255)
    if view.mark is not None:
        _ring(pixels, (view.mark[0] + 0.5, view.mark[1] + 0.5), (h, w), np.full(3, 255.0))
    return np.concatenate([pixels, _text(view.title, size[1])])


def _middle(heat: NDArray[Any]) -> tuple[float, float]:
    """Return (x, y) of the middle of the most read place: of the square that has its heat."""
    row, column = (int(i) for i in np.unravel_index(int(heat.argmax()), heat.shape))
    return column + _alike(heat[row, column:]) / 2, row + _alike(heat[row:, column]) / 2


def _alike(values: NDArray[Any]) -> int:
    """Return how many values at the beginning are the same."""
    others = np.flatnonzero(values != values[0])
    return int(others[0]) if others.size else len(values)


def _ring(
    pixels: Shown, at: tuple[float, float], size: tuple[int, int], colour: NDArray[Any]
) -> None:
    """Draw a ring about (x, y) of a picture of `size` (h, w), dark around bright."""
    scale = pixels.shape[0] / size[0]
    middle = round(at[0] * scale), round(at[1] * scale)
    radius = max(8, pixels.shape[0] // 20)
    cv2.circle(pixels, middle, radius, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.circle(pixels, middle, radius, tuple(colour.tolist()), pixels.shape[0] // 200, cv2.LINE_AA)


def _text(text: str, width: int) -> Shown:
    line = np.full((LINE, width, 3), PAPER, np.uint8)
    cv2.putText(line, text, (4, LINE - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.45, INK, 1, cv2.LINE_AA)
    return line


def _beside(cells: Sequence[Shown]) -> Shown:
    gap = np.full((cells[0].shape[0], GAP, 3), PAPER, np.uint8)
    return np.concatenate([piece for cell in cells for piece in (cell, gap)][:-1], axis=1)


def _below(strips: Sequence[Shown]) -> Shown:
    width = max(strip.shape[1] for strip in strips) + 2 * GAP
    sheet = []
    for strip in strips:
        padded = np.full((strip.shape[0] + GAP, width, 3), PAPER, np.uint8)
        padded[GAP:, GAP : GAP + strip.shape[1]] = strip
        sheet.append(padded)
    return np.concatenate([*sheet, np.full((GAP, width, 3), PAPER, np.uint8)])
