# SPDX-License-Identifier: Apache-2.0
"""Curves over a number of corrections: as a table for a README, and as a plot.

Also for anything else that is told for 0, 1, 2 ... of something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import ceil, floor
from xml.sax.saxutils import escape

from stmatte.evaluation.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, inks, line, page, text

Curves = Mapping[str, Sequence[float]]
"""Name -> a number for 0, 1, 2 ... corrections; all curves are as long."""

LEAST_APART = 15  # pixels between two names


def as_markdown(curves: Curves, heading: str, *, digits: int = 1) -> str:
    """Return a table, a row a curve, in percent.

    heading  what the numbers of corrections are called
    """
    count = len(next(iter(curves.values())))
    lines = [
        "| " + " | ".join([heading, *map(str, range(count))]) + " |",
        "| " + " | ".join(["---", *["---:"] * count]) + " |",
    ]
    for name, numbers in curves.items():
        told = [f"{100 * number:.{digits}f}" for number in numbers]
        lines.append("| " + " | ".join([name, *told]) + " |")
    return "\n".join(lines)


def as_svg(curves: Curves, title: str, across: str, up: str) -> str:
    """Return a plot of curves, the most important first, as the text of an SVG file.

    across, up  what the axes show; `up` is drawn in percent
    """
    numbers = [number for curve in curves.values() for number in curve]
    step = _step(max(numbers) - min(numbers))
    low = step * floor(min(numbers) / step + 1e-9)
    high = max(step * ceil(max(numbers) / step - 1e-9), low + step)
    count = len(next(iter(curves.values())))

    def x(place: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * place / max(1, count - 1)

    def y(number: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number - low) / (high - low)

    parts = [
        text(up, 12, TOP - 18),
        text(across, x((count - 1) / 2), HEIGHT - 14, anchor="middle"),
    ]
    for i in range(round((high - low) / step) + 1):
        at = low + i * step
        parts.append(line([(LEFT, y(at)), (WIDTH - RIGHT, y(at))], "#dddddd", ""))
        parts.append(text(f"{100 * at:.0f}", LEFT - 8, y(at) + 4, anchor="end"))
    parts += [text(str(i), x(i), HEIGHT - BOTTOM + 18, anchor="middle") for i in range(count)]
    drawn = inks(len(curves))
    # the most important comes last, and so lies on top
    for (name, curve), (ink, dash) in reversed([*zip(curves.items(), drawn, strict=True)]):
        places = [(x(i), y(number)) for i, number in enumerate(curve)]
        parts.append(f"<g><title>{escape(name)}</title>{line(places, ink, dash, 2)}")
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{ink}"/>' for a, b in places]
        parts.append("</g>")
    ends = [y(curve[-1]) for curve in curves.values()]
    for (name, (ink, dash)), at in zip(
        zip(curves, drawn, strict=True), spread_out(ends), strict=True
    ):
        right = WIDTH - RIGHT + 8
        parts.append(line([(right, at), (right + 24, at)], ink, dash, 2))
        parts.append(text(name, right + 30, at + 4, ink=ink))
    return page(title, parts)


def _step(span: float) -> float:
    """Return the distance of the lines: 1, 2 or 5 percent, or ten times as much."""
    steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
    return next((step for step in steps if span / step <= 8), steps[-1])


def spread_out(wanted: Sequence[float]) -> list[float]:
    """Return heights near the wanted ones, in their order, that are far enough apart."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = dict(zip(order, (wanted[i] for i in order), strict=True))
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + LEAST_APART)
    return [placed[i] for i in range(len(wanted))]
