# SPDX-License-Identifier: Apache-2.0
"""Strokes as pixels: which object each pixel of a frame was drawn on.

Lines are one pixel wide and the same on every machine: whole numbers only, once the ends
are pixels. Knows arrays, and no file.
Source: davisinteractive 1.0.4, its conversion of scribbles to masks.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stmatte.scribbles.curves import bezier
from stmatte.scribbles.strokes import Scribbles, Stroke

Labels = NDArray[np.int_]
"""(H, W) of object numbers; what nobody drew on has a number of its own."""

NOTHING = -1
"""Where nobody drew."""


def line_points(start: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the pixels (x, y) of a straight line, both ends included.

    Halves step early, so that the line from `end` to `start` may be another one. A diagonal
    runs along y.
    """
    (x, y), (to_x, to_y) = start, end
    across, down = abs(to_x - x), abs(to_y - y)
    step_x, step_y = (1 if to_x > x else -1), (1 if to_y > y else -1)
    along_x = across > down
    long, short = (across, down) if along_x else (down, across)
    error, aside, points = 2 * short - long, 0, []
    for along in range(long + 1):
        on_x, on_y = (along, aside) if along_x else (aside, along)
        points.append((x + on_x * step_x, y + on_y * step_y))
        if error >= 0:
            aside += 1
            error -= 2 * long
        error += 2 * short
    return points


def stroke_pixels(
    stroke: Stroke, size: tuple[int, int], *, joined: bool = True, smooth: int = 0
) -> list[tuple[int, int]]:
    """Return the pixels (x, y) of a stroke in the order in which it was drawn.

    size    (H, W) of the picture
    joined  lines from point to point; else the points alone
    smooth  so many points of the Bézier curve that the path bends, in its place; 0 takes the path
    """
    path = np.asarray(stroke.path, np.float64)
    if smooth:
        path = bezier(path, smooth)
    height, width = size
    corners = [(int(x * (width - 1)), int(y * (height - 1))) for x, y in path]
    if not joined or len(corners) == 1:
        return corners
    return [point for start, end in pairwise(corners) for point in line_points(start, end)]


def draw_strokes(
    strokes: Iterable[Stroke],
    size: tuple[int, int],
    *,
    joined: bool = True,
    smooth: int = 0,
    nothing: int = NOTHING,
) -> Labels:
    """Return (H, W): the object that was drawn on each pixel, later strokes over earlier ones.

    size, joined, smooth  see `stroke_pixels`
    nothing               the number where nobody drew
    """
    labels = np.full(size, nothing, np.int_)
    for stroke in strokes:
        for x, y in stroke_pixels(stroke, size, joined=joined, smooth=smooth):
            labels[y, x] = stroke.object
    return labels


def draw_scribbles(
    scribbles: Scribbles,
    size: tuple[int, int],
    *,
    joined: bool = True,
    smooth: int = 0,
    nothing: int = NOTHING,
) -> Labels:
    """Return (T, H, W): `draw_strokes` of every frame."""
    return np.stack(
        [
            draw_strokes(strokes, size, joined=joined, smooth=smooth, nothing=nothing)
            for strokes in scribbles.frames
        ]
    )
