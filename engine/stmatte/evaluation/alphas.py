# SPDX-License-Identifier: Apache-2.0
"""How far soft mattes are from true ones, where it matters: in a band around the true edge.

Knows arrays. Source: Rhemann et al., "A Perceptually Motivated Online Benchmark for Image
Matting", CVPR 2009 (SAD, MSE, gradient; the band takes the place of the trimap's grey).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Matte = NDArray[np.float32]

BAND = 6
"""Pixels beyond the true edge, and beyond where the truth is soft, that are judged."""
SIGMA = 1.4
"""Pixels; the Gaussian that gradients are taken of, as in the paper."""
SOFT = 1 / 64
"""A matte nearer to 0 or 1 than this is solid."""


@dataclass(frozen=True)
class AlphaError:
    """What is wrong in the band of one frame.

    mean      absolute error, 0 to 1
    sad       sum of absolute errors, in thousands, as the paper's tables have it
    squared   mean of squared errors
    gradient  sum of squared differences of the gradients' lengths, in thousands
    soft      how soft the matte is, the sum of 4 a (1 - a) in the band
    due       how soft the truth is
    """

    mean: float
    sad: float
    squared: float
    gradient: float
    soft: float
    due: float


def alpha_error(matte: Matte, truth: Matte) -> AlphaError | None:
    """Compare a matte (h, w) with the true one, both in [0, 1]; None if the truth has no edge."""
    band = edge_band(truth)
    if not band.any():
        return None
    apart = np.abs(matte - truth)[band].astype(np.float64)
    steeper = (_gradient(matte) - _gradient(truth))[band].astype(np.float64)
    return AlphaError(
        float(apart.mean()),
        float(apart.sum() / 1000),
        float((apart**2).mean()),
        float((steeper**2).sum() / 1000),
        float((4 * matte * (1 - matte))[band].sum()),
        float((4 * truth * (1 - truth))[band].sum()),
    )


def edge_band(truth: Matte) -> NDArray[np.bool_]:
    """Return where a true matte is soft or changes sides, and what lies around that."""
    inside = (truth >= 0.5).astype(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    crossed = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, cross) > 0
    edge = crossed | ((truth > SOFT) & (truth < 1 - SOFT))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND + 1, 2 * BAND + 1))
    return np.asarray(cv2.dilate(edge.astype(np.uint8), disk) > 0)


def _gradient(matte: Matte) -> NDArray[np.float32]:
    """Return the length of the gradient of a matte that was smoothed by a Gaussian."""
    reach = np.arange(-6, 7, dtype=np.float64)
    bell = np.exp(-(reach**2) / (2 * SIGMA**2))
    bell /= bell.sum()
    slope = -reach / SIGMA**2 * bell
    border = cv2.BORDER_REPLICATE
    across = cv2.sepFilter2D(matte, cv2.CV_32F, slope, bell, borderType=border)
    down = cv2.sepFilter2D(matte, cv2.CV_32F, bell, slope, borderType=border)
    return np.asarray(np.hypot(across, down), np.float32)
