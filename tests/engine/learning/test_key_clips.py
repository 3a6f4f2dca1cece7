# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import torch
from torch import Tensor

from stmatte.learning.key_clips import FRAMES, KeyPicture, moved_clip

SIZE = (48, 64)


def noise(seed: int) -> Tensor:
    return torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(seed))


def square(top: int, left: int, side: int = 12) -> Tensor:
    matte = torch.zeros(SIZE)
    matte[top : top + side, left : left + side] = 1
    return matte


@pytest.fixture
def key() -> KeyPicture:
    return KeyPicture(noise(1), torch.stack([square(8, 8), square(24, 40)]))


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", range(6))
def test_a_clip_begins_with_the_key_itself(key: KeyPicture, seed: int) -> None:
    clips = moved_clip(key, drawn(seed))

    assert clips.images.shape == (1, FRAMES, 3, *SIZE)
    assert clips.images[0, 0].numpy() == pytest.approx(key.image.numpy(), abs=1e-4)
    assert clips.objects[0, 0].numpy() == pytest.approx(key.mattes.numpy(), abs=1e-4)
    assert clips.known.all()
    assert clips.asked.tolist() == [[True, True]]


@pytest.mark.parametrize("seed", range(6))
def test_then_it_moves_and_stays_a_picture_with_its_mattes(key: KeyPicture, seed: int) -> None:
    clips = moved_clip(key, drawn(seed))

    assert (clips.objects[0, -1] - clips.objects[0, 0]).abs().sum() > 10
    for values in (clips.images, clips.objects):
        assert values.min() >= 0
        assert values.max() <= 1
    assert clips.objects.sum(dim=2).max() <= 1 + 1e-5, "what is in front takes from what is behind"


def test_the_same_draw_makes_the_same_clip_and_another_another(key: KeyPicture) -> None:
    one, again, other = (moved_clip(key, drawn(seed)).images for seed in (3, 3, 4))

    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_mattes_move_with_what_they_cover() -> None:
    """On a black ground, white things stay white where their mattes are."""
    mattes = torch.stack([square(8, 8, 14), square(26, 40, 14)])
    key = KeyPicture(mattes.sum(dim=0).expand(3, *SIZE).clone(), mattes)

    for seed in range(8):
        clips = moved_clip(key, drawn(seed))
        inside = clips.objects[0].sum(dim=1) > 0.95
        outside = clips.objects[0].sum(dim=1) < 0.05
        bright = clips.images[0].mean(dim=1)
        assert bright[inside].min() > 0.75
        assert bright[outside].max() < 0.25


def test_of_an_object_that_covers_no_place_nothing_is_asked(key: KeyPicture) -> None:
    faint = KeyPicture(key.image, torch.stack([key.mattes[0], key.mattes[1] * 0.4]))

    assert moved_clip(faint, drawn(1)).asked.tolist() == [[True, False]]
