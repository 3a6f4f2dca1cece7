# SPDX-License-Identifier: Apache-2.0
"""What is left of a region after a disk has been rolled around inside of it.

The disk may have any radius, whole or not, and then it is lopsided and the opening moves what
is left by a pixel: so does the public robot, and its strokes are the reference. Knows masks.
Source: davisinteractive 1.0.4 with scikit-image 0.16's grey erosion and dilation.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""(H, W); True is inside."""

SHRINKS = 0.9
"""By this a radius shrinks where nothing of the region is left."""


def disk(radius: float) -> NDArray[np.uint8]:
    """Return (n, n), 1 within `radius` of its middle: n is 2 * radius + 1, rounded up."""
    side = math.ceil(2 * radius + 1)
    steps = -radius + np.arange(side)
    return np.asarray(steps[:, None] ** 2 + steps[None, :] ** 2 <= radius**2, np.uint8)


def eroded(mask: Mask, radius: float) -> Mask:
    """Return the places from which the whole disk lies in the mask.

    What lies outside the picture is not asked; where all of the disk does, the place is out.
    """
    kernel, anchor = disk(radius), _middle(radius)
    inside = cv2.erode(
        mask.astype(np.uint8), kernel, anchor=anchor, borderType=cv2.BORDER_CONSTANT, borderValue=1
    )
    asked = cv2.dilate(
        np.ones(mask.shape, np.uint8),
        kernel,
        anchor=anchor,
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(inside, np.bool_) & np.asarray(asked, np.bool_)


def dilated(mask: Mask, radius: float) -> Mask:
    """Return the places from which the disk reaches the mask; the same disk, not mirrored."""
    grown = cv2.dilate(
        mask.astype(np.uint8),
        disk(radius),
        anchor=_middle(radius),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return np.asarray(grown, np.bool_)


def opened(mask: Mask, kernel_size: float, most: float) -> Mask:
    """Return the mask without what is too thin, as thick a disk as leaves something.

    kernel_size  the disk's diameter as a part of the root of the mask's area
    most         largest radius in pixels
    returns      the mask itself if the disk is a pixel from the start; nothing if it
                 becomes one because nothing was left before
    """
    radius = min(0.5 * kernel_size * math.sqrt(np.count_nonzero(mask)), most)
    if radius <= 1:
        return mask
    while radius > 1:
        left = dilated(eroded(mask, radius), radius)
        if left.any():
            return left
        radius *= SHRINKS
    return np.zeros_like(mask)


def _middle(radius: float) -> tuple[int, int]:
    middle = math.ceil(2 * radius + 1) // 2
    return middle, middle
