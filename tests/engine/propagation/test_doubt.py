# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from stmatte.propagation.doubt import apart, area, doubt, score, uncertainty
from stmatte.propagation.fusing import Found, alone, fuse

SIZE = (20, 30)


def plane(value: float, inside: float | None = None) -> Tensor:
    """A plane of one value, with another one in a square of 10 x 10."""
    filled = torch.full(SIZE, float(value))
    if inside is not None:
        filled[5:15, 10:20] = inside
    return filled


@pytest.mark.parametrize(("probability", "doubtful"), [(0, 0), (0.5, 1), (1, 0), (0.25, 0.5)])
def test_one_pass_doubts_by_how_near_it_is_to_one_half(probability: float, doubtful: float) -> None:
    assert uncertainty(alone(plane(probability))).unique().tolist() == [doubtful]


def test_passes_that_disagree_halfway_between_their_keys_are_doubted_fully() -> None:
    found = fuse(plane(1), plane(0), 0.5)

    assert uncertainty(found).unique().item() == pytest.approx(1, abs=1e-3)  # one half each


def test_where_one_pass_overrules_the_other_half_of_their_difference_is_doubted() -> None:
    found = Found(plane(1), plane(0.8), 0.5)

    assert uncertainty(found).unique().tolist() == pytest.approx([0.4])  # 2 / 4 of 0.8


def test_near_a_key_the_far_pass_says_little() -> None:
    found = Found(plane(1), plane(1), 0.95)

    assert uncertainty(found).unique().tolist() == pytest.approx([0.095])  # 2 * 0.95 * 0.05


def test_doubt_is_measured_beside_what_is_there() -> None:
    # 100 sure pixels; a band of 6 x 10 of one half beside them counts 60, and 30 is there
    found = plane(0, 1)
    found[5:15, 20:26] = 0.5

    assert doubt(alone(found)) == pytest.approx(60 / (60 + 100 + 30))


def test_what_is_not_there_and_not_doubted_has_no_doubt() -> None:
    assert doubt(alone(plane(0))) == 0
    assert apart(alone(plane(0))) == 0
    assert area(alone(plane(0))) == 0


def test_a_score_grows_with_the_distance_from_keys() -> None:
    found = alone(plane(0, 0.5))

    assert doubt(found) == pytest.approx(100 / 150)
    assert score(found) == pytest.approx((100 / 150) ** 0.5)
    assert 0 < score(found, 0) < score(found, 5) < score(found)


def test_passes_are_apart_where_they_decide_otherwise() -> None:
    # both see the square; one sees 20 pixels more
    more = plane(0, 1)
    more[5:15, 20:22] = 1

    found = fuse(plane(0, 1), more, 0.5)

    assert apart(found) == pytest.approx(20 / 120)


def test_area_is_the_part_of_the_picture() -> None:
    assert area(alone(plane(0, 1))) == pytest.approx(100 / 600)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 100))
def test_doubt_stays_between_nothing_and_all(
    forward: float, backward: float, share: float, distance: float
) -> None:
    found = fuse(plane(0, forward), plane(0, backward), share)

    assert 0 <= uncertainty(found).min() <= uncertainty(found).max() <= 1
    for number in (doubt(found), score(found, distance), apart(found), area(found)):
        assert 0 <= number <= 1
