# SPDX-License-Identifier: Apache-2.0
"""A matte made steadier by its neighbours in time, fetched along the plate's motion.

At every place the matte becomes a mean of itself and of what the frames before and after
have where the plate's motion leads. A neighbour counts as far as its place is found again
from there, as far as the picture has the same colour, and as far as the mattes are near to each
other: what is hidden, too fast or blurred otherwise says nothing, and a limb that is lost on
one frame is no flicker. All three fade out, for a border between what counts and what doesn't
would be seen. Knows arrays; nothing of frames, objects and files.
Why so: engine/decisions/0010-steady.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.images.geometry import to_working
from stmatte.images.motion import Way, fetched

Matte = NDArray[np.float32]
View = NDArray[np.float32]

ALIKE = 0.06
"""Difference of colour, in [0, 1], at which a neighbour counts for 1/e."""
ASTRAY = 1.0
"""Pixels by which a place may miss itself, there and back, to count for 1/e."""
NEAR = 0.4
"""Difference of the mattes at which a neighbour counts for 1/e."""
SPOT = 1.5
"""Pixels over which colours and ways are compared; grain alone is no difference."""


@dataclass(frozen=True)
class Lead:
    """How a neighbouring frame is come by, and how far it counts.

    way    from the frame to its neighbour
    share  (h, w) in [0, 1], how much the neighbour counts beside the frame's own 1
    """

    way: Way
    share: Matte


def lead(view: View, neighbour: View, way: Way) -> Lead:
    """Return how far a neighbour counts at every place.

    view, neighbour  (h, w, 3) in [0, 1], as a display shows them
    way              from the first to the second, see `motion.ways`
    """
    apart = np.abs(view - fetched(neighbour, way.flow)).mean(axis=2)
    unlike = _smooth(apart) / np.float32(ALIKE), _smooth(way.astray) / np.float32(ASTRAY)
    return Lead(way, np.exp(-(unlike[0] ** 2) - unlike[1] ** 2))


def steadied(matte: Matte, neighbours: tuple[tuple[Matte, Lead], ...]) -> Matte:
    """Return a matte (h, w) that comes and goes less than it did.

    neighbours   each with its matte (h, w) and how it is come by; their grid may be coarser
                 or finer than that of the matte

    Where all agree, the matte keeps its very bits.
    """
    height, width = matte.shape
    change, total = np.zeros_like(matte), np.ones_like(matte)
    for other, led in neighbours:
        flow, share = led.way.flow, led.share
        if share.shape != matte.shape:
            scale = np.array([width / share.shape[1], height / share.shape[0]], np.float32)
            flow, share = to_working(flow, matte.shape) * scale, to_working(share, matte.shape)
        if other.shape != matte.shape:
            other = to_working(other, matte.shape)
        apart = fetched(other, flow) - matte
        share = share * np.exp(-((apart / np.float32(NEAR)) ** 2))
        change += share * apart
        total += share
    return np.asarray(matte + change / total, np.float32)


def _smooth(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), SPOT), np.float32)
