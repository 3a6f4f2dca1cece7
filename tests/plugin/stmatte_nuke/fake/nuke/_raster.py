# SPDX-License-Identifier: Apache-2.0
"""The exact share of each pixel that an outline covers.

Signed areas are summed along each row, so that nothing is sampled; an outline that crosses itself
counts where it winds once.
"""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]


def bezier(corners: Sequence[tuple[Point, Point, Point]], steps: int = 24) -> list[Point]:
    """Return a closed outline as straight pieces.

    corners  for each its centre, and its left and right tangent point as places, not relative
    """
    found: list[Point] = []
    for number, (centre, _, right) in enumerate(corners):
        nearest, left, _ = corners[(number + 1) % len(corners)]
        if right == centre and left == nearest:
            found.append(centre)
            continue
        for step in range(steps):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            four = (centre, right, left, nearest)
            found.append(
                (
                    sum(w * p[0] for w, p in zip(weights, four)),
                    sum(w * p[1] for w, p in zip(weights, four)),
                )
            )
    return found


def coverage(outline: Sequence[Point], width: int, height: int) -> list[float]:
    """Return the share of each pixel inside an outline, the bottom row first."""
    rows = [[0.0] * (width + 1) for _ in range(height)]
    for number, start in enumerate(outline):
        _edge(rows, start, outline[(number + 1) % len(outline)], width, height)
    shares: list[float] = []
    for row in rows:
        total = 0.0
        for value in row[:width]:
            total += value
            shares.append(min(abs(total), 1.0) if abs(total) > 1e-9 else 0.0)
    return shares


def _edge(rows: list[list[float]], start: Point, end: Point, width: int, height: int) -> None:
    """Add an edge: to each pixel it crosses its area, to all right of it its height."""
    if start[1] == end[1]:
        return
    way = 1.0
    if start[1] > end[1]:
        start, end, way = end, start, -1.0
    slope = (end[0] - start[0]) / (end[1] - start[1])
    low, high = max(start[1], 0.0), min(end[1], float(height))
    y = low
    while y < high:
        row = int(y)
        top = min(row + 1.0, high)
        x0 = start[0] + (y - start[1]) * slope
        x1 = start[0] + (top - start[1]) * slope
        _cut(rows[row], x0, x1, way * (top - y), width)
        y = top


def _cut(row: list[float], x0: float, x1: float, rise: float, width: int) -> None:
    """Add a piece of an edge within one row, split at the columns it crosses."""
    if x0 > x1:
        x0, x1 = x1, x0
    if x1 <= 0:
        row[0] += rise
        return
    if x0 >= width:
        return
    whole = x1 - x0
    if whole < 1e-12:
        _column(row, x0, x0, rise, width)
        return
    x = x0
    if x < 0:
        row[0] += rise * (0 - x) / whole
        x = 0.0
    while x < min(x1, width):
        stop = min(int(x) + 1.0, x1)
        _column(row, x, stop, rise * (stop - x) / whole, width)
        x = stop


def _column(row: list[float], x0: float, x1: float, rise: float, width: int) -> None:
    column = int(x0)
    if column >= width:
        return
    right = column + 1 - (x0 + x1) / 2  # the share of the pixel right of the edge
    row[column] += rise * right
    row[column + 1] += rise * (1 - right)
