# SPDX-License-Identifier: Apache-2.0
"""The made clip, and a walk over it, are what a measurement says of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.timing.clip import ROUND, Clip
from benchmarks.timing.walking import Pictures, Walk, agreement, period, steady
from shots import Copying
from stmatte.memory.policies import Policy

CPU = torch.device("cpu")
CLIP = Clip((64, 96), 3, seed=1)


def test_discs_do_not_overlap_wherever_they_are() -> None:
    most = max(CLIP.mattes(frame).sum(axis=0).max() for frame in range(ROUND))

    assert most <= 1 + 1e-6


def test_one_disc_of_480_lines_covers_a_twelfth_of_the_picture() -> None:
    """Its cell is 480 x 427, its radius 0.24 * 427 = 102.5: pi * 102.5² / 480 / 854 = 0.0805."""
    assert Clip((480, 854), 1, seed=0).covered() == pytest.approx(0.0805, abs=1e-3)


def test_discs_move_and_come_back() -> None:
    assert np.abs(CLIP.mattes(0) - CLIP.mattes(12)).max() > 0.9
    assert np.abs(CLIP.mattes(0) - CLIP.mattes(ROUND)).max() < 1e-3


def test_a_seed_decides_every_pixel() -> None:
    assert np.array_equal(CLIP.picture(3), Clip((64, 96), 3, seed=1).picture(3))
    assert not np.array_equal(CLIP.picture(3), Clip((64, 96), 3, seed=2).picture(3))


def test_pictures_go_to_and_fro_so_that_nothing_jumps() -> None:
    """Of 16 pictures, place 15 is the last, 16 the one before it, and 30 the first again."""
    pictures = Pictures(CLIP, CPU)

    assert pictures.image(16) is pictures.image(14)
    assert pictures.image(30) is pictures.image(0)
    assert pictures.image(31) is pictures.image(1)


def test_a_frame_a_turn_where_every_frame_is_remembered_else_as_many_as_to_one_that_is() -> None:
    assert period(Policy(previous=1, every=5)) == 1
    assert period(Policy(previous=0, every=5)) == 5


@pytest.mark.parametrize(
    ("policy", "memory", "found"),
    [
        # the key, and the seven latest frames, one of which lasts
        (Policy(previous=7, every=5), 8, 8),
        # the key, the latest frame, and those of six that last
        (Policy(previous=1, every=5), 8, 8),
        # nothing but the key and the latest frame, whatever is asked for
        (Policy(previous=1, every=0), 8, 2),
        # the key, frame 0, which also lasts, and 5 to 45: no limit
        (Policy(previous=0, every=5), None, 10),
    ],
)
def test_a_walk_begins_with_memory_as_full_as_it_says(
    policy: Policy, memory: int | None, found: int
) -> None:
    walk = Walk(Copying(), Pictures(CLIP, CPU), steady(policy, memory), place=49)

    walk()

    assert walk.memory[0] == found


def test_a_walk_tells_what_its_parts_took_if_it_is_to() -> None:
    walk = Walk(Copying(), Pictures(CLIP, CPU), Policy(previous=1, every=5), place=10)
    walk.split = True

    walk()

    assert set(walk.parts) == {"encode", "read and decode", "remember", "rest"}


def test_clocks_leave_a_network_as_they_found_it() -> None:
    network = Copying()
    before = dict(vars(network))
    walk = Walk(network, Pictures(CLIP, CPU), Policy(), place=3)

    walk()

    assert vars(network).keys() == before.keys()


def test_agreement_is_that_of_masks_and_of_probabilities() -> None:
    """Pixels 0 and 1, and 1 and 2: J 1/3. Two of four are 0.41 apart, the others not at all."""
    one = torch.tensor([[[0.1, 0.1, 0.9, 0.9]], [[0.9, 0.9, 0.1, 0.1]]])
    other = torch.tensor([[[0.51, 0.1, 0.49, 0.9]], [[0.49, 0.9, 0.51, 0.1]]])

    jaccard, apart = agreement(one, other)

    assert jaccard == pytest.approx(1 / 3)
    assert apart == pytest.approx(2 * 0.41 / 4)
