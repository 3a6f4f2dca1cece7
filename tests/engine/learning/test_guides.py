# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from torch import Tensor

from stmatte.learning.guides import deformed


def discs() -> Tensor:
    """Two frames of two discs, (2, 2, 64, 96)."""
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(96.0), indexing="ij")
    one = ((rows - 32) ** 2 + (columns - 30) ** 2 < 144).float()
    other = ((rows - 32) ** 2 + (columns - 66) ** 2 < 144).float()
    return torch.stack([torch.stack([one, other])] * 2)


def drawn(amount: float, seed: int = 3) -> Tensor:
    return deformed(discs(), amount, torch.Generator().manual_seed(seed))


def test_nothing_is_left_as_it_is() -> None:
    assert torch.equal(drawn(0.0), discs())


def test_masks_are_off_a_little_each_on_its_own() -> None:
    found, truth = drawn(1.0), discs()

    shared = (found * truth).sum(dim=(2, 3)) / (found + truth).clamp(max=1).sum(dim=(2, 3))
    assert (shared < 0.97).all()  # none stays
    assert (shared > 0.2).all()  # and none is lost
    assert not torch.equal(found[0], found[1])


def test_the_same_lot_gives_the_same_masks() -> None:
    assert torch.equal(drawn(1.0), drawn(1.0))
    assert not torch.equal(drawn(1.0), drawn(1.0, seed=4))
