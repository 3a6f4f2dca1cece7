# SPDX-License-Identifier: Apache-2.0
"""The contour of a soft matte, where it is 0.5, to a fraction of a pixel.

Knows arrays. Points are (x, y), and the centre of the first pixel is (0, 0).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Matte = NDArray[np.float32]
Points = NDArray[np.float32]
"""(P, 2) of x and y."""

NEAR = 3.0
"""Pixels; nearer than this, the distance to a contour is measured square to it."""


def contour(matte: Matte) -> Points:
    """Return where a matte (h, w) crosses 0.5 between neighbouring pixels, (P, 2)."""
    found = []
    for along_x in (True, False):
        here, after = (matte[:, :-1], matte[:, 1:]) if along_x else (matte[:-1], matte[1:])
        rows, columns = np.nonzero((here >= 0.5) != (after >= 0.5))
        low, high = here[rows, columns], after[rows, columns]
        part = (0.5 - low) / (high - low)
        found.append(
            np.stack([columns + part, rows] if along_x else [columns, rows + part], axis=1)
        )
    return np.asarray(np.concatenate(found), np.float32)


def away(points: Points, matte: Matte) -> NDArray[np.float32]:
    """Return how far points lie from a matte's contour, in pixels; below 0 inside of it.

    points   (P, 2) within the picture
    returns  (P,); infinite where the matte has no contour
    """
    edge = contour(matte)
    inside = sampled(matte, points) >= 0.5
    if not len(edge):
        return np.asarray(np.where(inside, -np.inf, np.inf), np.float32)
    nearest = _nearest(points, edge, matte.shape)
    offset = points - edge[nearest]
    straight = np.hypot(offset[:, 0], offset[:, 1])
    # the nearest point that is known lies up to half a pixel along the contour
    square = np.abs((offset * _normals(matte, edge)[nearest]).sum(axis=1))
    far = np.where(straight < NEAR, square, straight)
    return np.asarray(np.where(inside, -far, far), np.float32)


def sampled(pixels: NDArray[np.float32], points: Points) -> NDArray[np.float32]:
    """Return the numbers (P,) that a picture (h, w) has at points (P, 2), bilinearly."""
    height, width = pixels.shape
    x = np.clip(points[:, 0], 0, width - 1)
    y = np.clip(points[:, 1], 0, height - 1)
    left = np.minimum(x.astype(np.intp), max(width - 2, 0))
    top = np.minimum(y.astype(np.intp), max(height - 2, 0))
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = x - left, y - top
    upper = pixels[top, left] * (1 - across) + pixels[top, right] * across
    lower = pixels[bottom, left] * (1 - across) + pixels[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def _nearest(points: Points, edge: Points, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """Return, for every point, which point of the contour is nearest, to within a pixel."""
    away_from = np.ones(shape, np.uint8)
    cells = np.rint(edge).astype(np.intp)
    away_from[cells[:, 1], cells[:, 0]] = 0
    _, labels = cv2.distanceTransformWithLabels(
        away_from, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    by_label = np.zeros(int(labels.max()) + 1, np.intp)
    by_label[labels[cells[:, 1], cells[:, 0]]] = np.arange(len(edge))
    at = np.rint(points).astype(np.intp)
    return np.asarray(by_label[labels[at[:, 1], at[:, 0]]])


def _normals(matte: Matte, points: Points) -> Points:
    """Return the directions (P, 2), of length 1, in which a matte rises at points."""
    soft = cv2.GaussianBlur(matte, (0, 0), 1.0, borderType=cv2.BORDER_REPLICATE)
    across = np.asarray(cv2.Scharr(soft, cv2.CV_32F, 1, 0), np.float32)
    down = np.asarray(cv2.Scharr(soft, cv2.CV_32F, 0, 1), np.float32)
    normals = np.stack([sampled(across, points), sampled(down, points)], axis=1)
    lengths = np.maximum(np.hypot(normals[:, :1], normals[:, 1:]), np.float32(1e-12))
    return np.asarray(normals / lengths, np.float32)
