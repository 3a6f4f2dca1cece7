# SPDX-License-Identifier: Apache-2.0
"""One Bézier curve through the first and the last of any number of points, bent by the others.

Of so high a degree a curve is very smooth. Knows arrays of points.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(N, 2) of x and y, in any unit."""

MOST_POINTS = 1000
"""Points on a curve, and points that may bend one."""


def bezier(controls: Points, count: int = MOST_POINTS) -> Points:
    """Return points on the Bézier curve of degree N - 1 that `controls` bend.

    controls  (N, 2); the curve runs from the last one to the first
    count     how many points, at most `MOST_POINTS`, evenly spaced in the curve's parameter
    returns   (count, 2); `controls` themselves if there are more of them than `count`

    Source: davisinteractive's robot: B(t) = sum over i of C(n, i) t^(n-i) (1-t)^i P_i.
    """
    count = min(count, MOST_POINTS)
    degree = len(controls) - 1
    if len(controls) > count:
        return controls
    t = np.linspace(0.0, 1.0, count)[:, None]
    i = np.arange(degree + 1)[None, :]
    return np.asarray(_shares(t, i, degree) @ controls, np.float64)


def _shares(t: Points, i: NDArray[np.int_], degree: int) -> Points:
    """Return Bernstein's polynomials (count, N), by logarithms: C(999, 500) is no float32."""
    log_choose = np.array(
        [
            math.lgamma(degree + 1) - math.lgamma(k + 1) - math.lgamma(degree - k + 1)
            for k in range(degree + 1)
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        of_t = np.where(degree - i == 0, 0.0, (degree - i) * np.log(t))
        of_rest = np.where(i == 0, 0.0, i * np.log(1 - t))
    return np.asarray(np.exp(log_choose[None, :] + of_t + of_rest), np.float64)
