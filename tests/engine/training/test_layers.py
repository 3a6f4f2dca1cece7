# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import torch

from stmatte.training.layers import (
    NODE,
    base_nodes,
    between,
    layer_nodes,
    near_card,
    sampled,
    touched,
)
from stmatte.training.things import Layer

SIZE = (64, 96)
TIMES = torch.arange(4.0)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def layer(side: int = 20, **about: object) -> Layer:
    return Layer(np.full((side, side, 4), 255, np.uint8), (0.2, -0.1), 1, **about)  # type: ignore[arg-type]


def test_between_nodes_a_straight_line_stays_straight() -> None:
    rows, columns = torch.meshgrid(torch.arange(9.0), torch.arange(13.0), indexing="ij")

    fine = between(torch.stack([columns, rows], dim=-1)[None] * NODE)

    # nodes are at every eighth pixel: in between, a pixel is itself
    assert fine.shape == (1, *SIZE, 2)
    torch.testing.assert_close(fine[0, :, :, 0], torch.arange(96.0).expand(SIZE))
    torch.testing.assert_close(fine[0, :, :, 1], torch.arange(64.0)[:, None].expand(SIZE))


def test_all_of_a_part_is_as_it_is_of_the_whole() -> None:
    nodes = torch.rand(2, 9, 13, 2, generator=random())

    part = between(nodes[:, 2:6, 3:11])

    torch.testing.assert_close(part, between(nodes)[:, 16:40, 24:80])


@pytest.mark.parametrize("seed", range(20))
def test_nothing_of_a_card_is_seen_outside_of_what_it_touches(seed: int) -> None:
    about = {"joints": seed % 4, "leaves": seed % 2 == 0, "passes": seed % 3 == 0}
    card = layer(6 + 3 * seed, **about)
    extent = torch.tensor([card.pixels.shape[1] / SIZE[0], card.pixels.shape[0] / SIZE[0]])

    nodes = layer_nodes((card,), SIZE, TIMES, 1.0, random(seed))[0]
    whole = sampled(torch.ones(1, *card.pixels.shape[:2]), nodes[None])
    box = touched(near_card(nodes, extent))
    if box is not None:
        rows, columns = box
        whole[
            ...,
            rows.start * NODE : (rows.stop - 1) * NODE,
            columns.start * NODE : (columns.stop - 1) * NODE,
        ] = 0

    assert whole.max() == 0


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    cards = (layer(), layer(joints=2), layer(passes=True))

    one, again = (layer_nodes(cards, SIZE, TIMES, 1.0, random(3)) for _ in range(2))

    assert torch.equal(one, again)
    assert not torch.equal(one, layer_nodes(cards, SIZE, TIMES, 1.0, random(4)))


def test_moments_between_frames_lie_on_the_same_ways() -> None:
    whole = layer_nodes((layer(),), SIZE, torch.arange(4.0), 1.0, random(5))
    halves = layer_nodes((layer(),), SIZE, torch.arange(0, 3.5, 0.5), 1.0, random(5))

    torch.testing.assert_close(halves[:, ::2], whole)


def test_without_bends_squares_stay_straight() -> None:
    nodes = layer_nodes((layer(),), SIZE, TIMES, 0.0, random(1))[0]

    # affine: going on by one node changes the place by the same everywhere
    for side in (1, 2):
        steps = nodes.diff(dim=side)
        assert (steps - steps[:, :1, :1]).abs().max() < 1e-3


def test_a_background_moves_less_than_a_still_that_is_asked_for() -> None:
    def travelled(alone: bool) -> float:
        ways = [base_nodes(alone, SIZE, TIMES, 1.0, random(seed)) for seed in range(20)]
        return float(torch.stack([way.diff(dim=0).abs().mean() for way in ways]).mean())

    assert travelled(alone=False) < travelled(alone=True)


def test_what_is_seen_is_the_mean_of_the_moments() -> None:
    card = torch.rand(4, 30, 30, generator=random())
    nodes = torch.rand(3, 2, 5, 5, 2, generator=random(1)) * 2 - 1

    seen = sampled(card, nodes)

    apart = torch.stack([sampled(card, moment[None]) for moment in nodes])
    torch.testing.assert_close(seen, apart.mean(dim=0))
