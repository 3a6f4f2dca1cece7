# SPDX-License-Identifier: Apache-2.0
"""From the plate's pixels to the network's, and back.

Both ways keep pixel centres: the picture's outer borders coincide, so the centre of
pixel i lies at i + 0.5, and nothing shifts by half a pixel. The network sees square pixels:
an anamorphic plate is widened for it, and its mattes are squeezed again.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Size = tuple[int, int]


def working_size(size: Size, working_height: int, pixel_aspect: float = 1.0) -> Size:
    """Return (h, w) at which the network sees a plate of `size` (H, W).

    pixel_aspect  width of a plate's pixel over its height; the network's are square

    The picture's aspect is kept to the nearest pixel; a plate that is lower than
    `working_height` keeps its height.
    """
    height = min(size[0], working_height)
    width = math.floor(size[1] * pixel_aspect * height / size[0] + 0.5)
    return height, max(1, width)


def to_working(pixels: NDArray[Any], size: Size) -> NDArray[np.float32]:
    """Scale a picture or a matte to `size` (h, w): by area where it shrinks, else linearly.

    pixels   (H, W) or (H, W, 3) in any range
    returns  (h, w) or (h, w, 3) float32 in the same range
    """
    pixels = np.ascontiguousarray(pixels, dtype=np.float32)
    least = (min(size[0], pixels.shape[0]), min(size[1], pixels.shape[1]))
    # One after the other: cv2's area filter would not keep pixel centres where it enlarges.
    for target, way in ((least, cv2.INTER_AREA), (size, cv2.INTER_LINEAR)):
        if pixels.shape[:2] != tuple(target):
            scaled = cv2.resize(pixels, (target[1], target[0]), interpolation=way)
            pixels = np.asarray(scaled, np.float32)
    return pixels


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
