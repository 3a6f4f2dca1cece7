# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from stmatte.errors import StmatteError
from stmatte.networks.stm_interactive import NOTHING, InteractiveSTM
from stmatte.propagation.stroke_rounds import StrokeRounds

SIZE = 32, 48
IMAGES = list(torch.rand(3, 3, *SIZE, generator=torch.Generator().manual_seed(2)))


@pytest.fixture(scope="module")
def network() -> InteractiveSTM:
    torch.manual_seed(0)
    network = InteractiveSTM()
    network.requires_grad_(False)
    return network


def lines(row: int) -> torch.Tensor:
    labels = torch.full(SIZE, NOTHING)
    labels[row, 5:40] = 1
    return labels


def test_every_frame_is_answered_for_after_every_round(network: InteractiveSTM) -> None:
    rounds = StrokeRounds(network, 1)
    rounds.draw(1, IMAGES[1], lines(9))
    first = rounds.answers(IMAGES)
    rounds.draw(2, IMAGES[2], lines(20))
    second = rounds.answers(IMAGES)

    assert [tuple(planes.shape) for planes in first] == [(2, *SIZE)] * 3
    assert not torch.equal(first[0], second[0])


def test_what_is_not_new_changes_nothing(network: InteractiveSTM) -> None:
    rounds = StrokeRounds(network, 1)
    rounds.draw(1, IMAGES[1], lines(9))
    first = rounds.answers(IMAGES)
    rounds.draw(1, IMAGES[1], lines(9))  # it would be remembered with mattes now

    assert all(torch.equal(a, b) for a, b in zip(first, rounds.answers(IMAGES), strict=True))


def test_without_strokes_nobody_can_answer(network: InteractiveSTM) -> None:
    with pytest.raises(StmatteError, match="Nothing was drawn"):
        StrokeRounds(network, 1).answers(IMAGES)
