# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from stmatte.learning.clips import TrainingClips
from stmatte.learning.losses import cross_entropy
from stmatte.learning.protocol_objective import with_background
from stmatte.memory.policies import Policy
from stmatte.networks.stmatte_s import NEAR, StmatteS
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing
from stmatte.training.objective import clip_loss

SIZE = (32, 48)


@pytest.fixture(scope="module")
def network() -> StmatteS:
    torch.manual_seed(0)
    made = StmatteS()
    made.decoder.correction.reset_parameters()  # or the learned values would have no say
    return made


def clips(batch: int = 2, asked: tuple[bool, ...] = (True, True, False)) -> TrainingClips:
    """Noise that stands still, with a column for each of three objects."""
    random = torch.Generator().manual_seed(1)
    images = torch.rand(batch, 1, 3, *SIZE, generator=random).expand(batch, 3, 3, *SIZE)
    objects = torch.zeros(batch, 3, 3, *SIZE)
    for n in range(3):
        objects[:, :, n, :, n * 12 : n * 12 + 12] = 1
    return TrainingClips(
        images, objects, torch.ones(batch, 3, 1, *SIZE), torch.tensor(asked).repeat(batch, 1)
    )


def test_what_is_hard_and_what_overlaps_little_can_count_more(network: StmatteS) -> None:
    both = clips()
    with torch.no_grad():
        plain = clip_loss(network, both)
        hard = clip_loss(network, both, hardest=0.25)
        beside = clip_loss(network, both, overlap=0.5)

    assert hard > plain * 1.5
    assert plain < beside < plain + 0.5  # of a loss between 0 and 1, half


def test_a_batch_costs_the_mean_of_its_clips(network: StmatteS) -> None:
    both = clips()
    with torch.no_grad():
        together = clip_loss(network, both)
        alone = [
            clip_loss(network, TrainingClips(*(t[b : b + 1] for t in vars(both).values())))
            for b in range(2)
        ]

    torch.testing.assert_close(together, torch.stack(alone).mean(), atol=1e-5, rtol=1e-5)


def test_a_clip_that_asks_for_nothing_is_left_out(network: StmatteS) -> None:
    both = clips()
    asked = both.asked.clone()
    asked[1] = False
    with torch.no_grad():
        loss = clip_loss(network, replace(both, asked=asked))
        first = clip_loss(network, TrainingClips(*(t[:1] for t in vars(both).values())))

    torch.testing.assert_close(loss, first, atol=1e-5, rtol=1e-5)


def test_an_object_that_is_not_asked_for_is_background(network: StmatteS) -> None:
    asked = clips()
    without = replace(asked, objects=asked.objects * torch.tensor([1.0, 1, 0]).view(3, 1, 1))
    with torch.no_grad():
        assert torch.equal(clip_loss(network, asked), clip_loss(network, without))


def test_training_sees_what_propagation_does(network: StmatteS) -> None:
    # the first frame's truth is the key, and every result joins the memory
    moving = clips(batch=1)
    images = torch.stack([moving.images[0, 0].roll(4 * t, dims=2) for t in range(3)])
    objects = torch.stack([moving.objects[0, 0].roll(4 * t, dims=2) for t in range(3)])[:, :2]
    clip = replace(moving, images=images[None], objects=objects[None], asked=moving.asked[:, :2])
    key = KeyedMattes(objects[0], (True, True))

    passed = list(
        run_pass(
            network,
            seeing(network, lambda t: images[t]),
            range(3),
            {0: key},
            2,
            Policy(previous=NEAR),
        )
    )
    costs = [
        cross_entropy(passed[t][1], with_background(objects[t]), clip.known[0, t]) for t in (1, 2)
    ]
    with torch.no_grad():
        loss = clip_loss(network, clip)

    torch.testing.assert_close(loss, torch.stack(costs).mean(), atol=1e-5, rtol=1e-5)


def test_the_second_frame_s_output_is_memory_for_the_third(network: StmatteS) -> None:
    # The loss of the third frame alone has a gradient at the second frame's picture, since
    # what was made of it is remembered.
    asked = clips(batch=1)
    known = asked.known.clone()
    known[:, 1] = 0
    images = asked.images.clone().requires_grad_()

    clip_loss(network, replace(asked, images=images, known=known)).backward()

    assert images.grad is not None
    assert all(images.grad[0, t].abs().max() > 0 for t in range(3))
