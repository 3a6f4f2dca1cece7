# SPDX-License-Identifier: Apache-2.0
"""Solid within, empty without: beyond the edge band a matte is exactly 1 or exactly 0.

Source: what users ask for in so many words (hkchengrex/Cutie, issue 41). Knows arrays only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.acceptance.finding import Finding
from stmatte.acceptance.limits import Limits, judged


@dataclass(frozen=True)
class Grey:
    """How much of a matte is neither 0 nor 1 where it should be, in per cent.

    core     grey pixels of all that lie within, beyond the edge band
    outside  grey pixels of all that lie without
    """

    core: float
    outside: float


def grey_of(matte: NDArray[np.float32], band: float) -> Grey:
    """Measure a matte (H, W) beyond `band` pixels from where it crosses 0.5."""
    grey = (matte > 0) & (matte < 1)
    inside = (matte >= 0.5).astype(np.uint8)
    whole = cv2.BORDER_REPLICATE  # what goes on beyond the picture has no edge there
    far = 2 * round(band) + 1
    square = np.ones((far, 1), np.uint8), np.ones((1, far), np.uint8)
    core, without = inside, 1 - inside
    for side in square:
        core = cv2.erode(core, side, borderType=whole).astype(np.uint8)
        without = cv2.erode(without, side, borderType=whole).astype(np.uint8)
    return Grey(_share(grey, core), _share(grey, without))


def solid_findings(grey: Grey, limits: Limits, frame: int, name: str) -> Iterator[Finding]:
    """Judge what was measured."""
    for words, share in (("grey inside", grey.core), ("mist outside", grey.outside)):
        verdict = judged(share, limits.grey)
        if verdict:
            yield Finding("solid", verdict, words, frame, name, share, "%")


def _share(grey: NDArray[np.bool_], where: NDArray[np.uint8]) -> float:
    count = np.count_nonzero(where)
    return 100 * float(np.count_nonzero(grey & (where > 0))) / count if count else 0.0
