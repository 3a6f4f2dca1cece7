# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch

from stmatte.learning.clips import TrainingClips
from stmatte.learning.protocol_objective import (
    asked_clips,
    cross_entropy,
    protocol_loss,
    walk_clip,
    with_background,
)
from stmatte.networks.rgmp import RGMP
from stmatte.training.objective import clip_loss
from stmatte.training.start import start_network

pytestmark = pytest.mark.usefixtures("one_thread")


def clips(batch: int = 2, side: int = 64) -> TrainingClips:
    """A square of noise on other noise, which moves by 4 pixels a frame."""
    random = torch.Generator().manual_seed(5)
    images = torch.rand(batch, 3, 3, side, side, generator=random) * 0.3
    objects = torch.zeros(batch, 3, 1, side, side)
    thing = torch.rand(batch, 1, 3, 24, 24, generator=random) * 0.3 + 0.6
    for t in range(3):
        at = slice(16 + 4 * t, 40 + 4 * t)
        images[:, t, :, at, 16:40] = thing[:, 0]
        objects[:, t, 0, at, 16:40] = 1
    known = torch.ones(batch, 3, 1, side, side)
    return TrainingClips(images, objects, known, torch.ones(batch, 1, dtype=torch.bool))


def test_what_objects_leave_is_background() -> None:
    planes = with_background(torch.tensor([[[0.2, 0.7]], [[0.3, 0.7]]]))

    assert torch.allclose(planes[:, 0, 0], torch.tensor([0.5, 0.2, 0.3]))
    assert torch.allclose(planes[:, 0, 1], torch.tensor([0.0, 0.5, 0.5]))  # drawn over each other


def test_entropy_by_hand_where_the_truth_is_known() -> None:
    planes = torch.tensor([[[0.25, 0.9]], [[0.75, 0.1]]])
    target = torch.tensor([[[0.0, 0.0]], [[1.0, 1.0]]])
    known = torch.tensor([[[1.0, 0.0]]])

    assert float(cross_entropy(planes, target, known)) == pytest.approx(-math.log(0.75))


def test_clips_of_which_nothing_is_asked_are_left_out() -> None:
    both = clips()
    asked = torch.tensor([[True], [False]])

    found = asked_clips(TrainingClips(both.images, both.objects, both.known, asked))

    assert len(found) == 1


def test_it_is_the_loss_that_stmatte_s_has_batched() -> None:
    network = start_network("stmatte-s")

    with torch.no_grad():
        ours, batched = protocol_loss(network, clips()), clip_loss(network, clips())

    # the protocol's way goes through 8 bits less: nothing but rounding may be between them
    assert float(ours) == pytest.approx(float(batched), rel=1e-3)


def test_an_error_on_the_last_frame_is_learnt_from_through_the_frame_between() -> None:
    """Soft planes carry gradients: the picture of frame 1 is asked what frame 2 became."""
    network = start_network("stm")
    (image, truth, _) = asked_clips(clips(batch=1))[0]
    image = image.clone().requires_grad_(True)

    walk_clip(network, image, truth[0])[-1][1].mean().backward()

    assert image.grad is not None
    assert float(image.grad[1].abs().sum()) > 0


def test_what_a_paper_adds_counts_once_for_every_frame_that_is_seen() -> None:
    network, both = start_network("stmatte-s"), clips()

    with torch.no_grad():
        plain = protocol_loss(network, both)
        more = protocol_loss(network, both, lambda query: torch.tensor(float(query.size[0])))

    assert float(more - plain) == pytest.approx(64.0)  # the mean over six frames of 64 rows


def test_a_network_that_looks_back_sees_the_mask_that_is_given_in_place_of_its_own() -> None:
    network = RGMP()
    (image, truth, _) = asked_clips(clips(batch=1))[0]
    nowhere = torch.zeros_like(truth)

    with torch.no_grad():
        own = walk_clip(network, image, truth[0])
        first_again = walk_clip(network, image, truth[0], guides=truth[:1].expand_as(truth))
        other = walk_clip(network, image, truth[0], guides=nowhere)

    assert torch.equal(own[0], first_again[0])  # the latest of frame 1 is frame 0, the key
    assert not torch.equal(own[0], other[0])


def test_guides_are_nothing_to_a_network_that_does_not_look_back() -> None:
    network = start_network("stm")
    (image, truth, _) = asked_clips(clips(batch=1))[0]

    with torch.no_grad():
        plain = walk_clip(network, image, truth[0])
        guided = walk_clip(network, image, truth[0], guides=torch.zeros_like(truth))

    assert torch.equal(plain[-1], guided[-1])
