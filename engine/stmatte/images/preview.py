# SPDX-License-Identifier: Apache-2.0
"""Pictures for looking at mattes: overlays and a contact sheet.

Everything here is 8-bit sRGB for a screen; no number of it is a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.images.geometry import to_working
from stmatte.placing import placed, unwritable

Shown = NDArray[np.uint8]
Row = tuple[str, NDArray[Any], Mapping[str, NDArray[Any]], Mapping[str, NDArray[Any]] | None]

# Bright, far apart, and apart from skin and sky; told apart by the colour-blind as far as
# eight colours can be (after Okabe and Ito, "Color Universal Design", 2008).
_COLOURS = np.array(
    [
        [0.00, 0.90, 0.62],
        [1.00, 0.35, 0.10],
        [0.25, 0.60, 1.00],
        [1.00, 0.85, 0.10],
        [0.95, 0.35, 0.80],
        [0.55, 1.00, 0.25],
        [0.60, 0.40, 1.00],
        [0.10, 0.95, 1.00],
    ],
    np.float32,
)
_TINT = 0.45
_EDGE_TINT = 0.2  # little, so that the plate's own edge is seen beside the matte's
_AROUND = np.ones((3, 3), np.uint8)
_CELL_HEIGHT = 216
_GAP = 4
_PAPER = 32


def overlay(display: NDArray[Any], mattes: Mapping[str, NDArray[Any]]) -> Shown:
    """Tint each object in its own colour and draw its contour, where the matte crosses 0.5.

    The bright line lies inside, a dark one outside.

    display  (H, W, 3) in [0, 1]
    mattes   object name -> (H, W) in [0, 1]; the order decides the colours
    returns  (H, W, 3) uint8
    """
    return _tinted(display, mattes, _TINT)


def object_colour(index: int) -> tuple[float, float, float]:
    """Return the colour of the object at a place among the objects, each part in [0, 1]."""
    red, green, blue = _colour(index).tolist()
    return red, green, blue


def contact_sheet(rows: Sequence[Row], pixel_aspect: float = 1.0) -> Shown:
    """Lay some frames below one another: plate, key, mattes, overlay, an edge at 200 %.

    rows     (label such as the frame number, display (H, W, 3) in [0, 1], mattes, and the
             keyed mattes or None where the frame carries no key)
    pixel_aspect  width of a pixel over its height; what is shown has square ones
    returns  (h, w, 3) uint8; the column of keys is there if any row has one

    The edge is cut out at plate size where most of the mattes' edges lie.
    """
    keyed = any(key is not None for _, _, _, key in rows)
    lines = []
    for label, display, mattes, key in rows:
        height, width = display.shape[:2]
        size = (_CELL_HEIGHT, max(1, round(width * pixel_aspect * _CELL_HEIGHT / height)))
        plate = _cell(display, size)
        cells = [_titled(plate, label)]
        if keyed:
            shown = np.full_like(plate, _PAPER) if key is None else _cell(_flat(key, size), size)
            cells.append(_titled(shown, "" if key is None else "key"))
        cells.append(_titled(_cell(_flat(mattes, size), size), "matte"))
        shown = overlay(display, mattes)
        cells.append(_titled(_cell(shown / np.float32(255), size), "overlay"))
        cells.append(_titled(_edge(display, mattes, size, pixel_aspect), "edge 200 %"))
        lines.append(_beside(cells))
    return _below(lines)


def write_png(path: Path, pixels: Shown) -> None:
    """Write (H, W, 3) or (H, W) uint8 as PNG, whole or not at all.

    Raises StmatteError if the place cannot be written.
    """
    rgb = pixels.ndim == 3
    done, png = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if rgb else pixels)
    if not done:
        raise unwritable(path, f"no PNG can be made of shape {pixels.shape}")
    with placed(path) as beside:
        beside.write_bytes(png.tobytes())


def _tinted(display: NDArray[Any], mattes: Mapping[str, NDArray[Any]], tint: float) -> Shown:
    shown = np.array(display, dtype=np.float32)
    for index, matte in enumerate(mattes.values()):
        shown += np.asarray(matte, np.float32)[:, :, None] * tint * (_colour(index) - shown)
    thick = max(1, round(shown.shape[0] / 1080))
    for index, matte in enumerate(mattes.values()):
        inside = (np.asarray(matte) >= 0.5).astype(np.uint8)
        # Neither filter takes the picture's border for an edge.
        outer = cv2.dilate(inside, _AROUND, iterations=thick) > inside
        inner = cv2.erode(inside, _AROUND, iterations=thick) < inside
        shown[outer] *= 0.35
        shown[inner] = _colour(index)
    return _to_bytes(shown)


def _colour(index: int) -> NDArray[np.float32]:
    return np.asarray(_COLOURS[index % len(_COLOURS)], np.float32)


def _to_bytes(shown: NDArray[Any]) -> Shown:
    return np.asarray(np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8)


def _cell(display: NDArray[Any], size: tuple[int, int]) -> Shown:
    return _to_bytes(to_working(display, size))


def _flat(mattes: Mapping[str, NDArray[Any]], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the mattes on black: one in white, several in their colours."""
    shown = np.zeros((*size, 3), np.float32)
    for index, matte in enumerate(mattes.values()):
        colour = _colour(index) if len(mattes) > 1 else np.ones(3, np.float32)
        shown += to_working(matte, size)[:, :, None] * colour
    return np.clip(shown, 0, 1)


def _edge(
    display: NDArray[Any],
    mattes: Mapping[str, NDArray[Any]],
    size: tuple[int, int],
    pixel_aspect: float,
) -> Shown:
    """Return a window of half the cell's size, at 200 %, around the most edge there is."""
    height, width = display.shape[:2]
    h, w = min(size[0] // 2, height), min(round(size[1] / 2 / pixel_aspect), width)
    soft = np.zeros((height, width), np.float32)
    for matte in mattes.values():
        soft += cv2.morphologyEx(np.asarray(matte, np.float32), cv2.MORPH_GRADIENT, _AROUND)
    amount = cv2.boxFilter(soft, -1, (w, h), normalize=False, borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(np.argmax(amount)), amount.shape)
    top = int(np.clip(int(y) - h // 2, 0, height - h))
    left = int(np.clip(int(x) - w // 2, 0, width - w))
    there = np.s_[top : top + h, left : left + w]
    cut = {name: np.asarray(matte)[there] for name, matte in mattes.items()}
    window = _tinted(display[there], cut, _EDGE_TINT)
    return np.asarray(
        cv2.resize(window, (size[1], size[0]), interpolation=cv2.INTER_NEAREST), np.uint8
    )


def _titled(cell: Shown, text: str) -> Shown:
    shown = cell.copy()
    font = cv2.FONT_HERSHEY_SIMPLEX
    for x, y in ((5, 18), (7, 18), (6, 17), (6, 19)):
        cv2.putText(shown, text, (x, y), font, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.putText(shown, text, (6, 18), font, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return shown


def _beside(cells: Sequence[Shown]) -> Shown:
    gap = np.full((cells[0].shape[0], _GAP, 3), _PAPER, np.uint8)
    return np.concatenate([piece for cell in cells for piece in (cell, gap)][:-1], axis=1)


def _below(lines: Sequence[Shown]) -> Shown:
    width = max((line.shape[1] for line in lines), default=1)
    sheet = [np.full((1, width, 3), _PAPER, np.uint8)] if not lines else []
    for line in lines:
        padded = np.full((line.shape[0] + _GAP, width, 3), _PAPER, np.uint8)
        padded[: line.shape[0], : line.shape[1]] = line
        sheet.append(padded)
    return np.concatenate(sheet)
