# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor

from stmatte.memory.matches import Matches
from stmatte.memory.shared import Latest


def keys(count: int) -> list[Tensor]:
    return [torch.rand(2, 3) for _ in range(count)]


class Search:
    """Counts how often it was made; what it finds says when that was."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Matches:
        self.made += 1
        return Matches(torch.tensor([[float(self.made)]]), torch.tensor([[0]]))


def asked(latest: Latest[Matches], of: Sequence[Tensor], search: Search) -> float:
    return latest.of(of, search).scores.item()


def test_the_same_keys_are_compared_once() -> None:
    latest, search, of = Latest[Matches](), Search(), keys(3)

    assert asked(latest, of, search) == asked(latest, [key[:] for key in of], search) == 1


def test_other_keys_are_compared_anew() -> None:
    latest, search, of = Latest[Matches](), Search(), keys(3)
    found = [
        asked(latest, of, search),
        asked(latest, of[:2], search),  # memory forgot a frame
        asked(latest, [of[0], of[2], of[1]], search),
        asked(latest, [of[0], of[2].T, of[1]], search),
        asked(latest, [of[0].clone(), of[2].T, of[1]], search),  # the same numbers elsewhere
    ]

    assert found == [1, 2, 3, 4, 5]


def test_what_was_compared_long_ago_is_forgotten() -> None:
    latest, search, one, other = Latest[Matches](), Search(), keys(2), keys(2)

    assert [asked(latest, of, search) for of in (one, other, one)] == [1, 2, 3]


def test_nothing_new_can_lie_where_compared_keys_lay() -> None:
    latest, search = Latest[Matches](), Search()
    seen = {asked(latest, keys(2), search) for _ in range(50)}  # each freed, but for the latest

    assert len(seen) == 50


def test_shapes_without_numbers_are_never_the_same() -> None:
    latest, search = Latest[Matches](), Search()

    assert [asked(latest, [torch.empty(2, 3, device="meta")], search) for _ in "ab"] == [1, 2]


def test_a_copy_has_found_nothing_yet() -> None:
    latest, search, of = Latest[Matches](), Search(), keys(2)
    asked(latest, of, search)

    assert asked(deepcopy(latest), of, search) == 2
