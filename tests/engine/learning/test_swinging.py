# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from stmatte.learning.swinging import FASTEST, MOST, Joints, random_joints, unswung

TIMES = torch.arange(8.0)
EXTENT = torch.tensor([[0.3, 0.8]])


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def joint(angle: float) -> Joints:
    """One joint at (0.2, 0), whose limb lies to the right."""
    return Joints(torch.tensor([[[0.2, 0.0]]]), torch.zeros(1, 1), torch.full((1, 1, 1), angle))


def at(points: Tensor, joints: Joints) -> Tensor:
    return unswung(points[None, None], joints)[0, 0]


@pytest.mark.parametrize("angle", [0.3, -0.8])
def test_the_end_of_a_limb_swings_by_the_whole_angle(angle: float) -> None:
    # seen at the angle, half a half height from the joint
    there = torch.tensor([[0.2 + 0.5 * math.cos(angle), 0.5 * math.sin(angle)]])

    assert at(there, joint(angle))[0].tolist() == pytest.approx([0.7, 0.0], abs=1e-5)


def test_what_lies_behind_the_joint_stands() -> None:
    behind = torch.tensor([[-0.3, 0.0], [-0.2, 0.3], [-0.4, -0.2]])

    torch.testing.assert_close(at(behind, joint(0.8)), behind)


@pytest.mark.parametrize("seed", range(5))
def test_a_swung_part_keeps_its_distance_to_the_joint(seed: int) -> None:
    joints = random_joints(torch.ones(1, dtype=torch.int), EXTENT, TIMES, random(seed))
    assert joints is not None
    points = (torch.rand(1, 8, 500, 2, generator=random(seed)) - 0.5) * 3

    rest = unswung(points, joints)

    place = joints.places[:, None]
    torch.testing.assert_close((rest - place).norm(dim=-1), (points - place).norm(dim=-1))
    assert (rest - points).abs().max() > 0


def test_nothing_folds_over_however_far_a_limb_swings() -> None:
    around = torch.linspace(-math.pi, math.pi, 2000)[:-1]
    ring = torch.stack([0.2 + around.cos(), around.sin()], dim=1)

    for angle in (MOST, -MOST):
        rest = at(ring, joint(angle))
        turned = torch.atan2(rest[:, 1], rest[:, 0] - 0.2)
        steps = (turned.diff() + math.pi) % (2 * math.pi) - math.pi
        assert (steps > 0).all()  # neighbours stay in their order


def test_joints_lie_on_the_thing_and_swing_no_further_than_they_may() -> None:
    counts = torch.tensor([0, 1, 3] * 100)
    joints = random_joints(counts, EXTENT.expand(300, 2), TIMES, random())

    assert joints is not None
    assert (joints.places.abs() <= EXTENT / 2 + 1e-6).all()
    assert joints.angles.abs().max() <= MOST
    assert joints.angles.diff(dim=2).abs().max() <= FASTEST + 1e-5
    there = joints.angles.abs().amax(dim=2) > 0
    assert (there.sum(dim=1) == counts).all()


def test_without_joints_there_is_nothing_to_undo() -> None:
    assert random_joints(torch.zeros(3, dtype=torch.int), EXTENT, TIMES, random()) is None
