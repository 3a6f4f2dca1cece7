# SPDX-License-Identifier: Apache-2.0
"""From the plate's pixels to the network's, and back.

Both ways keep pixel centres: the picture's outer borders coincide, so the centre of
pixel i lies at i + 0.5, and nothing shifts by half a pixel. Pixel aspect is not looked
at: the network sees anamorphic pixels as if they were square.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Size = tuple[int, int]


def working_size(size: Size, working_height: int) -> Size:
    """Return (h, w) at which the network sees a plate of `size` (H, W).

    The aspect is kept to the nearest pixel; a plate that is lower than `working_height`
    stays as it is.
    """
    height, width = size
    if height <= working_height:
        return size
    return working_height, max(1, (2 * width * working_height + height) // (2 * height))


def to_working(pixels: NDArray[Any], size: Size) -> NDArray[np.float32]:
    """Scale a picture or a matte to `size` (h, w), by area where that is smaller.

    pixels   (H, W) or (H, W, 3) in any range
    returns  (h, w) or (h, w, 3) float32 in the same range
    """
    pixels = np.ascontiguousarray(pixels, dtype=np.float32)
    if pixels.shape[:2] == tuple(size):
        return pixels
    shrinks = size[0] <= pixels.shape[0] and size[1] <= pixels.shape[1]
    # cv2's area filter would not keep pixel centres when it enlarges.
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    scaled = cv2.resize(pixels, (size[1], size[0]), interpolation=way)
    return np.asarray(scaled, dtype=np.float32)


def to_plate(matte: NDArray[Any], size: Size) -> NDArray[np.float32]:
    """Scale a matte (h, w) to the plate's `size` (H, W), bilinear.

    returns  (H, W) float32 in [0, 1]
    """
    matte = np.ascontiguousarray(matte, dtype=np.float32)
    if matte.shape != tuple(size):
        matte = np.asarray(
            cv2.resize(matte, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), np.float32
        )
    clamped: NDArray[np.float32] = np.clip(matte, 0, 1)
    return clamped
