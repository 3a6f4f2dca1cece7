# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memories import SIZES, tensors
from stmatte.errors import StmatteError
from stmatte.memory.nearest import nearest, read_nearest, weights_of_nearest


def plain_read(
    query: Tensor, keys: Tensor, values: Tensor, scale: float, count: int | None
) -> Tensor:
    """Every distance at once, in double precision; places beyond the nearest count nothing."""
    asked, known = query.double().flatten(1).T, keys.double().permute(0, 2, 3, 1).flatten(0, 2)
    scores = -scale * (asked[:, None] - known[None]).square().sum(dim=2)
    if count is not None and count < scores.shape[1]:
        least = scores.topk(count, dim=1).values[:, -1:]
        scores = scores.masked_fill(scores < least, -math.inf)
    stored = values.double().permute(1, 3, 4, 0, 2).flatten(0, 2)  # (M, N, V)
    read = torch.einsum("qm,mnv->nvq", scores.softmax(dim=1), stored)
    return read.reshape(*read.shape[:2], *query.shape[1:]).float()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 99),
    sizes=SIZES,
    count=st.sampled_from([None, 1, 3, 20]),
    budget=st.integers(4, 2000),
)
def test_any_budget_recalls_what_the_distances_say(
    seed: int, sizes: tuple[int, ...], count: int | None, budget: int
) -> None:
    query, keys, values = tensors(seed, sizes)

    recalled = read_nearest(query, keys, values, 0.5, count, budget=budget)

    expected = plain_read(query, keys, values, 0.5, count)
    torch.testing.assert_close(recalled, expected, atol=2e-5, rtol=1e-5)


def test_the_nearest_key_wins_and_not_the_longest() -> None:
    # Distances from 1 to 1, 3 and 2 are 0, 2 and 1; a product would prefer 3.
    query = torch.ones(1, 1, 1)
    keys = torch.tensor([1.0, 3.0, 2.0]).view(3, 1, 1, 1)
    values = torch.tensor([10.0, 20.0, 30.0]).view(1, 3, 1, 1, 1)

    best = nearest(query, keys, math.log(2), 2)

    # Scores 0 and -ln(2): weights 2/3 and 1/3, so that 10 * 2/3 + 30 * 1/3 is read.
    assert best.places.tolist() == [[0, 2]]
    assert best.scores.tolist() == [pytest.approx([0, -math.log(2)], abs=1e-6)]
    read = read_nearest(query, keys, values, math.log(2), 2)
    assert read.item() == pytest.approx(50 / 3)


def test_where_memory_has_fewer_places_all_are_read() -> None:
    query, keys, values = tensors(1, (2, 1, 3, 2, 2, 2, 1, 3))

    few = read_nearest(query, keys, values, 1.0, 20)

    torch.testing.assert_close(few, read_nearest(query, keys, values, 1.0))
    assert nearest(query, keys, 1.0, 20).places.shape == (4, 3)


@pytest.mark.parametrize("count", [None, 2])
def test_the_weights_of_a_place_are_those_of_the_read(count: int | None) -> None:
    query, keys, values = tensors(4, (1, 2, 3, 2, 3, 4, 3, 4))

    weights = weights_of_nearest(query, keys, 0.3, count, (2, 1))

    read = read_nearest(query, keys, values, 0.3, count)[0, :, 2, 1]
    torch.testing.assert_close(torch.einsum("tyx,tvyx->v", weights, values[0]), read)
    assert int((weights > 0).sum()) == (count or 24)


@pytest.mark.parametrize("count", [None, 3])
def test_gradients_are_those_of_the_plain_read(count: int | None) -> None:
    gradients = []
    for read in (plain_read, lambda *t: read_nearest(*t, budget=64)):
        query, keys, values = (t.requires_grad_() for t in tensors(2, (2, 2, 3, 2, 3, 3, 2, 3)))
        read(query, keys, values, 0.5, count).square().sum().backward()
        gradients.append((query.grad, keys.grad, values.grad))

    torch.testing.assert_close(gradients[1], gradients[0], atol=1e-5, rtol=1e-4)


def test_an_empty_memory_is_refused() -> None:
    with pytest.raises(StmatteError, match="Memory is empty"):
        read_nearest(torch.zeros(2, 1, 1), torch.zeros(0, 2, 1, 1), torch.zeros(1, 0, 1, 1, 1), 1.0)
