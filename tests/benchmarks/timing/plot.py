# SPDX-License-Identifier: Apache-2.0
"""Scaling curves as the text of an SVG file: seconds over frames, objects, lines or memory.

Drawn from the same pieces as the plots of `stmatte.evaluation`; both axes begin at zero, so that
what looks twice as high is twice as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from stmatte.evaluation.curves import spread_out
from stmatte.evaluation.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, inks, line, page, text

from .measure import Spread

Curve = Sequence[tuple[float, Spread]]
"""Points from left to right: what it goes over, and what was measured there."""


def as_plot(curves: Mapping[str, Curve], title: str, across: str, up: str) -> str:
    """Return a plot; quartiles are bars through the points.

    curves      name -> at least one point, above zero
    across, up  what the axes show
    """
    right = _round_up(max(x for curve in curves.values() for x, _ in curve))
    high = _round_up(max(each.high for curve in curves.values() for _, each in curve))

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - RIGHT) * x / right,
            HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y / high,
        )

    parts = [
        text(up, 12, TOP - 18),
        text(across, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, anchor="middle"),
    ]
    for y in _ticks(high):
        left, height = at(0, y)
        parts.append(line([(left, height), (WIDTH - RIGHT, height)], "#dddddd", ""))
        parts.append(text(f"{y:g}", left - 8, height + 4, anchor="end"))
    for x in _ticks(right):
        place, height = at(x, 0)
        parts.append(text(f"{x:g}", place, height + 18, anchor="middle"))
    drawn = inks(len(curves))
    for (name, curve), (ink, dash) in zip(curves.items(), drawn, strict=True):
        places = [at(x, each.median) for x, each in curve]
        parts.append(f"<g><title>{escape(name)}</title>{line(places, ink, dash, 2)}")
        for x, each in curve:
            a, b = at(x, each.median)
            parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{ink}"/>')
            parts.append(line([at(x, each.low), at(x, each.high)], ink, "", 3))
        parts.append("</g>")
    ends = [at(0, curve[-1][1].median)[1] for curve in curves.values()]
    for name, (ink, dash), height in zip(curves, drawn, spread_out(ends), strict=True):
        edge = WIDTH - RIGHT + 8
        parts.append(line([(edge, height), (edge + 24, height)], ink, dash, 2))
        parts.append(text(name, edge + 30, height + 4, ink=ink))
    return page(title, parts)


def _step(most: float) -> float:
    """Return the distance of ticks: 1, 2 or 5 times a power of ten, at most eight of them."""
    power = 10.0 ** floor(log10(most / 8))
    return next(power * times for times in (1, 2, 5, 10) if most / (power * times) <= 8)


def _round_up(most: float) -> float:
    step = _step(most)
    return step * ceil(most / step - 1e-9)


def _ticks(most: float) -> list[float]:
    step = _step(most)
    return [step * n for n in range(round(most / step) + 1)]
