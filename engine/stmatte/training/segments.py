# SPDX-License-Identifier: Apache-2.0
"""Segments of photographs that have no masks: whoever follows a thing need not know its name.

Their shapes are what masks of whole things seldom are: spiked, thin, or made of sticks.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.training.corpus import Corpus

SIDE = 224
"""Pixels of a photograph, at least where it is as large, that a segment is cut from."""

FINER = 4
"""Shapes are drawn so many times larger: an edge has as many levels in either direction."""

LEAST, MOST = 0.03, 0.7
"""Of the square, for what hangs together by colour to be a segment: no speck, and not all."""

TOLERANCE = (4, 14)
"""Steps of colour between neighbours that hang together."""

Points = NDArray[np.float64]


def a_segment(corpus: Corpus, random: np.random.Generator) -> NDArray[np.uint8] | None:
    """Cut a segment (h, w, 4), RGBA, out of a photograph; None if the corpus has none."""
    if not corpus.backgrounds:
        return None
    picture = corpus.picture(corpus.backgrounds[random.integers(len(corpus.backgrounds))])
    side = min(SIDE, *picture.shape[:2])
    y, x = (int(random.integers(0, n - side + 1)) for n in picture.shape[:2])
    square = picture[y : y + side, x : x + side]
    shapes: tuple[Callable[[], NDArray[np.uint8]], ...] = (
        lambda: _drawn([blob(random)], [], side),
        lambda: _drawn([star(random)], [], side),
        lambda: _drawn([], [stick(random) for _ in range(random.integers(1, 3))], side),
        lambda: _drawn([blob(random, 0.25)], [limb(random) for _ in range(4)], side),
        lambda: hanging_together(square, random),
    )
    alpha = shapes[random.integers(len(shapes))]()
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.dstack([square[box], alpha[box]])


def blob(random: np.random.Generator, size: float = 0.8) -> Points:
    """Return the outline (N, 2) of something round and smooth, within -size and size."""
    around = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    waves = [random.uniform(0, 0.7) / k * np.cos(k * around + _angle(random)) for k in range(2, 6)]
    radius = np.exp(np.sum(waves, axis=0))
    across = random.uniform(0.5, 1, 2)
    points = _around(around, radius)
    points *= size * across / np.abs(points).max()
    return points


def star(random: np.random.Generator) -> Points:
    """Return the outline (N, 2) of something with 3 to 9 spikes, each of its own length."""
    spikes = int(random.integers(3, 10))
    around = np.linspace(0, 2 * np.pi, 2 * spikes, endpoint=False) + _angle(random)
    radius = random.uniform(0.55, 0.95, 2 * spikes)
    radius[1::2] *= random.uniform(0.2, 0.6)
    return _around(around, radius)


def stick(random: np.random.Generator) -> tuple[Points, Points]:
    """Return a curved line (N, 2) right across, and how wide it is (N,)."""
    start = _angle(random)
    ends = _around(np.array([start, start + np.pi + random.uniform(-0.8, 0.8)]), np.full(2, 0.9))
    bulge = random.uniform(-0.6, 0.6, 2)
    return _curve(ends[0], bulge, ends[1]), np.full(24, random.uniform(0.015, 0.06))


def limb(random: np.random.Generator) -> tuple[Points, Points]:
    """Return a curved line (N, 2) from the middle outwards, which gets thinner (N,)."""
    around = _angle(random)
    knee, end = _around(
        np.array([around, around + random.uniform(-0.7, 0.7)]), np.array([0.5, 0.95])
    )
    wide = random.uniform(0.03, 0.12)
    return _curve(np.zeros(2), knee, end), np.linspace(wide, 0.3 * wide, 24)


def hanging_together(square: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return alpha (h, w) of what hangs together by colour around some place; else of a blob."""
    side = square.shape[0]
    smooth = cv2.GaussianBlur(square, (0, 0), 1.5)
    for _ in range(4):
        y, x = (int(n) for n in random.integers(side // 6, side - side // 6, 2))
        mask = np.zeros((side + 2, side + 2), np.uint8)
        steps = (int(random.integers(*TOLERANCE)),) * 3
        flags = 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8)
        cv2.floodFill(smooth, mask, (x, y), (0, 0, 0), steps, steps, flags)
        found = cv2.morphologyEx(mask[1:-1, 1:-1], cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        if LEAST <= np.mean(found > 0) <= MOST:
            return cv2.blur(found, (3, 3)).astype(np.uint8)
    return _drawn([blob(random)], [], side)


def _drawn(
    outlines: list[Points], lines: list[tuple[Points, Points]], side: int
) -> NDArray[np.uint8]:
    """Draw filled outlines and lines, from -1 to 1, as alpha (side, side)."""
    large = np.zeros((side * FINER, side * FINER), np.uint8)
    half = side * FINER / 2
    for outline in outlines:
        cv2.fillPoly(large, [np.round((outline + 1) * half).astype(np.int32)], 255)
    for points, widths in lines:
        places = np.round((points + 1) * half).astype(np.int32)
        for one, other, wide in zip(places[:-1], places[1:], widths[1:], strict=True):
            cv2.line(large, one.tolist(), other.tolist(), 255, max(1, round(wide * 2 * half)))
    return cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _curve(start: Points, through: Points, end: Points) -> Points:
    """Return 24 points of the parabola that `through` pulls."""
    t = np.linspace(0, 1, 24)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * through + t**2 * end


def _around(angles: Points, radii: Points) -> Points:
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1)


def _angle(random: np.random.Generator) -> float:
    return float(random.uniform(0, 2 * np.pi))
