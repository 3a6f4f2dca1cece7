# SPDX-License-Identifier: Apache-2.0
"""Pieces of a plot as SVG: lines and words, written by hand.

Text that a diff can show, and no plotting library. Knows no numbers but places on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 190, 60, 52  # margins; names stand on the right
# after Okabe and Ito, "Color Universal Design", 2008; the dashes tell curves apart in grey
INKS = (("#0072B2", ""), ("#D55E00", "6 3"), ("#009E73", "2 3"), ("#CC79A7", "8 3 2 3"))
GREY = ("#777777", "1 3")


def inks(count: int) -> list[tuple[str, str]]:
    """Return colour and dashes for so many curves; those beyond the fourth are grey."""
    return [*INKS, *[GREY] * count][:count]


def page(title: str, parts: Sequence[str]) -> str:
    """Return a whole SVG file: white paper, a title, and the parts."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
            f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            text(title, LEFT, 20, bold=True),
            *parts,
            "</svg>",
            "",
        ]
    )


def line(places: Sequence[tuple[float, float]], ink: str, dash: str, width: float = 1) -> str:
    """Return a line through places."""
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="{width}"{dashes}/>'
    )


def text(
    words: str,
    at: float,
    height: float,
    *,
    anchor: str = "start",
    ink: str = "#222222",
    bold: bool = False,
) -> str:
    """Return words at a place; `anchor` says which end of them lies there."""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{at:.1f}" y="{height:.1f}" text-anchor="{anchor}" fill="{ink}"{weight}>'
        f"{escape(words)}</text>"
    )
