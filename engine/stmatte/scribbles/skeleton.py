# SPDX-License-Identifier: Apache-2.0
"""The middle line of a region, one pixel wide: its medial axis.

Pixels are taken away from the outside in, unless that would cut the region or eat an end. Of
pixels that are equally far outside, a random order decides that is always the same.
Source: scikit-image 0.16's medial axis, which the DAVIS robot draws along.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.scribbles.opening import Mask

_CENTRE = 4
"""Place of the centre in a patch of 3 x 3, row by row."""


def skeleton(mask: Mask) -> Mask:
    """Return the medial axis (H, W) of a mask (H, W); what lies outside the picture is no part."""
    padded = np.pad(mask, 1)
    left = _thinned(padded)
    return left[1:-1, 1:-1]


def _thinned(mask: Mask) -> Mask:
    """Visit each pixel once, in order, and delete it where the table allows that."""
    rows, columns = np.nonzero(mask)
    order = _order(mask, rows, columns)
    keeps = _keeps()
    height, width = mask.shape
    flat = mask.ravel().astype(np.uint8).tolist()
    places = (rows[order] * width + columns[order]).tolist()
    around = [dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    for place in places:
        patch = 0
        for bit, offset in enumerate(around):
            patch |= flat[place + offset] << bit
        if not keeps[patch]:
            flat[place] = 0
    return np.asarray(flat, np.bool_).reshape(height, width)


def _order(mask: Mask, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the order of visits: the outermost first, of these the most exposed, then by lot."""
    away = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    squared = np.rint(away[rows, columns].astype(np.float64) ** 2)
    inside = cv2.boxFilter(mask.astype(np.int32).astype(np.float32), -1, (3, 3), normalize=False)
    exposed = 9 - np.rint(inside[rows, columns])
    # The public robot's own lot, so that its lines come out: numpy's old generator.
    lot = np.random.RandomState(0).permutation(len(rows))
    return np.asarray(np.lexsort((lot, exposed, squared)))


@cache
def _keeps() -> tuple[bool, ...]:
    """Return, for each patch of 3 x 3 as nine bits, whether its centre has to stay.

    It stays if the patch has another number of 8-connected parts without it, or if fewer than
    three pixels of the patch are inside: then it is an end.
    """
    return tuple(_keeps_centre(patch) for patch in range(512))


def _keeps_centre(bits: int) -> bool:
    patch = np.array([bits >> bit & 1 for bit in range(9)], np.uint8).reshape(3, 3)
    without = patch.copy()
    without.flat[_CENTRE] = 0
    return bool(_parts(patch) != _parts(without) or np.count_nonzero(patch) < 3)


def _parts(patch: NDArray[np.uint8]) -> int:
    return int(cv2.connectedComponents(patch, connectivity=8)[0])
