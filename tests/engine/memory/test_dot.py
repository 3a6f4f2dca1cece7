# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from stmatte.errors import StmatteError
from stmatte.memory.dot import read_dot, tile


def plain_read(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """The whole affinity at once, in double precision: what `read_dot` must equal."""
    scores = torch.einsum("kyx,tkvu->tvuyx", query.double(), keys.double())
    scores = scores / math.sqrt(len(query))
    weights = scores.flatten(0, 2).softmax(dim=0).view_as(scores)
    return torch.einsum("tvuyx,ntcvu->ncyx", weights, values.double()).float()


def tensors(seed: int, sizes: tuple[int, ...], spread: float = 1.0) -> tuple[Tensor, ...]:
    objects, frames, k, v, asked_h, asked_w, h, w = sizes
    torch.manual_seed(seed)
    return (
        torch.randn(k, asked_h, asked_w) * spread,
        torch.randn(frames, k, h, w) * spread,
        torch.randn(objects, frames, v, h, w),
    )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 99),
    sizes=st.tuples(*(st.integers(1, 4) for _ in range(8))),
    budget=st.integers(4, 2000),
    spread=st.sampled_from([0.1, 1.0, 20.0]),
)
def test_any_budget_recalls_the_same(
    seed: int, sizes: tuple[int, ...], budget: int, spread: float
) -> None:
    query, keys, values = tensors(seed, sizes, spread)

    recalled = read_dot(query, keys, values, budget=budget)

    torch.testing.assert_close(recalled, plain_read(query, keys, values), atol=2e-4, rtol=1e-4)


@settings(deadline=None)
@given(
    queries=st.integers(1, 10_000),
    memories=st.integers(1, 1_000_000),
    numbers=st.integers(1, 10_000_000),
)
def test_a_tile_is_never_empty_and_never_over_budget(
    queries: int, memories: int, numbers: int
) -> None:
    rows, columns = tile(queries, memories, numbers)

    assert 1 <= rows <= queries
    assert 1 <= columns <= memories
    assert rows * columns <= numbers


def test_no_tensor_in_a_read_is_larger_than_the_budget() -> None:
    # 40 * 40 = 1600 places against as many: a whole affinity has 10 240 000 bytes, while
    # keys and values of two features have 12 800
    query, keys, values = tensors(0, (1, 1, 2, 2, 40, 40, 40, 40))

    with Largest() as largest:
        read_dot(query, keys, values, budget=65_536)

    assert 12_800 <= largest.bytes <= 65_536


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation makes."""

    bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor):
            self.bytes = max(self.bytes, made.numel() * made.element_size())
        return made


def test_the_softmax_runs_over_memory_and_is_scaled_by_the_root_of_the_features() -> None:
    # One query place, K = 4, query (2, 0, 0, 0): against keys ln(3) and 0 in the first
    # feature, scores are 2 ln(3) / sqrt(4) = ln(3) and 0, so weights are 3/4 and 1/4.
    query = torch.tensor([2.0, 0, 0, 0]).view(4, 1, 1)
    keys = torch.zeros(2, 4, 1, 1)
    keys[0, 0] = math.log(3)
    values = torch.tensor([8.0, 4.0]).view(1, 2, 1, 1, 1)

    assert read_dot(query, keys, values).item() == pytest.approx(7.0)  # 8 * 3/4 + 4 * 1/4


def test_scores_beyond_the_range_of_exp_do_not_overflow() -> None:
    query, keys = torch.full((1, 1, 1), 100.0), torch.tensor([100.0, 99.0]).view(2, 1, 1, 1)
    values = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1, 1)

    assert read_dot(query, keys, values, budget=4).item() == 1.0  # exp(10000) against exp(9900)


def test_objects_that_share_keys_recall_each_their_own_values() -> None:
    query, keys, values = tensors(1, (3, 2, 4, 5, 3, 2, 4, 3))

    together = read_dot(query, keys, values)
    alone = [read_dot(query, keys, values[n : n + 1])[0] for n in range(3)]

    torch.testing.assert_close(together, torch.stack(alone))


def test_gradients_are_those_of_the_plain_read_also_in_tiles() -> None:
    gradients = []
    for read in (plain_read, lambda *t: read_dot(*t, budget=64)):
        query, keys, values = (t.requires_grad_() for t in tensors(2, (2, 2, 3, 2, 3, 3, 2, 3)))
        read(query, keys, values).square().sum().backward()
        gradients.append((query.grad, keys.grad, values.grad))

    torch.testing.assert_close(gradients[1], gradients[0], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("frames", "k", "v_frames", "budget", "told"),
    [
        (0, 2, 0, 64, "Memory is empty"),
        (1, 3, 1, 64, "Memory keys have 3 features: the query has 2"),
        (1, 2, 2, 64, r"Memory values have shape \(1, 2, 1, 1, 1\)"),
        (1, 2, 1, 3, "Affinity budget of 3 bytes is too small"),
    ],
)
def test_what_cannot_be_read_is_refused(
    frames: int, k: int, v_frames: int, budget: int, told: str
) -> None:
    with pytest.raises(StmatteError, match=told):
        read_dot(
            torch.zeros(2, 1, 1),
            torch.zeros(frames, k, 1, 1),
            torch.zeros(1, v_frames, 1, 1, 1),
            budget=budget,
        )


def test_values_in_half_precision_are_blended_by_weights_that_were_not() -> None:
    torch.manual_seed(2)
    query, keys = 3 * torch.rand(8, 4, 5), torch.rand(3, 8, 4, 5)
    values = torch.rand(2, 3, 6, 4, 5).bfloat16()

    read = read_dot(query, keys, values, budget=500)  # tiles of several memory places

    assert read.dtype == torch.float32
    exact = read_dot(query, keys, values.float())
    torch.testing.assert_close(read, exact, atol=0, rtol=2**-7)  # 2 ** -9 of a weight, and of a sum
