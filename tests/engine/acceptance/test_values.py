# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stmatte.acceptance.values import value_findings


@given(hnp.arrays(np.float32, (4, 5), elements=st.floats(0, 1, width=32)))
def test_every_matte_in_range_passes(matte: np.ndarray) -> None:  # type: ignore[type-arg]
    assert not list(value_findings(matte, 1, "hero"))


@pytest.mark.parametrize(
    ("value", "words", "verdict", "how_bad"),
    [
        (-0.5, "below 0", "fail", 0.5),
        (1.25, "above 1", "fail", 0.25),
        (1 + 2**-11, "above 1", "warn", 2**-11),
        (np.nan, "NaN or infinite", "fail", 1),
        (np.inf, "NaN or infinite", "fail", 1),
    ],
)
def test_one_bad_pixel_is_enough(value: float, words: str, verdict: str, how_bad: float) -> None:
    matte = np.zeros((6, 6), np.float32)
    matte[2, 3] = value

    (found,) = value_findings(matte, 1042, "hero")

    assert (found.words, found.verdict) == (words, verdict)
    assert (found.frame, found.object) == (1042, "hero")
    assert found.value == pytest.approx(how_bad)
