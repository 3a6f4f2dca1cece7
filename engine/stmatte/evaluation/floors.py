# SPDX-License-Identifier: Apache-2.0
"""Floors that every network has to beat: ways to propagate a mask that learn nothing.

A `Method` is all that evaluation knows about propagating. Networks are handed in by the
caller in the same shape, so no network is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.pictures import Picture

Matte = NDArray[np.float32]
"""(H, W) in [0, 1], soft."""
Method = Callable[[Iterable[Picture], Matte], Iterator[Matte]]
"""(frames, matte of the first frame) -> one matte per frame, the first one included."""

FLOW_LEAST_SIDE = 16
"""Pixels; the coarsest flow that is sought moves patches of 8 in a picture of half the size."""


def copy_first(frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
    """Yield the first frame's matte for every frame.

    frames   (H, W, 3) uint8 RGB each
    first    (H, W) in [0, 1]
    """
    for _ in frames:
        yield first


def dis_flow(frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
    """Carry the first matte from frame to frame along dense optical flow.

    frames   (H, W, 3) uint8 RGB each, of one size
    first    (H, W) in [0, 1]

    The flow is sought from each frame back to the one before it, so that every place
    knows where to fetch from and no holes arise. The matte is fetched bilinearly and
    stays soft; what comes from outside the picture is 0. Errors add up: nothing ever
    looks at the first frame again.

    Raises StmatteError if a side is below 16 pixels.
    Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016, by
    OpenCV's implementation with its "medium" preset.
    """
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    height, width = first.shape
    if min(height, width) < FLOW_LEAST_SIDE:
        raise StmatteError(
            f"Frames of {width}x{height} are too small for optical flow",
            value=(width, height),
            allowed=f"{FLOW_LEAST_SIDE} pixels or more on either side",
        )
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    matte, before = first.astype(np.float32), None
    for frame in frames:
        now = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        if before is not None:
            # (H, W, 2): how far off each place was before, x and y. The stub knows no None.
            back = flow.calc(now, before, None)  # type: ignore[call-overload]
            matte = np.asarray(
                cv2.remap(
                    matte,
                    columns + back[..., 0],
                    rows + back[..., 1],
                    cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_CONSTANT,
                    borderValue=0,
                ),
                dtype=np.float32,
            )
        yield matte
        before = now


FLOORS = MappingProxyType({"copy-first": copy_first, "dis-flow": dis_flow})
"""Name on the command line -> method."""
