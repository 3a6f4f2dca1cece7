# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch

from stmatte.learning.roaming import (
    Pace,
    X,
    Y,
    bounced,
    gone_for_a_while,
    passing_ways,
    random_speeds,
    random_ways,
    waves,
)

ASPECT = 1.5
FAST = Pace(turn=0.2, grow=0.1, shift=0.5, shear=0.05, tilt=0.1)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def times(frames: int) -> torch.Tensor:
    return torch.arange(float(frames))


def test_a_wave_changes_by_no_more_than_its_speed_and_comes_back() -> None:
    speeds = torch.tensor([0.5, 0.01]).repeat(200, 1)

    wave = waves(speeds, times(60), random())

    assert wave.shape == (200, 2, 60)
    assert (wave.diff(dim=2).abs().amax(dim=(0, 2)) <= torch.tensor([0.5, 0.01])).all()
    assert wave.diff(dim=2).abs().amax(dim=(0, 2))[0] > 0.4  # and it comes near to it
    # 0.04 cycles a frame at least: within 25 frames it is on both sides of its middle
    assert (wave.amin(dim=2) < 0).all()
    assert (wave.amax(dim=2) > 0).all()


def test_speeds_are_as_often_slow_as_quick() -> None:
    speeds = random_speeds(torch.tensor([1.0]), 2000, random())

    assert speeds.max() <= 1
    assert speeds.median() == pytest.approx(0.02**0.5, rel=0.15)


def test_what_is_thrown_back_stays_within_and_what_is_within_stays() -> None:
    places = torch.tensor([-0.5, 0.9, 1.2, 2.5, 3.5, -1.2, 5.0])

    assert bounced(places, 1.0).tolist() == pytest.approx([-0.5, 0.9, 0.8, -0.5, -0.5, -0.8, 1.0])


def test_ways_begin_where_they_are_told_and_stay_in_the_picture() -> None:
    start = torch.zeros(100, 8)
    start[:, X], start[:, Y] = 1.2, -0.7

    ways = random_ways(FAST, start, times(40), random(), ASPECT)

    torch.testing.assert_close(ways[:, 0], start)
    assert ways[..., X].abs().max() <= ASPECT
    assert ways[..., Y].abs().max() <= 1
    # a sixth of the picture's width is half a half height
    steps = ways[..., [X, Y]].diff(dim=1).abs()
    assert steps.max() <= 0.5 + 1e-5


def test_what_passes_crosses_its_place_on_any_frame_the_first_too() -> None:
    meets = torch.tensor([[0.3, 0.2]]).repeat(50, 1)

    fine = torch.arange(0, 5.01, 0.01)
    ways = passing_ways(FAST, meets, fine, random(), ASPECT)

    distance = (ways[..., [X, Y]] - meets[:, None]).norm(dim=-1)
    assert distance.amin(dim=1).max() < 0.01
    met = fine[distance.argmin(dim=1)]
    assert (met < 0.5).any()  # some are in front on the first frame, and go away
    assert (met > fine[-1] - 0.5).any()


def test_what_leaves_is_partly_or_wholly_out_for_a_while_and_comes_back() -> None:
    frames, extent = times(9), torch.full((200, 2), 0.3)
    start = torch.zeros(200, 8)
    start[:, X] = 1.0
    still = start[:, None].expand(200, 9, 8)

    ways = gone_for_a_while(still, extent, frames, random(), ASPECT)

    assert torch.equal(ways[:, 0], start)
    furthest = ways[..., X].amax(dim=1)
    # the nearest edge is the right one, 0.5 away; 0.3 further all is out of sight
    assert (furthest <= 1 + 0.8 * 1.2 + 1e-5).all()
    assert (furthest >= ASPECT - 0.1).float().mean() > 0.8
    assert 0.2 < (furthest >= ASPECT + 0.3).float().mean() < 0.8
    assert (ways[:, -1, X] < furthest - 0.1).float().mean() > 0.9
    assert torch.equal(ways[..., Y], still[..., Y])
