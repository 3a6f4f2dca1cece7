# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from dataclasses import replace
from functools import partial

import torch

from stmatte.learning.clips import TrainingClips
from stmatte.training.ahead import made_ahead, packed, unpacked
from stmatte.training.corpus import Corpus
from stmatte.training.loop import clips_of
from stmatte.training.recipe import Recipe

CPU = torch.device("cpu")


def numbered(step: int) -> TrainingClips:
    """Clips whose colour is the step's number, of 255, and whose mattes the process's."""
    colour = torch.full((1, 2, 3, 4, 4), step / 255)
    coverage = torch.full((1, 2, 1, 4, 4), (os.getpid() % 256) / 255)
    return TrainingClips(colour, coverage, coverage * 0 + 1, torch.tensor([[True]]))


def test_steps_come_in_their_order_made_by_other_processes() -> None:
    made = list(made_ahead(numbered, range(3, 8), CPU, processes=2))

    assert [step for step, _ in made] == [3, 4, 5, 6, 7]
    assert [round(float(clips.images.mean()) * 255) for _, clips in made] == [3, 4, 5, 6, 7]
    makers = {round(float(clips.objects.mean()) * 255) for _, clips in made}
    assert len(makers) == 2
    assert os.getpid() % 256 not in makers


def test_nothing_is_made_where_nothing_is_left_to_do() -> None:
    assert list(made_ahead(numbered, range(5, 5), CPU, processes=2)) == []


def test_clips_are_those_of_the_step_to_half_a_byte(tiny: Recipe, corpus: Corpus) -> None:
    recipe = replace(tiny, batch=2)
    make = partial(clips_of, corpus, recipe, device=CPU)

    ((_, ahead),) = made_ahead(make, range(1, 2), CPU, processes=1)

    expected = make(1)
    for name in ("images", "objects"):
        found, true = getattr(ahead, name), getattr(expected, name)
        assert (found - true).abs().max() <= 0.5 / 255 + 1e-6, name
    assert torch.equal(ahead.known, expected.known)
    assert torch.equal(ahead.asked, expected.asked)


def test_bytes_are_rounded_and_not_cut_off() -> None:
    third = torch.tensor([0.0, 0.334, 0.999, 1.0]).view(1, 1, 1, 1, 4)
    clips = TrainingClips(third.expand(1, 1, 3, 1, 4), third, third * 0, torch.tensor([[True]]))

    given = packed(clips)

    assert given.objects.flatten().tolist() == [0, 85, 255, 255]
    again = unpacked(given, CPU).objects.flatten()
    torch.testing.assert_close(again, torch.tensor([0, 1 / 3, 1, 1]))
