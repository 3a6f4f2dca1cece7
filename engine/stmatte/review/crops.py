# SPDX-License-Identifier: Apache-2.0
"""Where a frame's edge is worth a close look: a window around the most edge there is.

It stays where it was as long as there is nearly as much to see: a window that jumps from
frame to frame shows nothing of how an edge moves.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 96, 160
"""Plate pixels that a crop shows, at most."""

_STAYS = 0.7
"""A window is kept while it has this part of the most edge that could be seen."""

_AROUND = np.ones((3, 3), np.uint8)

Place = tuple[int, int, int, int]
"""Left, top, width and height, in plate pixels."""


def place(matte: NDArray[Any], before: Place | None) -> Place | None:
    """Return where to look at the edge of a matte (H, W); None where it has no edge.

    before  where the frame before was looked at
    """
    height, width = matte.shape
    h, w = min(HEIGHT, height), min(WIDTH, width)
    edge = cv2.morphologyEx(np.asarray(matte, np.float32), cv2.MORPH_GRADIENT, _AROUND)
    if not edge.any():
        return None
    amount = cv2.boxFilter(edge, -1, (w, h), normalize=False, borderType=cv2.BORDER_CONSTANT)
    if before is not None:
        x, y = before[0] + w // 2, before[1] + h // 2
        if amount[y, x] >= _STAYS * amount.max():
            return before
    # Many windows hold all of a small object; the middle one of them shows it in its middle.
    middle = cv2.boxFilter(amount, -1, (w, h), borderType=cv2.BORDER_CONSTANT)
    y, x = np.unravel_index(int(np.argmax(middle)), amount.shape)
    left = int(np.clip(int(x) - w // 2, 0, width - w))
    top = int(np.clip(int(y) - h // 2, 0, height - h))
    return left, top, w, h
