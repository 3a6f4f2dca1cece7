# SPDX-License-Identifier: Apache-2.0
"""How well a mask agrees with the truth: its region (J) and its contour (F).

Functions of two masks of one frame. What is done with the numbers of many frames is
`statistics`; where the masks come from is `davis` and `scoring`.
Source: Perazzi et al., "A Benchmark Dataset and Evaluation Methodology for Video Object
Segmentation", CVPR 2016, section 4; the details follow the public DAVIS evaluation.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError

Mask = NDArray[Any]
"""(H, W), bool or whole numbers; everything but 0 is inside."""
Inside = NDArray[np.bool_]


def jaccard(prediction: Mask, truth: Mask, void: Mask | None = None) -> float:
    """Return J, the area that two masks share divided by the area that they cover together.

    prediction, truth   (H, W) masks
    void                (H, W) mask of places that are not judged, or None
    returns             0 to 1; 1 where both masks are empty

    Raises StmatteError if sizes differ or a mask is soft.
    """
    predicted, true = _both(prediction, truth, void)
    union = np.count_nonzero(predicted | true)
    return np.count_nonzero(predicted & true) / union if union else 1.0


def f_measure(
    prediction: Mask, truth: Mask, *, bound: float = 0.008, void: Mask | None = None
) -> float:
    """Return F, how much of two contours lies within a small distance of the other one.

    prediction, truth   (H, W) masks
    bound               the distance: a part of the picture's diagonal if below 1
                        (rounded up to whole pixels), else whole pixels
    void                (H, W) mask of places that are not judged, or None; both masks
                        are emptied there, so the edge of the void acts as a contour
    returns             0 to 1, the harmonic mean of precision and recall

    An edge of the picture is no contour. An empty and a full mask both have no contour
    at all and agree: F is 1 where J is 0.

    Raises StmatteError if sizes differ, a mask is soft, or `bound` makes no radius.
    """
    predicted, true = _both(prediction, truth, void)
    radius = _radius(bound, predicted.shape)
    contour_p, contour_t = _cut_to_contours(boundary_map(predicted), boundary_map(true))
    found_p, found_t = np.count_nonzero(contour_p), np.count_nonzero(contour_t)
    if not found_p or not found_t:
        # One contour alone gives precision and recall 0 and 1, in either order.
        return 1.0 if found_p == found_t else 0.0
    precision = np.count_nonzero(contour_p & _dilate(contour_t, radius)) / found_p
    recall = np.count_nonzero(contour_t & _dilate(contour_p, radius)) / found_t
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def boundary_map(mask: Mask) -> Inside:
    """Return the places that differ from their right, lower or lower right neighbour.

    mask      (H, W) mask
    returns   (H, W) bool, a contour one pixel wide, on the upper left side of the edge

    No place outside the picture is consulted: the last row looks to the right only, the
    last column looks down only, the last corner is never a contour.
    """
    inside = _inside(mask)
    edge = np.zeros_like(inside)
    edge[:, :-1] |= inside[:, :-1] != inside[:, 1:]
    edge[:-1, :] |= inside[:-1, :] != inside[1:, :]
    edge[:-1, :-1] |= inside[:-1, :-1] != inside[1:, 1:]
    return edge


def _both(prediction: Mask, truth: Mask, void: Mask | None) -> tuple[Inside, Inside]:
    """Return both masks as bool with the void emptied, after looking at their sizes."""
    predicted, true = _inside(prediction), _inside(truth)
    _check_size("The prediction", predicted, true)
    if void is None:
        return predicted, true
    judged = ~_inside(void)
    _check_size("The void mask", judged, true)
    return predicted & judged, true & judged


def _inside(mask: Mask) -> Inside:
    array = np.asarray(mask)
    if array.ndim != 2:
        raise StmatteError(
            f"A mask has the shape {array.shape}",
            value=array.shape,
            allowed="a mask is (height, width)",
        )
    if array.dtype.kind not in "biu":
        raise StmatteError(
            f"A mask holds numbers of type {array.dtype}",
            value=str(array.dtype),
            allowed="measures compare hard masks, bool or whole numbers",
            repair="Threshold the soft matte first, for instance matte >= 0.5",
        )
    return np.asarray(array, dtype=np.bool_)


def _check_size(name: str, mask: Inside, truth: Inside) -> None:
    if mask.shape != truth.shape:
        (height, width), (true_height, true_width) = mask.shape, truth.shape
        raise StmatteError(
            f"{name} is {width}x{height}, the truth is {true_width}x{true_height}",
            value=(width, height),
            allowed="both have the same size",
            repair="Scale the masks to the size of the truth before scoring",
        )


def _radius(bound: float, shape: tuple[int, ...]) -> int:
    if bound <= 0 or (bound >= 1 and bound != int(bound)):
        raise StmatteError(
            f"Bound {bound} gives no radius",
            value=bound,
            allowed="a part of the diagonal above 0 and below 1, or whole pixels",
        )
    return int(bound) if bound >= 1 else math.ceil(bound * math.hypot(*shape))


def _cut_to_contours(first: Inside, second: Inside) -> tuple[Inside, Inside]:
    """Cut both maps to the box that holds every contour of either.

    Only contour places are asked, and only contour places can answer, so nothing is
    lost; a small object costs a small dilation.
    """
    either = first | second
    rows, columns = np.flatnonzero(either.any(axis=1)), np.flatnonzero(either.any(axis=0))
    if not rows.size:
        return first, second
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return first[box], second[box]


def _dilate(contour: Inside, radius: int) -> Inside:
    """Return the places within `radius` of a contour; outside the picture is empty."""
    offsets = np.arange(-radius, radius + 1)
    disk = (offsets[:, None] ** 2 + offsets**2 <= radius**2).astype(np.uint8)
    grown = cv2.dilate(
        contour.astype(np.uint8), disk, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(grown, dtype=np.bool_)
