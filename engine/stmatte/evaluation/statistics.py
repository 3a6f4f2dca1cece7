# SPDX-License-Identifier: Apache-2.0
"""What a vector of scores, one per frame, says about a sequence: mean, recall, decay.

Pure arithmetic; which frames are in the vector was decided before.
Source: Perazzi et al., CVPR 2016, section 4; the details follow the public DAVIS evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError

RECALL_ABOVE = 0.5
QUARTERS = 4


@dataclass(frozen=True)
class Statistics:
    """Three numbers about the scores of one object, or averages of such numbers.

    mean     average score, higher is better
    recall   share of frames above 0.5, higher is better
    decay    average of the first quarter less that of the last, lower is better
    """

    mean: float
    recall: float
    decay: float


def statistics(values: Sequence[float] | NDArray[np.float64]) -> Statistics:
    """Return mean, recall and decay of one object's scores.

    values   (n,) scores in frame order, n at least 1; NaN marks a frame without a score

    A NaN is left out of the mean and of the decay, but stays in the denominator of the
    recall. Quarters include both ends: neighbours share a frame.

    Raises StmatteError if there are no values.
    """
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or not scores.size:
        raise StmatteError(
            "There are no scores to take statistics of",
            value=scores.shape,
            allowed="one number per frame, at least one frame",
        )
    ends = _quarter_ends(scores.size)
    first, last = scores[: ends[1] + 1], scores[ends[-2] :]
    return Statistics(
        mean=_mean(scores),
        recall=float(np.mean(scores > RECALL_ABOVE)),
        decay=_mean(first) - _mean(last),
    )


def _quarter_ends(count: int) -> list[int]:
    """Return the five indices between quarters; halves are rounded up, hence the 1e-10."""
    return [round(1 + i * (count - 1) / QUARTERS + 1e-10) - 1 for i in range(QUARTERS + 1)]


def _mean(scores: NDArray[np.float64]) -> float:
    """Return the mean of all that is not NaN; NaN if nothing is left, without a warning."""
    known = scores[~np.isnan(scores)]
    return float(known.mean()) if known.size else float("nan")
