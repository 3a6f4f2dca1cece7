# SPDX-License-Identifier: Apache-2.0
"""Pixels as a page carries them: shrunk pictures, coverage without loss, exact numbers.

Coverage never travels as a picture, which a browser may colour-manage: it travels as
compressed bytes that the page unpacks by itself. Knows arrays and bytes, no files.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_QUALITY = 82
_QUALITY_OF_EDGES = 92
"""A crop is looked at enlarged."""


def picture(display: NDArray[Any], *, close: bool = False) -> str:
    """Return a picture (h, w, 3) in [0, 1] as WebP; `close` where it is looked at enlarged."""
    shown = np.clip(display, 0, 1) * 255 + 0.5
    quality = _QUALITY_OF_EDGES if close else _QUALITY
    bgr = cv2.cvtColor(shown.astype(np.uint8), cv2.COLOR_RGB2BGR)
    _, webp = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return _text(webp.tobytes())


def coverage(matte: NDArray[Any]) -> str:
    """Return a matte (h, w) in [0, 1] in steps of 1/255, packed."""
    steps = np.clip(matte, 0, 1) * np.float32(255) + np.float32(0.5)
    return _text(zlib.compress(steps.astype(np.uint8).tobytes(), 6))


def exact(matte: NDArray[Any]) -> str:
    """Return a matte (H, W) as the bits of its half floats, packed: high bytes, then low ones.

    The two halves apart pack far better; nothing of what a half file says is lost.
    """
    bits = np.ascontiguousarray(matte, np.float16).view(np.uint16)
    return _text(zlib.compress((bits >> 8).astype(np.uint8).tobytes() + _low(bits), 6))


def _low(bits: NDArray[np.uint16]) -> bytes:
    return (bits & 255).astype(np.uint8).tobytes()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
