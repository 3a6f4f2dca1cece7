# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from stmatte.learning.losses import cross_entropy, soft_jaccard_loss
from stmatte.learning.protocol_objective import with_background

EVERYWHERE = torch.ones(1, 8, 8)


def test_cross_entropy_is_minus_the_log_of_what_the_truth_got() -> None:
    # Two pixels. Truth: the first is the object, the second half of it.
    objects = torch.tensor([1.0, 0.5]).view(1, 1, 2)
    planes = torch.tensor([[0.75, 0.5], [0.25, 0.5]]).view(2, 1, 2)

    entropy = cross_entropy(planes, with_background(objects), torch.ones(1, 1, 2))

    # (-ln 1/4 - 1/2 ln 1/2 - 1/2 ln 1/2) / 2 = (2 ln 2 + ln 2) / 2
    assert entropy.item() == pytest.approx(1.5 * math.log(2))


def test_what_nobody_knows_costs_nothing() -> None:
    objects = torch.tensor([1.0, 1.0]).view(1, 1, 2)
    planes = torch.tensor([[0.5, 1.0], [0.5, 0.0]]).view(2, 1, 2)  # the second is all wrong
    known = torch.tensor([1.0, 0.0]).view(1, 1, 2)

    assert cross_entropy(planes, with_background(objects), known).item() == pytest.approx(
        math.log(2)
    )
    assert cross_entropy(planes, with_background(objects), known * 0).item() == 0


def test_the_hardest_places_are_those_with_the_largest_entropy() -> None:
    # Four pixels, all of the object; entropies ln 1, ln 2, ln 4, ln 8.
    ours = torch.tensor([1, 1 / 2, 1 / 4, 1 / 8]).view(1, 1, 4)
    planes, target = with_background(ours), with_background(torch.ones(1, 1, 4))
    known = torch.ones(1, 1, 4)

    def loss(hardest: float, known: Tensor = known) -> float:
        return cross_entropy(planes, target, known, hardest).item()

    assert loss(1) == pytest.approx(6 / 4 * math.log(2))
    assert loss(0.5) == pytest.approx((3 + 2) / 2 * math.log(2))
    assert loss(0.25) == pytest.approx(3 * math.log(2))
    assert loss(0.01) == pytest.approx(3 * math.log(2))  # one pixel at least
    # what nobody knows is not hard
    assert loss(0.25, torch.tensor([1.0, 1, 1, 0]).view(1, 1, 4)) == pytest.approx(2 * math.log(2))


def square(*, left: int, size: int = 4, height: float = 1.0) -> Tensor:
    """One object: a square of `size` pixels a side."""
    plane = torch.zeros(1, 8, 8)
    plane[:, :size, left : left + size] = height
    return plane


def test_the_soft_jaccard_of_hard_masks_is_theirs() -> None:
    # two squares of 16 pixels share 2 columns of 4: 8 of 24
    ours, true = with_background(square(left=0)), with_background(square(left=2))

    assert soft_jaccard_loss(ours, true, EVERYWHERE).item() == pytest.approx(1 - 8 / 24)
    assert soft_jaccard_loss(true, true, EVERYWHERE).item() == 0


def test_half_of_an_object_is_half_its_jaccard() -> None:
    ours, true = with_background(square(left=0, height=0.5)), with_background(square(left=0))

    assert soft_jaccard_loss(ours, true, EVERYWHERE).item() == pytest.approx(0.5)


def test_objects_that_are_not_to_be_seen_do_not_count() -> None:
    true = torch.cat([square(left=0), torch.zeros(1, 8, 8)])
    ours = torch.cat([square(left=2, size=2), square(left=4)])  # the second is not there at all
    nothing = torch.zeros(2, 8, 8)

    loss = soft_jaccard_loss(with_background(ours), with_background(true), EVERYWHERE)

    assert loss.item() == pytest.approx(1 - 4 / 16)
    nowhere = soft_jaccard_loss(with_background(ours), with_background(nothing), EVERYWHERE)
    assert nowhere.item() == 0


def test_what_nobody_knows_is_in_no_union() -> None:
    ours, true = with_background(square(left=0)), with_background(square(left=2))
    known = torch.ones(1, 8, 8)
    known[..., :2] = 0  # where ours alone is
    known[..., 4:] = 0  # where the truth alone is

    assert soft_jaccard_loss(ours, true, known).item() == 0
