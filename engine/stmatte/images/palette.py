# SPDX-License-Identifier: Apache-2.0
"""The numbers behind the colours of a palette PNG.

Label pictures (as of DAVIS, VOC or COCO) keep the label in the palette index, while both
OpenImageIO and OpenCV hand out the colours alone. So the file's header is rewritten in
memory to say that the indices are grey values, the palette is left away, and OpenCV
decodes that: exact also where two labels have the same colour.
Source: Portable Network Graphics specification (W3C), sections 5 and 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE, _GREY = 3, 0


def palette_indices(path: Path) -> NDArray[np.uint8] | None:
    """Return the (H, W) uint8 palette indices of a PNG, or None if it is no palette PNG.

    The file must be known to be whole: a damaged one gives None or wrong pixels.
    """
    with path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return None
        content = _SIGNATURE + file.read()
    grey = [_SIGNATURE]
    depth = 8
    for kind, body in _chunks(content):
        if kind == b"IHDR":
            depth, colour = body[8], body[9]
            if colour != _PALETTE:
                return None
            grey.append(_chunk(kind, body[:9] + bytes([_GREY]) + body[10:]))
        elif kind in (b"IDAT", b"IEND"):
            grey.append(_chunk(kind, body))
    decoded = cv2.imdecode(np.frombuffer(b"".join(grey), np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        return None
    # Grey of 1, 2 or 4 bits is spread over 0-255 by the decoder: 4 bits in steps of 17.
    return np.asarray(decoded // (255 // (2**depth - 1)), dtype=np.uint8)


def palette_png(indices: NDArray[np.uint8]) -> bytes:
    """Return a palette PNG of the numbers (H, W) uint8, in the colours of VOC and DAVIS.

    `palette_indices` of it gives the numbers back.
    """
    _, grey = cv2.imencode(".png", indices)
    parts = [_SIGNATURE]
    for kind, body in _chunks(grey.tobytes()):
        if kind == b"IHDR":
            parts.append(_chunk(kind, body[:9] + bytes([_PALETTE]) + body[10:]))
            parts.append(_chunk(b"PLTE", _colours()))
        elif kind in (b"IDAT", b"IEND"):
            parts.append(_chunk(kind, body))
    return b"".join(parts)


def _colours() -> bytes:
    """Return 256 colours: the bits of a number, dealt out to red, green and blue in turn."""
    table = bytearray()
    for number in range(256):
        for channel in range(3):
            bits = (number >> (3 * step + channel) & 1 for step in range(8))
            table.append(sum(bit << (7 - step) for step, bit in enumerate(bits)))
    return bytes(table)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
