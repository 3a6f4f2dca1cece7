# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from stmatte.training.blurring import (
    MOMENTS,
    SHUTTER,
    between_moments,
    moments_of,
    out_of_focus,
    random_focus,
    random_shutter,
)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_a_shutter_opens_before_its_frame_and_closes_after_it() -> None:
    assert moments_of(3, 0.0).tolist() == [0, 1, 2]
    assert moments_of(2, 0.5).tolist() == [-0.25, 0.25, 0.75, 1.25]


def test_its_share_of_shutters_is_open() -> None:
    shutters = [random_shutter(0.25, random(seed)) for seed in range(400)]

    opened = [s for s in shutters if s]
    assert 60 < len(opened) < 140  # 100, with a deviation of 9
    assert min(opened) >= SHUTTER[0]
    assert max(opened) <= SHUTTER[1]
    assert not any(random_focus(0.0, 256, random(seed)) for seed in range(20))


@pytest.mark.parametrize(("way", "moments"), [(0.0, 1), (0.2, 3), (10.0, MOMENTS)])
def test_a_longer_way_takes_more_moments_that_lie_evenly_on_it(way: float, moments: int) -> None:
    nodes = torch.zeros(2, 3, 4, 2)
    nodes[1, ..., 0] = way  # of 50 pixels: 10 of them are two steps of 5, and the beginning
    near = torch.ones(2, 3, 4, dtype=torch.bool)

    seen = between_moments(nodes, 1, near, torch.tensor([50.0, 50.0]))

    assert seen.shape == (moments, 1, 3, 4, 2)
    assert seen[:, 0, 0, 0, 0].tolist() == pytest.approx(
        [way * (m + 0.5) / moments for m in range(moments)]
    )


def test_what_is_not_seen_costs_one_moment() -> None:
    nodes = torch.rand(4, 3, 4, 2, generator=random())

    nowhere = torch.zeros(4, 3, 4, dtype=torch.bool)

    assert len(between_moments(nodes, 2, nowhere, torch.tensor([50.0, 50.0]))) == 1


def test_a_blur_out_of_focus_keeps_all_light_and_grows_evenly() -> None:
    card = torch.rand(4, 10, 14, generator=random())

    soft = out_of_focus(card, 2.0)

    assert soft.shape == (4, 10 + 12, 14 + 12)  # a reach of 6 on each side
    torch.testing.assert_close(soft.sum(dim=(1, 2)), card.sum(dim=(1, 2)))
    torch.testing.assert_close(
        out_of_focus(torch.full((3, 20, 20), 0.3), 2.0, "reflect"), torch.full((3, 20, 20), 0.3)
    )
