# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from stmatte.scribbles.skeleton import skeleton

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12)))


def parts(mask: NDArray[np.bool_]) -> int:
    return int(cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0])


def test_the_middle_of_a_bar_is_a_line() -> None:
    bar = np.zeros((9, 30), bool)
    bar[2:7, 3:27] = True

    found = skeleton(bar)

    assert found[4, 8:22].all()
    assert found[:, 15].sum() == 1


@settings(max_examples=60, deadline=None)
@given(MASKS)
def test_a_skeleton_lies_inside_and_has_the_same_parts(mask: NDArray[np.bool_]) -> None:
    found = skeleton(mask)

    assert not (found & ~mask).any()
    assert parts(found) == parts(mask)


@settings(max_examples=30, deadline=None)
@given(MASKS)
def test_the_same_mask_gives_the_same_skeleton(mask: NDArray[np.bool_]) -> None:
    assert np.array_equal(skeleton(mask), skeleton(mask.copy()))
