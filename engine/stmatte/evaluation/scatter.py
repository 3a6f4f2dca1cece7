# SPDX-License-Identifier: Apache-2.0
"""Accuracy against speed: a point for each run, as the text of an SVG file."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10

from stmatte.evaluation.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, inks, line, page, text


def as_scatter(points: Mapping[str, tuple[float, float]], title: str, across: str, up: str) -> str:
    """Return a plot of points, x by its logarithm, y in percent.

    points      name -> (x above 0, y from 0 to 1); at least one
    across, up  what the axes show
    """
    places = list(points.values())
    low, high = floor(log10(min(x for x, _ in places))), ceil(log10(max(x for x, _ in places)))
    high = max(high, low + 1)
    bottom = floor(10 * min(y for _, y in places)) / 10
    top = max(ceil(10 * max(y for _, y in places)) / 10, bottom + 0.1)

    def at(x: float, y: float) -> tuple[float, float]:
        right = (log10(x) - low) / (high - low)
        height = (y - bottom) / (top - bottom)
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * right,
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * height,
        )

    parts = [
        text(up, 12, TOP - 18),
        text(across, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, anchor="middle"),
    ]
    for step in range(round((top - bottom) * 10) + 1):
        y = bottom + step / 10
        left, height = at(10**low, y)
        parts.append(line([(left, height), (WIDTH - RIGHT, height)], "#dddddd", ""))
        parts.append(text(f"{100 * y:.0f}", left - 8, height + 4, anchor="end"))
    for power in range(low, high + 1):
        x, height = at(10**power, bottom)
        parts.append(line([(x, height), (x, TOP)], "#dddddd", ""))
        parts.append(text(f"{10**power:g}", x, height + 18, anchor="middle"))
    for (name, (x, y)), (ink, _) in zip(points.items(), inks(len(points)), strict=True):
        right, height = at(x, y)
        parts.append(f'<circle cx="{right:.1f}" cy="{height:.1f}" r="5" fill="{ink}"/>')
        parts.append(text(name, right + 9, height + 4, ink=ink))
    return page(title, parts)
