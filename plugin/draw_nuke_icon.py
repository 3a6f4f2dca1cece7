# SPDX-License-Identifier: Apache-2.0
"""Draws the icon of the node in Nuke's menu: `python plugin/draw_nuke_icon.py FILE`.

A soft matte over a checkerboard, with a key on either side. The same bytes everywhere: nothing is
compressed, and no picture library is asked.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

SIZE = 24
"""Width and height in pixels, as Nuke's own icons are."""
SAMPLES = 4
"""Points in a row of a pixel that are looked at."""

DARK, LIGHT = 70, 110
KEYS = ((4.0, 12.0), (20.0, 12.0))
KEY_COLOUR = (255, 170, 40)


def icon() -> bytes:
    """Return the picture as a PNG file."""
    rows = b"".join(b"\0" + bytes(_row(y)) for y in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)  # 8 bits, RGB
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, content) for name, content in parts)


def _part(name: bytes, content: bytes) -> bytes:
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def _row(y: int) -> Iterator[int]:
    for x in range(SIZE):
        for colour in zip(*_samples(x, y), strict=True):
            yield round(sum(colour) / len(colour))


def _samples(x: int, y: int) -> Iterator[tuple[float, float, float]]:
    for i in range(SAMPLES):
        for j in range(SAMPLES):
            yield _colour(x + (i + 0.5) / SAMPLES, y + (j + 0.5) / SAMPLES)


def _colour(x: float, y: float) -> tuple[float, float, float]:
    """The colour at a point: a key, or white by the matte over the board."""
    if any(abs(x - at) + abs(y - down) < 3 for at, down in KEYS):
        return KEY_COLOUR
    board = LIGHT if (int(x) // 6 + int(y) // 6) % 2 else DARK
    away = ((x - 12) ** 2 + (y - 12) ** 2) ** 0.5
    matte = min(1.0, max(0.0, (10 - away) / 3))
    return (board + (255 - board) * matte,) * 3


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(icon())
