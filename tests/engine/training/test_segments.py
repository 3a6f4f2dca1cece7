# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.training.corpus import Corpus
from stmatte.training.segments import (
    LEAST,
    MOST,
    a_segment,
    blob,
    hanging_together,
    limb,
    star,
    stick,
)


def random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(25))
def test_a_segment_shows_a_photograph_within_a_shape_that_fills_its_box(
    corpus: Corpus, seed: int
) -> None:
    segment = a_segment(corpus, random(seed))

    assert segment is not None
    assert segment.dtype == np.uint8
    alpha = segment[..., 3] > 0
    assert alpha[0].any()
    assert alpha[-1].any()
    assert alpha[:, 0].any()
    assert alpha[:, -1].any()


def test_the_same_seed_cuts_the_same_segment(corpus: Corpus) -> None:
    one, again = a_segment(corpus, random(4)), a_segment(corpus, random(4))

    assert one is not None
    assert np.array_equal(one, again)


def test_without_photographs_there_are_no_segments(corpus: Corpus) -> None:
    bare = object.__new__(Corpus)
    bare.__dict__.update(corpus.__dict__, backgrounds=[])

    assert a_segment(bare, random(0)) is None


@pytest.mark.parametrize("seed", range(20))
def test_shapes_stay_within_their_square(seed: int) -> None:
    for points in (blob(random(seed)), star(random(seed)), stick(random(seed))[0]):
        assert np.abs(points).max() <= 1
    line, widths = limb(random(seed))
    assert np.abs(line).max() <= 1
    assert line[0].tolist() == [0, 0]  # it begins in the middle
    assert widths[-1] == pytest.approx(0.3 * widths[0])


def test_what_hangs_together_by_colour_is_all_of_one_colour() -> None:
    square = np.zeros((120, 120, 3), np.uint8)
    square[:, 60:] = (200, 40, 40)
    square[:60, :60] = (40, 200, 40)

    for seed in range(10):
        alpha = hanging_together(square, random(seed)) > 127
        assert LEAST <= alpha.mean() <= MOST
        quarters = [alpha[:50, :50].mean(), alpha[70:, :50].mean(), alpha[:, 70:].mean()]
        assert sorted(quarters) == pytest.approx([0, 0, 1])
