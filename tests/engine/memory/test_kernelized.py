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
from stmatte.memory.dot import read_dot
from stmatte.memory.kernelized import best_places, read_kernelized, weights_of_kernelized


def plain_kernelized(query: Tensor, keys: Tensor, values: Tensor, sigma: float) -> Tensor:
    """The paper's equations as they stand, in double precision, everything at once."""
    height, width = query.shape[1:]
    scores = torch.einsum("kyx,tkvu->tvuyx", query.double(), keys.double())
    best = scores.flatten(3).argmax(dim=3)
    y, x = torch.arange(height).view(-1, 1), torch.arange(width).view(1, -1)
    down, across = (best // width)[..., None, None], (best % width)[..., None, None]
    kernel = torch.exp(-((y - down) ** 2 + (x - across) ** 2).double() / (2 * sigma**2))
    weights = (scores / math.sqrt(len(query))).exp() * kernel
    weights = weights / weights.sum(dim=(0, 1, 2), keepdim=True)
    return torch.einsum("tvuyx,ntcvu->ncyx", weights, values.double()).float()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 99),
    sizes=SIZES,
    budget=st.integers(4, 2000),
    sigma=st.sampled_from([1.0, 3.0, 7.0]),
)
def test_any_budget_recalls_what_the_equations_say(
    seed: int, sizes: tuple[int, ...], budget: int, sigma: float
) -> None:
    query, keys, values = tensors(seed, sizes)

    recalled = read_kernelized(query, keys, values, sigma, budget=budget)

    expected = plain_kernelized(query, keys, values, sigma)
    torch.testing.assert_close(recalled, expected, atol=2e-5, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), sizes=SIZES)
def test_a_kernel_without_an_end_is_the_plain_read(seed: int, sizes: tuple[int, ...]) -> None:
    query, keys, values = tensors(seed, sizes)

    recalled = read_kernelized(query, keys, values, math.inf)

    torch.testing.assert_close(recalled, read_dot(query, keys, values), atol=1e-6, rtol=1e-5)


def test_of_two_things_alike_the_nearer_one_is_read() -> None:
    # One row of five places, one feature. Memory: the same thing at 0 and at 4, and both ask
    # for the brightest query place, which is 1. Query place 1 reads both evenly.
    # A third memory place asks for place 4, where the query is -1 and it is -1.
    query = torch.tensor([0.0, 2.0, 0.0, 0.0, -1.0]).view(1, 1, 5)
    keys = torch.tensor([1.0, 0.0, 0.0, 0.0, -1.0]).view(1, 1, 1, 5)

    best = best_places(query, keys).flatten().tolist()
    weights = weights_of_kernelized(query, keys, 1.0, (0, 2)).flatten()

    # Key 1 is best at place 1; keys 0 are equally good anywhere, so the first place counts;
    # key -1 is best at place 4. Query place 2 scores 0 with all: only the kernel speaks,
    # distances 1, 2, 2, 2, 2.
    assert best == [1, 0, 0, 0, 4]
    near, far = math.exp(-1 / 2), math.exp(-4 / 2)
    total = near + 4 * far
    assert weights.tolist() == pytest.approx([near / total, *[far / total] * 4])


@pytest.mark.parametrize("budget", [4, 12, 1 << 20])
def test_of_equal_places_the_first_is_the_best_in_any_strip(budget: int) -> None:
    query = torch.tensor([0.0, 3.0, 1.0, 3.0, 3.0, 2.0]).view(1, 2, 3)

    best = best_places(query, torch.ones(1, 1, 1, 2), budget=budget)

    assert best.tolist() == [[[1, 1]]]


def test_no_exponent_overflows() -> None:
    query = torch.tensor([100.0, -100.0]).view(1, 1, 2)
    keys = torch.tensor([100.0, -100.0]).view(2, 1, 1, 1)
    values = torch.tensor([1.0, 5.0]).view(1, 2, 1, 1, 1)

    assert read_kernelized(query, keys, values).flatten().tolist() == [1.0, 5.0]


def test_gradients_are_those_of_the_equations() -> None:
    gradients = []
    for read in (
        lambda *t: plain_kernelized(*t, 3.0),
        lambda *t: read_kernelized(*t, 3.0, budget=64),
    ):
        query, keys, values = (t.requires_grad_() for t in tensors(2, (2, 2, 3, 2, 3, 3, 2, 3)))
        read(query, keys, values).square().sum().backward()
        gradients.append((query.grad, keys.grad, values.grad))

    torch.testing.assert_close(gradients[1], gradients[0], atol=1e-5, rtol=1e-4)


def test_the_weights_of_a_place_are_those_of_the_read() -> None:
    query, keys, values = tensors(4, (1, 2, 3, 2, 3, 4, 3, 4))

    weights = weights_of_kernelized(query, keys, 2.0, (2, 1), budget=64)

    read = read_kernelized(query, keys, values, 2.0)[0, :, 2, 1]
    torch.testing.assert_close(torch.einsum("tyx,tvyx->v", weights, values[0]), read)


def test_an_empty_memory_is_refused() -> None:
    with pytest.raises(StmatteError, match="Memory is empty"):
        read_kernelized(torch.zeros(2, 1, 1), torch.zeros(0, 2, 1, 1), torch.zeros(1, 0, 1, 1, 1))
