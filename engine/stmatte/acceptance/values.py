# SPDX-License-Identifier: Apache-2.0
"""Every number of a matte is in [0, 1]. Knows arrays only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stmatte.acceptance.finding import Finding

_ROUNDING = 1e-3
"""Half numbers near 1 are a thousandth apart; so far outside, a person is told, no more."""


def value_findings(matte: NDArray[np.float32], frame: int, name: str) -> Iterator[Finding]:
    """Look for numbers outside [0, 1], and for what is no number."""
    low, high = float(matte.min()), float(matte.max())
    if not np.isfinite([low, high]).all():
        count = int(np.count_nonzero(~np.isfinite(matte)))
        yield Finding("values", "fail", "NaN or infinite", frame, name, count, "pixels")
        finite = matte[np.isfinite(matte)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    for words, over in (("below 0", -low), ("above 1", high - 1)):
        if over > 0:
            verdict = "fail" if over > _ROUNDING else "warn"
            yield Finding("values", verdict, words, frame, name, over, "beyond")  # type: ignore[arg-type]
