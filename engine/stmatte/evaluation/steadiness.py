# SPDX-License-Identifier: Apache-2.0
"""How steady an object's edge is: what it does by itself, how evenly it is off, how it pops.

What a supervisor looks at, in pixels. The *jitter* of a frame is how far the edge lies from that
of the frame before after the plate's motion is taken away (`flicker.Flicker.change`); an object
that truly changes its shape has some, so the truth's own is measured in the same way and told
beside it. The *offset* is how far outside of the true edge ours lies. Knows arrays and frames'
numbers; nothing of files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from statistics import fmean, median

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.evaluation.contour import away, contour
from stmatte.evaluation.flicker import FURTHEST, Neighbour, flicker
from stmatte.images.motion import LEAST_SIDE, Way, ways

Matte = NDArray[np.float32]
Box = tuple[slice, slice]

SMOOTH = 1.0
"""Pixels by which a hard mask is blurred, so that its edge lies between pixels as it should."""
AROUND = 48
"""Pixels around an object in which the plate's motion is sought."""
NEAR = 4
"""A pop is what a frame does beyond those so near to it."""
SURE = 0.3
"""Share of the edge whose motion must be known for a frame to count."""
FEWEST = 20
"""Points of an edge below which its offset says nothing."""


@dataclass(frozen=True)
class Offset:
    """Where the edge of one frame lies beside the true one.

    mean    pixels, above 0 outside of the truth
    within  standard deviation along the edge
    """

    mean: float
    within: float


def softened(mask: NDArray[np.bool_]) -> Matte:
    """Return a hard mask (h, w) as a matte whose 0.5 contour is smooth."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), SMOOTH), np.float32)


def around(masks: Sequence[NDArray[np.bool_]]) -> Box | None:
    """Return the part of the picture in which objects are, and some more; None for nothing.

    masks  (h, w) each, those of the frames that are compared
    """
    either = np.logical_or.reduce(masks)
    rows, columns = np.flatnonzero(either.any(axis=1)), np.flatnonzero(either.any(axis=0))
    if not rows.size:
        return None
    top, left = max(0, rows[0] - AROUND), max(0, columns[0] - AROUND)
    box = slice(top, int(rows[-1]) + AROUND + 1), slice(left, int(columns[-1]) + AROUND + 1)
    height, width = either[box].shape
    return box if min(height, width) >= LEAST_SIDE else None


def way_back(before: NDArray[np.uint8], here: NDArray[np.uint8]) -> Way:
    """Return the plate's way from a frame to the one before, both (h, w), see `motion.grey`."""
    return ways(before, here)[1]


def jitter(matte: Matte, before: Matte, back: Way) -> float | None:
    """Return how many pixels the edge moved by itself since the frame before; None: not known."""
    found = flicker(matte, Neighbour(before, back), None)
    return found.change if found.sure >= SURE else None


def offset(matte: Matte, truth: Matte) -> Offset | None:
    """Return how far a matte's edge lies outside of the true one; None where either has none.

    What is further away than 16 pixels is another edge: that is an error, but no offset.
    """
    points = contour(matte)
    if len(points) < FEWEST or len(contour(truth)) < FEWEST:
        return None
    far = away(points, truth)
    near = far[np.abs(far) <= FURTHEST].astype(np.float64)
    if len(near) < FEWEST:
        return None
    return Offset(float(near.mean()), float(near.std()))


def pop(jitters: Mapping[int, float | None], key: int) -> float | None:
    """Return how many pixels the edge jumps at a key, beyond what frames near it do.

    jitters  frame -> what the edge did since the frame before
    key      the jump into it and the one out of it count, the larger one of both

    None where neither is known, or nothing near is. Below 0 is a key that is calmer.
    """
    known = {frame: value for frame, value in jitters.items() if value is not None}
    own = [known[frame] for frame in (key, key + 1) if frame in known]
    near = [
        known[frame]
        for frame in range(key - NEAR, key + NEAR + 2)
        if frame in known and frame not in (key, key + 1)
    ]
    return max(own) - median(near) if own and near else None


def steadiness(
    ours: Mapping[int, float | None],
    true: Mapping[int, float | None],
    offsets: Sequence[Offset | None],
    keys: Collection[int],
) -> dict[str, float]:
    """Return the measures of one object over its frames; NaN where a measure is not known.

    ours, true  frame -> jitter of the matte, and of the truth
    offsets     of the frames that were computed; those of keys are 0 and say nothing
    keys        keyed frames
    """
    both = [frame for frame, value in ours.items() if None not in (value, true.get(frame))]
    known = [each for each in offsets if each is not None]
    means = np.array([each.mean for each in known])
    quarters = np.percentile(means, [25, 75]) if known else np.array([nan, nan])
    pops, true_pops = ([pop(series, key) for key in sorted(keys)] for series in (ours, true))
    return {
        **_series("jitter", [ours[frame] for frame in both]),
        **_series("truth-jitter", [true[frame] for frame in both]),
        "offset": float(means.mean()) if known else nan,
        "offset-spread": float(means.std()) if known else nan,
        "offset-iqr": float(quarters[1] - quarters[0]),
        "offset-within": fmean(each.within for each in known) if known else nan,
        "pop": _worst(pops),
        "truth-pop": _worst(true_pops),
    }


def _series(name: str, values: Sequence[float | None]) -> dict[str, float]:
    known = [value for value in values if value is not None]
    return {name: median(known) if known else nan, f"{name}-worst": _worst(values)}


def _worst(values: Sequence[float | None]) -> float:
    return max((value for value in values if value is not None), default=nan)
