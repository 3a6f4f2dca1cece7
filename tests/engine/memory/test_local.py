# SPDX-License-Identifier: Apache-2.0
"""Local reads against a plain reference: the paper's equations, one place after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from stmatte.errors import StmatteError
from stmatte.memory.local import (
    MISSING,
    best_nearby,
    difference,
    laid,
    moved,
    read_around,
    similarity_nearby,
)

Place = tuple[int, int]
Weights = dict[Place, dict[Place, float]]
"""For each place, the weight of each place of its window that lies in the map, by offset."""


def offsets(reach: int) -> Iterator[Place]:
    for u in range(-reach, reach + 1):
        for v in range(-reach, reach + 1):
            yield u, v


def similarities_in_loops(query: Tensor, keys: Tensor, reach: int, scale: float) -> Weights:
    """Equation 4."""
    _, height, width = query.shape
    return {
        (x, y): {
            (u, v): -scale * float((query[:, x, y] - keys[:, x + u, y + v]).square().sum())
            for u, v in offsets(reach)
            if 0 <= x + u < height and 0 <= y + v < width
        }
        for x in range(height)
        for y in range(width)
    }


def softmax_in_loops(similarities: Weights) -> Weights:
    weights = {}
    for place, nearby in similarities.items():
        most = max(nearby.values())
        total = sum(math.exp(s - most) for s in nearby.values())
        weights[place] = {o: math.exp(s - most) / total for o, s in nearby.items()}
    return weights


def read_in_loops(weights: Weights, values: Tensor) -> Tensor:
    """Equation 5."""
    read = torch.zeros_like(values)
    for (x, y), nearby in weights.items():
        for (u, v), weight in nearby.items():
            read[..., x, y] += weight * values[..., x + u, y + v]
    return read


def moved_in_loops(weights: Weights, maps: Tensor) -> Tensor:
    """Equations 6 and 7."""
    result = torch.zeros_like(maps)
    for x in range(maps.shape[-2]):
        for y in range(maps.shape[-1]):
            for (u, v), weight in weights[math.floor(x / 2), math.floor(y / 2)].items():
                result[..., x, y] += weight * maps[..., x + 2 * u, y + 2 * v]
    return result


def best_in_loops(similarities: Weights, size: Place, count: int) -> Tensor:
    best = torch.full((count, *size), -1e4, dtype=torch.float64)
    for (x, y), nearby in similarities.items():
        for rank, similarity in enumerate(sorted(nearby.values(), reverse=True)[:count]):
            best[rank, x, y] = similarity
    return best


def maps(seed: int, *shapes: tuple[int, ...], dtype: torch.dtype = torch.float32) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=random, dtype=torch.float64).to(dtype) for shape in shapes]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 99),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),  # of the coarse map
    objects=st.integers(1, 3),
    reach=st.integers(0, 2),
    scale=st.sampled_from([0.125, 1.0]),
)
def test_both_reads_are_what_the_equations_say(
    seed: int, size: Place, objects: int, reach: int, scale: float
) -> None:
    fine = (2 * size[0], 2 * size[1])
    coarse_query, coarse_keys, query, keys, values = maps(
        seed, (3, *size), (3, *size), (3, *fine), (3, *fine), (objects, 2, *fine)
    )

    coarse = read_around(coarse_query, coarse_keys, coarse_keys[None], reach, scale)
    near = read_around(query, keys, values, reach, scale)
    new_keys, new_values = (moved(coarse.weights, each) for each in (keys, values))
    again = read_around(query, new_keys, new_values, reach, scale)

    # The same in double precision, one place after the other
    cq, ck, q, k, v = (m.double() for m in (coarse_query, coarse_keys, query, keys, values))
    w = softmax_in_loops(similarities_in_loops(cq, ck, reach, scale))
    s = similarities_in_loops(q, k, reach, scale)
    mk, mv = moved_in_loops(w, k), moved_in_loops(w, v)
    ms = similarities_in_loops(q, mk, reach, scale)
    for ours, loops in [
        (near.read, read_in_loops(softmax_in_loops(s), v)),
        (best_nearby(near.similarity, 5), best_in_loops(s, fine, 5)),
        (new_keys, mk),
        (new_values, mv),
        (again.read, read_in_loops(softmax_in_loops(ms), mv)),
        (best_nearby(again.similarity, 5), best_in_loops(ms, fine, 5)),
    ]:
        torch.testing.assert_close(ours.double(), loops, atol=1e-5, rtol=1e-6)


def test_a_corner_reads_only_what_is_in_the_picture() -> None:
    # Keys and query are 0, so every place of a window counts the same. With reach 1 the
    # corner of a 3 x 3 map sees 4 places, an edge 6, the middle 9.
    nothing = torch.zeros(1, 3, 3)
    values = torch.arange(9.0).view(1, 1, 3, 3)

    read = read_around(nothing, nothing, values, 1, 1.0).read[0, 0]

    assert read[0, 0].item() == pytest.approx((0 + 1 + 3 + 4) / 4)
    assert read[0, 1].item() == pytest.approx((0 + 1 + 2 + 3 + 4 + 5) / 6)
    assert read[1, 1].item() == pytest.approx(4)


def test_a_list_of_the_best_is_filled_where_a_window_is_cut_off() -> None:
    nothing = torch.zeros(1, 3, 3)

    best = best_nearby(similarity_nearby(nothing, nothing, 1, 1.0), 5)

    assert best[:, 0, 0].tolist() == [0, 0, 0, 0, MISSING]  # 4 places
    assert best[:, 1, 1].tolist() == [0, 0, 0, 0, 0]
    assert best_nearby(similarity_nearby(nothing, nothing, 0, 1.0), 2)[:, 1, 1].tolist() == [
        0,
        MISSING,
    ]


def test_what_moved_by_four_fine_places_is_found_through_the_coarse_grid() -> None:
    # One row. A thing of two fine places moves from 0 and 1 to 4 and 5, which is two coarse
    # places: within a coarse window of reach 2, out of a fine one. All else is 0.
    before, after = torch.zeros(1, 2, 8), torch.zeros(1, 2, 8)
    before[0, :, 0:2], after[0, :, 4:6] = 10, 10
    coarse = [m[:, ::2, ::2] for m in (after, before)]
    value = torch.zeros(1, 1, 2, 8)
    value[..., 0], value[..., 1] = 1, 2

    weights = read_around(*coarse, coarse[1][None], 2, 1.0).weights
    keys, values = (moved(weights, m) for m in (before, value))
    near = read_around(after, before, value, 2, 1.0).read
    again = read_around(after, keys, values, 0, 1.0).read

    assert near[0, 0, 0, 5].item() == 0
    assert again[0, 0, 0, 4:6].tolist() == pytest.approx([1, 2])


def test_the_difference_is_that_of_the_exponentials_and_never_overflows() -> None:
    near, far = torch.tensor([1.0, -3000.0, 0.0, MISSING]), torch.tensor([0.0, -3001.0, 0.0, -1.0])

    differs = difference(near, far, 3.0)

    e = math.e
    expected = [1.5 * (e - 1) / (e + 1), 1.5 * (e - 1) / (e + 1), 0, -1.5]
    assert differs.tolist() == pytest.approx(expected)


def test_weights_of_a_place_are_laid_where_they_read_from() -> None:
    query, keys, values = maps(3, (2, 4, 5), (2, 4, 5), (1, 3, 4, 5))
    nearby = read_around(query, keys, values, 2, 1.0)

    for row, column in [(0, 0), (2, 3), (3, 4)]:
        where = laid(nearby.weights[:, row, column], (row, column), (4, 5))
        read = (where * values[0]).sum(dim=(1, 2))
        torch.testing.assert_close(read, nearby.read[0, :, row, column])


def test_nothing_larger_than_a_window_of_each_place_is_made() -> None:
    # 40 x 40 places: all against all would be 1600 * 1600 * 4 = 10 240 000 bytes; the windows
    # are 25 * 1600 * 4 = 160 000, and the padded maps of 8 features 44 * 44 * 8 * 4 = 61 952.
    query, keys, values = maps(0, (8, 40, 40), (8, 40, 40), (1, 8, 40, 40))

    with Largest() as largest:
        weights = read_around(query, keys, values, 2, 1.0).weights
        moved(weights[:, ::2, ::2], values)

    assert largest.bytes == 160_000


class Largest(TorchDispatchMode):
    """Notes the size of the largest tensor that any operation makes."""

    bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor):
            self.bytes = max(self.bytes, made.numel() * made.element_size())
        return made


def test_gradients_are_those_of_finite_differences() -> None:
    query, keys, values = maps(5, (2, 4, 4), (2, 4, 4), (1, 2, 4, 4), dtype=torch.float64)
    coarse = read_around(query[:, :2, :2], keys[:, :2, :2], values[..., :2, :2], 1, 1.0).weights

    def read(*given: Tensor) -> Tensor:
        query, keys, values, weights = given
        return read_around(query, moved(weights, keys), moved(weights, values), 1, 1.0).read

    given_ = [m.clone().requires_grad_() for m in (query, keys, values, coarse)]
    assert torch.autograd.gradcheck(read, given_)


def test_maps_of_different_shapes_are_refused() -> None:
    with pytest.raises(StmatteError, match=r"Keys have shape \(1, 2, 2\): what they are read for"):
        similarity_nearby(torch.zeros(1, 2, 3), torch.zeros(1, 2, 2), 1, 1.0)
    with pytest.raises(StmatteError, match="Weights of a coarse read have shape"):
        moved(torch.zeros(9, 2, 2), torch.zeros(1, 4, 5))
