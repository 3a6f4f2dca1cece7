# SPDX-License-Identifier: Apache-2.0
"""Flicker: how a matte changes from frame to frame where the plate's motion doesn't say so.

Of a matte's edge, the contour where it is 0.5, two numbers are known on every frame, both in
pixels. The *change* compares it with the frame before: a step that stays is seen once, as a
pop. The *chatter* compares it with both neighbours and counts only what lies beyond both on
the same side. An edge that flow led too slowly lies between them, so that errors of the flow
cancel, and what comes and goes remains.

Knows arrays; nothing of files, and nothing of how much is too much.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.evaluation.contour import Points, away, contour, sampled
from stmatte.images.motion import Flow, Way, fetched

Matte = NDArray[np.float32]

MARGIN = 4
"""Pixels at the border of the picture where nothing is measured: motion comes from outside."""
FURTHEST = 16.0
"""Pixels; what is further away is another edge, and counts as this far."""
BAND = 4
"""Pixels on either side of the contour that are the edge band."""
SOLID, DEEP, REACH = 0.9, 2, 4.0
"""Where a matte is solid; so many pixels within, motion is the object's own; so far it reaches."""
FEWEST = 20
"""Points of contour below which nothing is measured."""


@dataclass(frozen=True)
class Neighbour:
    """The matte of a neighbouring frame, and the plate's way to it.

    matte  (h, w) in [0, 1]
    way    from the frame that is measured to the neighbour
    """

    matte: Matte
    way: Way


@dataclass(frozen=True)
class Flicker:
    """How much a matte's edge moves by itself on one frame. None where that is not known.

    change    pixels between the contour and that of the frame before, the mean along it
    chatter   pixels by which the contour lies beyond those of both neighbours, the mean
    worst     the same, of the worst twentieth of the contour
    residual  mean difference from the frame before within the edge band, in [0, 1]
    sure      share of the contour whose motion is known; nothing is said of the rest
    """

    change: float | None = None
    chatter: float | None = None
    worst: float | None = None
    residual: float | None = None
    sure: float = 0.0


def flicker(matte: Matte, before: Neighbour | None, after: Neighbour | None) -> Flicker:
    """Measure a matte (h, w) on one frame against its neighbours, where there are any."""
    there = tuple(n for n in (before, after) if n is not None and len(contour(n.matte)))
    points = _within(contour(matte), matte)
    if len(points) < FEWEST or not there:
        return Flicker()
    sure = np.ones(len(points), np.bool_)
    for neighbour in there:
        sure &= sampled(neighbour.way.sure.astype(np.float32), points) > 0.5
    share = float(sure.mean())
    points = points[sure]
    if len(points) < FEWEST:
        return Flicker(sure=share)
    led = [fetched(neighbour.matte, _from_inside(neighbour.way, matte)) for neighbour in there]
    steps = [np.clip(away(points, matte), -FURTHEST, FURTHEST) for matte in led]
    change = residual = chatter = worst = None
    if there[0] is before:
        change = float(np.abs(steps[0]).mean())
        residual = _residual(matte, led[0], there[0].way.sure)
    if len(there) == 2:
        beyond = _beyond(*steps)
        chatter = float(beyond.mean())
        worst = float(np.sort(beyond)[-max(1, len(beyond) // 20) :].mean())
    return Flicker(change, chatter, worst, residual, share)


def _from_inside(way: Way, matte: Matte) -> Flow:
    """Return the flow (h, w, 2), with the motion of the inside carried out over the edge.

    Flow is a mixture on the edge of what moves, but the edge belongs to what it encloses.
    Where nothing solid is near, as in single hairs, the flow stays as it is.
    """
    solid = (way.sure & (matte >= SOLID)).astype(np.float32)
    deep = cv2.erode(solid, np.ones((2 * DEEP + 1, 2 * DEEP + 1), np.uint8))
    weight = cv2.GaussianBlur(deep, (0, 0), REACH)[..., None]
    inner = cv2.GaussianBlur(way.flow * deep[..., None], (0, 0), REACH)
    known = weight > 1e-3
    return np.where(known, inner / np.where(known, weight, 1), way.flow).astype(np.float32)


def _within(points: Points, matte: Matte) -> Points:
    """Return the points that are not too near to the picture's border."""
    height, width = matte.shape
    last = np.array([width - 1 - MARGIN, height - 1 - MARGIN], np.float32)
    return points[((points >= MARGIN) & (points <= last)).all(axis=1)]


def _beyond(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far a place lies beyond both contours; 0 if it lies between them."""
    same = np.sign(one) == np.sign(other)
    return np.where(same, np.minimum(np.abs(one), np.abs(other)), np.float32(0))


def _residual(matte: Matte, led: Matte, sure: NDArray[np.bool_]) -> float | None:
    inside = (matte >= 0.5).astype(np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND + 1, 2 * BAND + 1))
    band = (cv2.dilate(inside, disk) > cv2.erode(inside, disk)) & sure
    return float(np.abs(matte - led)[band].mean()) if band.any() else None
