# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from torch import Tensor

from stmatte.networks.turns import by_turns


def counted(batch: Tensor) -> tuple[list[int], Tensor]:
    sizes: list[int] = []

    def work(x: Tensor) -> Tensor:
        sizes.append(len(x))
        return 2 * x

    return sizes, by_turns(work, batch)


def test_on_a_cpu_each_has_its_turn() -> None:
    batch = torch.arange(6.0).view(3, 2)
    with torch.inference_mode():
        sizes, done = counted(batch)

    assert sizes == [1, 1, 1]
    assert torch.equal(done, 2 * batch)


def test_what_learns_goes_at_once() -> None:
    sizes, done = counted(torch.ones(3, 2, requires_grad=True))

    assert sizes == [3]
    assert done.requires_grad


def test_elsewhere_than_on_a_cpu_all_go_at_once() -> None:
    with torch.inference_mode():
        sizes, _ = counted(torch.empty(3, 2, device="meta"))

    assert sizes == [3]


def test_nothing_is_nothing() -> None:
    with torch.inference_mode():
        _, done = counted(torch.empty(0, 2))

    assert done.shape == (0, 2)
