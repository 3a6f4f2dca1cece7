# SPDX-License-Identifier: Apache-2.0
"""How a plate moves from one frame to another, and pixels fetched along that motion.

Dense optical flow on pictures as a display shows them. Knows arrays; nothing of frames'
numbers, mattes and files. The same pictures give the same flow, with any number of threads.

Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016, by OpenCV's
implementation with its "medium" preset.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError

Flow = NDArray[np.float32]
"""(h, w, 2), in pixels: how far to the right and down each place lies in the other picture."""

LEAST_SIDE = 16
"""Pixels; the coarsest motion that is sought is that of patches of 8 in half the size."""

ASTRAY, ASTRAY_SHARE = 1.0, 0.05
"""A place is sure if it comes back within so many pixels, and so much of its way, of itself."""


@dataclass(frozen=True, eq=False)
class Way:
    """How to get from one picture to another.

    flow    (h, w, 2), see `motion`
    astray  (h, w), pixels by which a place that goes there and back misses itself: much where
            something is hidden in the other picture, or moves too fast to be followed
    """

    flow: Flow
    astray: NDArray[np.float32]

    @cached_property
    def sure(self) -> NDArray[np.bool_]:
        """(h, w), the places that come back to themselves."""
        far = np.hypot(self.flow[..., 0], self.flow[..., 1])
        return np.asarray(self.astray <= ASTRAY + ASTRAY_SHARE * far)


def grey(display: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the lightness that motion is sought in.

    display  (h, w, 3) in [0, 1], as a display shows it
    returns  (h, w) in 0 to 255
    """
    light = np.asarray(display, np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    whole: NDArray[np.uint8] = np.clip(light * 255 + 0.5, 0, 255).astype(np.uint8)
    return whole


def motion(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> Flow:
    """Return where each place of one picture is in another.

    here, there  (h, w), see `grey`
    returns      (h, w, 2): the place (x, y) of `here` lies at (x, y) + flow[y, x] in `there`

    Raises StmatteError if a side is below 16 pixels.
    """
    height, width = here.shape
    if min(height, width) < LEAST_SIDE:
        raise StmatteError(
            f"Pictures of {width}x{height} are too small for optical flow",
            value=(width, height),
            allowed=f"{LEAST_SIDE} pixels or more on either side",
        )
    if np.array_equal(here, there):
        return np.zeros((height, width, 2), np.float32)
    seeker = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = seeker.calc(here, there, None)  # type: ignore[call-overload]  # the stub knows no None
    return np.asarray(found, np.float32)


def ways(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[Way, Way]:
    """Return the way from one picture to another, and the way back."""
    there, back = motion(one, other), motion(other, one)
    return Way(there, _astray(there, back)), Way(back, _astray(back, there))


def _astray(there: Flow, back: Flow) -> NDArray[np.float32]:
    around = there + fetched(back, there)
    return np.asarray(np.hypot(around[..., 0], around[..., 1]), np.float32)


def fetched(pixels: NDArray[Any], flow: Flow) -> NDArray[np.float32]:
    """Return what lies in another picture at the places to which a flow points, bilinearly.

    pixels   (h, w) or (h, w, C) of the other picture
    returns  the same shape; beyond the border, what is on the border
    """
    rows, columns = np.indices(flow.shape[:2], np.float32)
    return np.asarray(
        cv2.remap(
            np.asarray(pixels, np.float32),
            columns + flow[..., 0],
            rows + flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.float32,
    )
