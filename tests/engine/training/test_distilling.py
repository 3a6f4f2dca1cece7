# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.learning.clips import TrainingClips
from stmatte.networks.stmatte_s import StmatteS
from stmatte.training.corpus import Corpus
from stmatte.training.distilling import learning_from, load_teacher, shown
from stmatte.training.loop import _loss, export, train
from stmatte.training.objective import Also, clip_loss
from stmatte.training.recipe import Recipe
from stmatte.training.start import start_network

SIZE = (32, 48)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def teacher() -> StmatteS:
    torch.manual_seed(0)
    made = StmatteS()
    made.decoder.correction.reset_parameters()  # or its learned values would have no say
    return made.eval().requires_grad_(False)


def clips(asked: tuple[tuple[bool, bool], ...] = ((True, True), (True, False))) -> TrainingClips:
    """Noise that drifts, with a column for each of two objects."""
    random = torch.Generator().manual_seed(1)
    still = torch.rand(len(asked), 3, *SIZE, generator=random)
    images = torch.stack([still.roll(3 * t, dims=-1) for t in range(3)], dim=1)
    objects = torch.zeros(len(asked), 3, 2, *SIZE)
    for t in range(3):
        for n in range(2):
            objects[:, t, n, :, n * 16 + 3 * t : n * 16 + 3 * t + 14] = 1
    known = torch.ones(len(asked), 3, 1, *SIZE)
    return TrainingClips(images, objects, known, torch.tensor(asked))


def taught(student: StmatteS, also: Also) -> Tensor:
    """Return the mean of what a teacher adds to a student's loss."""
    parts: list[Tensor] = []

    def listening(clip: int, frame: int, planes: Tensor) -> Tensor:
        parts.append(also(clip, frame, planes))
        return parts[-1]

    clip_loss(student, clips(), also=listening)
    return torch.stack(parts).mean()


def test_the_teacher_shows_every_frame_but_the_first_of_clips_that_are_asked_for(
    teacher: StmatteS,
) -> None:
    found = shown(teacher, clips(((False, False), (True, True), (True, False))))

    # the clip that asks for nothing is not counted
    assert {place: tuple(planes.shape) for place, planes in found.items()} == {
        (0, 1): (3, *SIZE),
        (0, 2): (3, *SIZE),
        (1, 1): (2, *SIZE),
        (1, 2): (2, *SIZE),
    }
    assert not any(planes.requires_grad for planes in found.values())


def test_what_it_adds_is_the_cross_entropy_of_its_planes(teacher: StmatteS) -> None:
    also = learning_from(teacher, clips(), 3.0)
    target = shown(teacher, clips())[0, 1]

    # who gives each of three planes a third is ln 3 away, whatever the teacher says
    cost = also(0, 1, torch.full_like(target, 1 / 3))

    assert cost.item() == pytest.approx(3 * math.log(3), rel=1e-5)


def test_who_knows_all_that_the_teacher_does_has_nothing_to_learn_from_it(
    teacher: StmatteS,
) -> None:
    student = copy.deepcopy(teacher).requires_grad_(True)
    both = clips()

    def gradient(also: bool) -> float:
        student.zero_grad()
        total = clip_loss(student, both, also=learning_from(teacher, both, 1.0) if also else None)
        total.backward()  # type: ignore[no-untyped-call]
        return float(sum(p.grad.abs().sum() for p in student.parameters() if p.grad is not None))

    pushed = gradient(also=False)
    # the truth's pull is there; the teacher's changes it by rounding
    assert gradient(also=True) == pytest.approx(pushed, rel=1e-3)
    assert pushed > 1


@pytest.mark.slow  # it learns for half a minute where the machine is busy
def test_learning_brings_a_student_to_its_teacher(teacher: StmatteS) -> None:
    torch.manual_seed(5)
    student = StmatteS()
    student.load_state_dict(teacher.state_dict())
    student.decoder.correction.reset_parameters()
    student.train()
    optimiser = torch.optim.Adam(student.decoder.parameters(), 1e-3)
    also = learning_from(teacher, clips(), 1.0)
    costs = []
    for _ in range(10):
        cost = taught(student, also)
        optimiser.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        costs.append(cost.item())

    # the least that can be reached is the teacher's own doubt
    least = taught(teacher, also).item()
    assert costs[-1] - least < 0.5 * (costs[0] - least)


def test_the_loop_learns_from_the_teacher_that_a_recipe_names(
    teacher: StmatteS, tmp_path: Path
) -> None:
    export(dict(teacher.state_dict()), tmp_path / "t.safetensors")
    recipe = Recipe(teacher=f"stmatte-s:{tmp_path / 't.safetensors'}", teacher_weight=2.0)
    student = start_network("stmatte-s")
    loaded = load_teacher(recipe.teacher, CPU)

    with torch.no_grad():
        alone = _loss(student, clips(), recipe, 0)
        together = _loss(student, clips(), recipe, 0, loaded)
        half = _loss(student, clips(), replace(recipe, teacher_weight=1.0), 0, loaded)

    assert together > alone
    torch.testing.assert_close(together - alone, 2 * (half - alone), atol=1e-3, rtol=1e-3)


def test_only_our_own_networks_teach_and_are_taught() -> None:
    with pytest.raises(StmatteError, match='"label-propagation" cannot teach: stmatte-s and'):
        load_teacher("label-propagation", CPU)
    with pytest.raises(StmatteError, match='"teacher" of the recipe is stmatte-s: for stmatte-s, '):
        Recipe(network="stm", teacher="stmatte-s")


def test_a_run_with_a_teacher_goes_from_end_to_end(
    tiny: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    told: list[float] = []
    recipe = replace(tiny, steps=1, teacher="stmatte-s")

    train(
        recipe,
        corpus,
        tmp_path / "run",
        resume=False,
        device=CPU,
        tell=lambda _, loss, __: told.append(loss),
    )

    assert len(told) == 1
    assert told[0] > 0
