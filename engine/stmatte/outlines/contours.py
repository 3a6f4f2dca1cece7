# SPDX-License-Identifier: Apache-2.0
"""Where a matte is half: closed contours between pixels, by marching squares.

Knows one plane of numbers. Lengths are plate pixels; (0, 0) is the upper left corner of the
upper left pixel, whose middle is (0.5, 0.5); x goes right and y goes down. What a contour
means on the next frame is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(M, 2) x and y, in order; the last is joined to the first."""

HALF = 0.5
BEYOND = 4
"""Pixels by which a contour goes on beyond the picture where the object is cut by it."""

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
# Corners that are inside, as bits: upper left 1, upper right 2, lower right 4, lower left 8.
# For each: from which side of the square to which the contour goes, the inside at its right.
_WAYS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_TOP, _LEFT),),
    2: ((_RIGHT, _TOP),),
    3: ((_RIGHT, _LEFT),),
    4: ((_BOTTOM, _RIGHT),),
    6: ((_BOTTOM, _TOP),),
    7: ((_BOTTOM, _LEFT),),
    8: ((_LEFT, _BOTTOM),),
    9: ((_TOP, _BOTTOM),),
    11: ((_RIGHT, _BOTTOM),),
    12: ((_LEFT, _RIGHT),),
    13: ((_TOP, _RIGHT),),
    14: ((_LEFT, _TOP),),
}
# Two corners across from each other are inside: apart, or joined if the middle is inside.
_APART = {5: (*_WAYS[1], *_WAYS[4]), 10: (*_WAYS[2], *_WAYS[8])}
_JOINED = {5: (*_WAYS[13], *_WAYS[7]), 10: (*_WAYS[14], *_WAYS[11])}


def contours(matte: NDArray[Any], least: float = 0.0) -> tuple[Points, ...]:
    """Return the closed lines along which a matte is 0.5, the largest first.

    matte    (H, W) in [0, 1]
    least    contours around a smaller area, in square pixels, are left out
    returns  outlines clockwise as they are seen, holes the other way round

    An object that is cut by the picture's edge goes on for `BEYOND` pixels outside it.
    Source: Lorensen and Cline, "Marching Cubes", SIGGRAPH 1987, in two dimensions.
    """
    plane = np.pad(np.asarray(matte, np.float32), BEYOND, mode="edge")
    plane = np.pad(plane, 1)
    inside = plane >= HALF
    if not inside.any():
        return ()
    after = _successors(plane, inside)
    loops = [_places(plane, loop) - BEYOND - HALF for loop in _loops(after)]
    kept = [(abs(area(loop)), loop) for loop in loops]
    kept = [(size, loop) for size, loop in kept if size >= max(least, 1e-6)]
    return tuple(loop for _, loop in sorted(kept, key=lambda one: -one[0]))


def area(loop: Points) -> float:
    """Return the area within a closed line: above 0 if it is seen to go clockwise."""
    x, y = loop[:, 0], loop[:, 1]
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def lengths(loop: Points) -> NDArray[np.float64]:
    """Return (M + 1,) the way along a closed line to each of its points, and all around it."""
    steps = np.hypot(*(np.roll(loop, -1, axis=0) - loop).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def spread(loop: Points, count: int) -> Points:
    """Return `count` points at equal distances along a closed line."""
    along = lengths(loop)
    closed = np.concatenate([loop, loop[:1]])
    at = np.arange(count) * (along[-1] / count)
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def filled(loops: Sequence[Points], size: tuple[int, int], finer: int = 8) -> NDArray[np.float32]:
    """Return the (H, W) coverage of what lies within closed lines; holes are left out.

    size   (H, W)
    finer  parts of a pixel in each direction that are either in or out
    """
    h, w = size
    plane = np.zeros((h * finer, w * finer), np.uint8)
    scale = 256
    rounded = [
        np.round((loop * finer - HALF) * scale).astype(np.int32).reshape(-1, 1, 2) for loop in loops
    ]
    if rounded:
        cv2.fillPoly(plane, rounded, 1, shift=8)
    parts = plane.reshape(h, finer, w, finer)
    return np.asarray(parts.mean(axis=(1, 3), dtype=np.float32))


def _successors(plane: NDArray[Any], inside: NDArray[Any]) -> dict[int, int]:
    """Return for every side of a square at which a contour comes in the one where it goes out.

    A side between two pixels is named by the first: twice its index for the one to its right,
    and 1 more for the one beneath it.
    """
    width = plane.shape[1]
    bits = (
        inside[:-1, :-1].astype(np.uint8)
        + 2 * inside[:-1, 1:]
        + 4 * inside[1:, 1:]
        + 8 * inside[1:, :-1]
    )
    rows, columns = np.nonzero((bits > 0) & (bits < 15))
    kinds = bits[rows, columns]
    first = rows * width + columns
    sides = np.stack([2 * first, 2 * (first + 1) + 1, 2 * (first + width), 2 * first + 1], axis=1)
    after: dict[int, int] = {}

    def go(which: NDArray[Any], ways: tuple[tuple[int, int], ...]) -> None:
        for start, end in ways:
            pairs = sides[which][:, (start, end)].tolist()
            after.update((a, b) for a, b in pairs)

    for kind, ways in _WAYS.items():
        go(kinds == kind, ways)
    for kind in _APART:
        which = kinds == kind
        r, c = rows[which], columns[which]
        middle = plane[r, c] + plane[r, c + 1] + plane[r + 1, c] + plane[r + 1, c + 1]
        joined = np.zeros_like(which)
        joined[np.flatnonzero(which)[middle >= 4 * HALF]] = True
        go(which & ~joined, _APART[kind])
        go(joined, _JOINED[kind])
    return after


def _loops(after: dict[int, int]) -> list[list[int]]:
    """Follow all contours around; `after` is used up."""
    loops = []
    while after:
        start, side = after.popitem()
        loop = [start]
        while side != start:
            loop.append(side)
            side = after.pop(side)
        loops.append(loop)
    return loops


def _places(plane: NDArray[Any], loop: list[int]) -> Points:
    """Return where the plane is 0.5 on each of these sides, in pixels between pixel middles."""
    sides = np.array(loop)
    down = sides % 2
    flat = plane.ravel()
    row, column = np.divmod(sides // 2, plane.shape[1])
    one = flat[sides // 2].astype(np.float64)
    other = flat[sides // 2 + np.where(down, plane.shape[1], 1)].astype(np.float64)
    part = np.clip((HALF - one) / (other - one), 0.0, 1.0)
    return np.stack([column + np.where(down, 0.0, part), row + np.where(down, part, 0.0)], axis=1)
