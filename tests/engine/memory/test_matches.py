# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.memory.bank import MemoryFrame, Origin
from stmatte.memory.matches import (
    FAR,
    Matches,
    global_matches,
    join_matches,
    read_both,
    read_matches,
    window_matches,
)
from stmatte.memory.tiles import TILE

Sizes = tuple[int, int, int]  # frames, height, width


def features(seed: int, sizes: Sizes, channels: int = 3) -> tuple[Tensor, Tensor]:
    """Query (C, H, W) and keys (T, C, H, W), in double precision so that nothing ties."""
    frames, height, width = sizes
    random = torch.Generator().manual_seed(seed)
    drawn = torch.randn(frames + 1, channels, height, width, generator=random, dtype=torch.float64)
    return drawn[0], drawn[1:]


def plain_window(query: Tensor, keys: Tensor, radius: int, count: int) -> list[list[int]]:
    """The places of the best matches of every query place, best first, by looking at each."""
    frames, _, height, width = keys.shape
    best = []
    for y in range(height):
        for x in range(width):
            near = [
                (float(query[:, y, x] @ keys[t, :, v, u]), (t * height + v) * width + u)
                for t in range(frames)
                for v in range(max(0, y - radius), min(height, y + radius + 1))
                for u in range(max(0, x - radius), min(width, x + radius + 1))
            ]
            best.append([place for _, place in sorted(near, reverse=True)[:count]])
    return best


def found(matches: Matches) -> list[list[int]]:
    """Places that matched, without those that only fill up."""
    rows = zip(matches.scores.tolist(), matches.places.tolist(), strict=True)
    return [[p for s, p in zip(scores, places, strict=True) if s > FAR] for scores, places in rows]


# --- within a window --------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0, 1, 2, 3])
@pytest.mark.parametrize("sizes", [(1, 8, 8), (2, 9, 13), (3, 5, 17), (1, 1, 1), (2, 16, 7)])
def test_the_window_is_searched_as_a_plain_loop_would(sizes: Sizes, radius: int) -> None:
    query, keys = features(1, sizes)

    matches = window_matches(query, keys, radius, 6)

    assert found(matches) == plain_window(query, keys, radius, 6)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 2 * TILE + 1), st.integers(1, 2 * TILE + 1)),
    radius=st.integers(0, 12),
    count=st.integers(1, 12),
)
def test_any_window_is_searched_as_a_plain_loop_would(
    seed: int, sizes: Sizes, radius: int, count: int
) -> None:
    query, keys = features(seed, sizes)

    matches = window_matches(query, keys, radius, count)

    assert found(matches) == plain_window(query, keys, radius, count)
    assert (matches.scores.diff(dim=1) <= 0).all()  # best first


def test_scores_are_the_products_of_query_and_key() -> None:
    query, keys = features(2, (2, 6, 11))

    matches = window_matches(query, keys, 1, 4)

    memory = keys.transpose(0, 1).flatten(1)
    products = torch.einsum("cq,cqk->qk", query.flatten(1), memory[:, matches.places])
    torch.testing.assert_close(matches.scores, products)


def test_a_corner_that_has_fewer_places_than_asked_for_fills_up_with_far_ones() -> None:
    query, keys = features(3, (1, 10, 10))

    matches = window_matches(query, keys, 1, 9)

    # of 3 x 3 places a corner has 4, an edge 6, the middle all 9
    there = (matches.scores > FAR).sum(dim=1).view(10, 10)
    assert there[[0, 0, 4, 4], [0, 9, 0, 4]].tolist() == [4, 4, 6, 9]
    assert matches.places.min() >= 0
    assert matches.places.max() < 100


def test_far_places_have_no_say() -> None:
    query, keys = features(4, (1, 3, 3))
    values = torch.ones(1, 9, dtype=torch.float64)
    matches = window_matches(query, keys, 1, 9)

    # were a far place heard, its value would be: so values are put on the far ones alone
    for q, (scores, places) in enumerate(zip(*matches, strict=True)):
        only = Matches(scores[None], places[None])
        heard = set(places[scores > FAR].tolist())
        nowhere = values.clone()
        nowhere[:, list(heard)] = 0
        assert read_matches(only, nowhere, 0.05).item() == 0, q


def test_more_matches_than_the_window_has_places_are_all_of_them() -> None:
    query, keys = features(5, (2, 4, 4))

    scores = window_matches(query, keys, 0, 7).scores

    assert (scores > FAR).sum(dim=1).tolist() == [2] * 16  # one place in each frame


# --- over the whole frame ----------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999),
    sizes=st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7)),
    count=st.integers(1, 12),
    budget=st.integers(1, 60_000),
)
def test_the_whole_frame_is_searched_as_a_full_sort_would(
    seed: int, sizes: Sizes, count: int, budget: int
) -> None:
    query, keys = features(seed, sizes)
    products = query.flatten(1).T @ keys.transpose(0, 1).flatten(1)

    matches = global_matches(query, keys, count, budget=budget)

    count = min(count, products.shape[1])
    assert torch.equal(matches.places, products.argsort(dim=1, descending=True)[:, :count])
    torch.testing.assert_close(matches.scores, products.gather(1, matches.places))


def test_the_budget_does_not_change_what_is_found() -> None:
    query, keys = features(6, (2, 9, 7))

    whole = global_matches(query, keys, 5)

    for budget in (1, 9_999, 63_000):  # a query place holds 2 * 9 * 7 = 126 similarities
        parts = global_matches(query, keys, 5, budget=budget)
        assert torch.equal(parts.places, whole.places)
        torch.testing.assert_close(parts.scores, whole.scores, atol=1e-12, rtol=0)


@pytest.mark.parametrize("sizes", [(1, 6, 6), (2, 5, 9)])
def test_a_window_over_everything_is_the_whole_frame(sizes: Sizes) -> None:
    query, keys = features(7, sizes)

    window, whole = window_matches(query, keys, 9, 8), global_matches(query, keys, 8)

    assert torch.equal(window.places, whole.places)
    torch.testing.assert_close(window.scores, whole.scores)


# --- joining ----------------------------------------------------------------------------


def test_joining_keeps_the_best_of_both_and_moves_the_other_up() -> None:
    one = Matches(torch.tensor([[0.9, 0.4]]), torch.tensor([[3, 5]]))
    other = Matches(torch.tensor([[0.7, 0.1]]), torch.tensor([[0, 2]]))

    joined = join_matches(one, other, offset=10, count=3)

    assert joined.scores[0].tolist() == pytest.approx([0.9, 0.7, 0.4])
    assert joined.places[0].tolist() == [3, 10, 5]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), count=st.integers(1, 9))
def test_two_frames_joined_are_the_two_frames_searched_together(seed: int, count: int) -> None:
    query, keys = features(seed, (2, 4, 5))

    apart = join_matches(
        global_matches(query, keys[:1], count), global_matches(query, keys[1:], count), 20, count
    )

    together = global_matches(query, keys, count)
    assert torch.equal(apart.places, together.places)


def test_joining_gives_no_more_than_there_are() -> None:
    query, keys = features(8, (1, 1, 2))

    matches = global_matches(query, keys, 10)

    assert join_matches(matches, matches, 2, 10).scores.shape == (2, 4)


# --- reading ----------------------------------------------------------------------------


def test_a_read_is_a_mean_weighted_by_softmax() -> None:
    # Scores ln 3 and 0 at temperature 1: weights 3/4 and 1/4.
    matches = Matches(torch.tensor([[math.log(3), 0.0]]), torch.tensor([[2, 0]]))
    values = torch.tensor([[4.0, 100.0, 8.0], [1.0, 100.0, 0.0]])

    read = read_matches(matches, values, 1.0)

    assert read.flatten().tolist() == pytest.approx([7.0, 0.25])  # 8 * 3/4 + 4 / 4, 1 / 4


def test_a_lower_temperature_listens_to_the_best_alone() -> None:
    matches = Matches(torch.tensor([[0.1, 0.0]]), torch.tensor([[0, 1]]))
    values = torch.tensor([[1.0, 0.0]])

    # odds are exp(0.1 / temperature): e at 0.1, e^10 at 0.01
    for temperature, odds in ((0.1, math.e), (0.01, math.exp(10))):
        read = read_matches(matches, values, temperature).item()
        assert read == pytest.approx(odds / (1 + odds))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999), radius=st.integers(0, 3), temperature=st.sampled_from([0.01, 0.05, 1])
)
def test_what_is_read_lies_between_what_is_held(seed: int, radius: int, temperature: float) -> None:
    query, keys = features(seed, (2, 5, 9))
    values = torch.rand(2, 90, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)

    read = read_matches(window_matches(query, keys, radius, 10), values, temperature)

    assert read.shape == (2, 45)
    assert (read.amax(dim=1) <= values.amax(dim=1) + 1e-12).all()
    assert (read.amin(dim=1) >= values.amin(dim=1) - 1e-12).all()
    ones = read_matches(window_matches(query, keys, radius, 10), torch.ones_like(values), 0.05)
    torch.testing.assert_close(ones, torch.ones_like(ones))


def test_gradients_of_a_read_are_those_of_finite_differences() -> None:
    query, keys = features(9, (2, 3, 4))
    values = torch.rand(1, 24, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
    temperature = torch.tensor(0.7, dtype=torch.float64)
    given = [t.requires_grad_() for t in (query, keys, values, temperature)]

    def read(query: Tensor, keys: Tensor, values: Tensor, temperature: Tensor) -> Tensor:
        window, whole = window_matches(query, keys, 1, 3), global_matches(query, keys, 3)
        both = torch.cat([values, values * 2], dim=1)
        return read_matches(join_matches(whole, window, 24, 4), both, temperature)

    assert torch.autograd.gradcheck(read, given)


# --- keys over the whole frame, late frames in the window ----------------------------------


def remembered(step: int, origin: Origin, key: Tensor, mask: Tensor) -> MemoryFrame:
    return MemoryFrame(step, origin, {"key8": key}, {"mask8": mask[None]}, (True,))


@pytest.mark.parametrize("where", ["anywhere", "nearby"])
def test_learning_changes_neither_what_is_found_nor_its_scores(where: str) -> None:
    query, keys = features(5, (2, 9, 7))
    query.requires_grad_()

    def matched() -> Matches:
        if where == "nearby":
            return window_matches(query, keys, 1, 12)
        return global_matches(query, keys, 12)

    with torch.no_grad():
        plain = matched()
    learning = matched()

    assert torch.equal(plain.places, learning.places)
    torch.testing.assert_close(plain.scores, learning.scores.detach())
    # scores are products: the first query place feels the sum of the keys that it was given
    (slope,) = torch.autograd.grad(learning.scores[0].sum(), query)
    given = [p for s, p in zip(*(m[0].tolist() for m in plain), strict=True) if s > FAR]
    assert len(given) == (8 if where == "nearby" else 12)  # of two frames' corners, all 2 x 2
    total = keys.transpose(0, 1).reshape(3, -1)[:, given].sum(dim=1)
    torch.testing.assert_close(slope[:, 0, 0], total)
    assert slope[:, 1:].abs().sum() + slope[:, 0, 1:].abs().sum() == 0


def test_a_key_is_found_anywhere_and_a_late_frame_nearby_only() -> None:
    # One feature, one row of 6 places; the query's first place looks like the last place of
    # either frame. There the key says 1 and the late frame says 0.
    query = torch.zeros(2, 1, 6)
    query[0, 0, 0] = 1
    likely = torch.zeros(2, 1, 6)
    likely[0, 0, 5] = 1
    mask = torch.zeros(1, 6)
    mask[0, 5] = 1
    key = remembered(0, Origin.KEY, likely, mask)
    late = remembered(1, Origin.RESULT, likely * 2, mask * 0)

    near, likeness = read_both(query, (key, late), 1, 2, 1, 0.05)
    far, stronger = read_both(query, (key, late), 1, 5, 1, 0.05)

    assert (near[0, 0, 0].item(), likeness[0, 0, 0].item()) == (1.0, 1.0)
    assert (far[0, 0, 0].item(), stronger[0, 0, 0].item()) == (0.0, 2.0)


def test_without_a_key_the_first_frame_stands_in() -> None:
    query, keys = features(10, (3, 4, 4))
    masks = torch.rand(3, 4, 4, dtype=torch.float64)
    origins = (Origin.RESULT, Origin.RESULT, Origin.RESULT)
    keyed = (Origin.KEY, Origin.RESULT, Origin.RESULT)

    reads = [
        read_both(
            query,
            [
                remembered(t, o, k, m)
                for t, (o, k, m) in enumerate(zip(by, keys, masks, strict=True))
            ],
            1,
            1,
            4,
            0.05,
        )
        for by in (origins, keyed)
    ]

    assert torch.equal(reads[0][0], reads[1][0])


def test_frames_that_are_neither_key_nor_late_are_not_read() -> None:
    query, keys = features(11, (4, 4, 4))
    masks = torch.rand(4, 4, 4, dtype=torch.float64)
    frames = [
        remembered(t, Origin.KEY if t == 0 else Origin.RESULT, keys[t], masks[t]) for t in range(4)
    ]

    whole, _ = read_both(query, frames, 2, 3, 4, 0.05)
    without, _ = read_both(query, [frames[0], *frames[2:]], 2, 3, 4, 0.05)

    assert torch.equal(whole, without)
