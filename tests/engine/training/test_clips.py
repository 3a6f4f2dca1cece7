# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import torch

from stmatte.learning.clips import TrainingClips
from stmatte.training.clips import make_clips
from stmatte.training.corpus import UNKNOWN, Corpus
from stmatte.training.draw import OBJECTS, RawClip, draw_clip
from stmatte.training.looks import HIDING_GRID
from stmatte.training.things import Layer

SIZE = (64, 96)
CPU = torch.device("cpu")


ALL = {"swing": 0.7, "twins": 0.5, "cut": 0.5, "passing": 0.5, "pieces": 0.5}


def made(
    corpus: Corpus,
    seed: int,
    hiding: float = 0.05,
    blurred: float = 0.5,
    compression: float = 0.5,
) -> TrainingClips:
    """Two clips with everything that there is."""
    raw = [
        draw_clip(corpus, SIZE, 3, 0.4, np.random.default_rng((seed, index)), **ALL)
        for index in range(2)
    ]
    random = torch.Generator().manual_seed(seed)
    return make_clips(raw, hiding, CPU, random, 1.0, blurred, compression)


def plain(label: int = 0, moving: bool = False, pasted: int = 0, frames: int = 3) -> RawClip:
    """A grey base of one label; opaque red is pasted over all of it `pasted` times."""
    moments = frames if moving else 1
    red = np.full((4 * SIZE[0], 4 * SIZE[1], 4), (255, 0, 0, 255), np.uint8)
    return RawClip(
        np.full((moments, *SIZE, 3), 128, np.uint8),
        np.full((moments, *SIZE), label, np.uint8),
        None,
        None,
        tuple(Layer(red, (0.0, 0.0), number + 2) for number in range(pasted)),
        frames,
    )


@pytest.mark.parametrize("seed", range(6))
def test_pictures_and_coverages_stay_within_zero_and_one(corpus: Corpus, seed: int) -> None:
    clips = made(corpus, seed)

    assert clips.images.shape == (2, 3, 3, *SIZE)
    assert clips.objects.shape == (2, 3, OBJECTS, *SIZE)
    for numbers in (clips.images, clips.objects):
        assert torch.isfinite(numbers).all()
        assert numbers.min() >= 0
        assert numbers.max() <= 1
    assert set(clips.known.unique().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("seed", range(12))
def test_a_pixel_is_covered_once_at_most(corpus: Corpus, seed: int) -> None:
    assert made(corpus, seed).objects.sum(dim=2).max() <= 1 + 1e-5


@pytest.mark.parametrize("seed", range(6))
def test_every_clip_asks_for_an_object_and_each_is_seen_in_the_first_frame(
    corpus: Corpus, seed: int
) -> None:
    clips = made(corpus, seed)

    assert clips.asked.any(dim=1).all()
    assert (clips.objects[:, 0].mean(dim=(2, 3))[clips.asked] > 0.003).all()


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others(corpus: Corpus) -> None:
    one, again, other = made(corpus, 1), made(corpus, 1), made(corpus, 2)

    for name in ("images", "objects", "known", "asked"):
        assert torch.equal(getattr(one, name), getattr(again, name))
    assert not torch.equal(one.images, other.images)
    assert not torch.equal(one.objects, other.objects)


@pytest.mark.parametrize("seed", range(3))
def test_the_first_frame_is_never_hidden(corpus: Corpus, seed: int) -> None:
    # all is hidden behind the clip's mean, which the first frame alone changes slightly:
    # so pictures that are one colour are hidden, and the first is not
    hidden = made(corpus, seed, hiding=1.0)

    spread = hidden.images.std(dim=(3, 4)).amax(dim=2)  # per clip and frame
    assert spread[:, 0].min() > 0.02
    assert spread[:, 1:].max() < 1e-5


def test_hiding_takes_its_share_of_the_cells_and_leaves_coverage_alone(corpus: Corpus) -> None:
    shown, hidden = made(corpus, 4, hiding=0.0), made(corpus, 4, hiding=0.3)

    changed = (shown.images != hidden.images).any(dim=2)[:, 1:].float().mean().item()
    # 2 clips, 2 frames of 24 * 24 cells: 0.3 with a deviation of sqrt(0.3 * 0.7 / 2304) = 0.01
    assert 2 * 2 * HIDING_GRID**2 == 2304
    assert changed == pytest.approx(0.3, abs=0.05)
    assert torch.equal(shown.images[:, 0], hidden.images[:, 0])
    assert torch.equal(shown.objects, hidden.objects)


def test_what_is_pasted_later_covers_what_was_there() -> None:
    raw = [plain(label=1, pasted=2)]

    clips = make_clips(raw, 0.0, CPU, torch.Generator().manual_seed(0))
    middle = clips.objects[0, 0, :, 24:40, 36:60].mean(dim=(1, 2))

    # the base's object, then the layers: the second of two opaque ones is on top
    torch.testing.assert_close(middle, torch.tensor([0.0, 0, 1]), atol=1e-3, rtol=0)
    assert clips.asked[0].tolist() == [False, False, True]


def test_what_is_pasted_over_the_unknown_makes_it_known() -> None:
    raw = [plain(label=UNKNOWN), plain(label=UNKNOWN, pasted=1)]

    clips = make_clips(raw, 0.0, CPU, torch.Generator().manual_seed(0))

    assert clips.known[0].max() == 0
    assert clips.known[1, 0, :, 24:40, 36:60].min() == 1


def test_a_rendered_base_moves_as_its_frames_do_and_no_further() -> None:
    def base(moving: bool) -> torch.Tensor:
        raw = plain(moving=moving)
        raw.labels[:, 20:44, 30:66] = 1
        clips = make_clips([raw], 0.0, CPU, torch.Generator().manual_seed(3))
        return clips.objects[0, :, 0]

    rendered, still = base(moving=True), base(moving=False)

    assert torch.equal(rendered[0], rendered[2])
    assert (still[0] - still[2]).abs().mean() > 0.003


def test_without_what_is_in_the_way_mattes_are_the_same_wherever_they_are_not_covered() -> None:
    clear = np.zeros((8, 8, 4), np.uint8)
    raw = plain(label=1)
    veiled = RawClip(raw.base, raw.labels, None, None, (Layer(clear, (0.0, 0.0), 0),), raw.frames)

    one, other = (
        make_clips([clip], 0.0, CPU, torch.Generator().manual_seed(0)) for clip in (raw, veiled)
    )

    assert torch.equal(one.objects, other.objects)


def test_a_hole_shows_what_lies_beside_it() -> None:
    raw = plain()
    hole = np.zeros(SIZE, bool)
    hole[24:40, 40:56] = True
    raw.base[0][hole] = (255, 0, 0)  # what is cut out is red, what lies beside it grey
    cut = RawClip(raw.base, raw.labels, None, hole, (), raw.frames)

    with_it, without = (
        make_clips([clip], 0.0, CPU, torch.Generator().manual_seed(5)).images for clip in (raw, cut)
    )

    def reddest(images: torch.Tensor) -> float:
        return float(
            (images[:, :, 0] - images[:, :, 1]).amax()
            - (images[:, :, 0] - images[:, :, 1]).median()
        )

    assert reddest(with_it) > 0.3
    assert reddest(without) < 0.15  # grain alone


def test_an_object_that_leaves_is_seen_first_gone_later_and_back_at_last() -> None:
    thing = np.full((16, 16, 4), (0, 255, 0, 255), np.uint8)
    gone = back = 0
    for seed in range(20):
        layer = Layer(thing, (0.5, 0.0), 1, leaves=True)
        raw = RawClip(plain().base, plain().labels, None, None, (layer,), 8)
        clips = make_clips([raw], 0.0, CPU, torch.Generator().manual_seed(seed), 0.0)
        area = clips.objects[0, :, 0].mean(dim=(1, 2))
        assert clips.asked[0, 0]
        gone += int(area[2:7].min() < 0.3 * area[0])
        back += int(area[7] > 0.5 * area[0])

    # it goes as far as 0.6 to 1.2 of the way out of sight
    assert gone > 10
    assert back > 10


def test_soft_mattes_of_a_base_are_kept_as_soft_as_they_are() -> None:
    raw = plain(moving=True)
    mattes = np.zeros((3, *SIZE, 2), np.uint8)
    mattes[..., 0] = 64
    mattes[:, 32:, :, 1] = 255  # and more than 255 in all there, as rounding has it
    soft = RawClip(raw.base, raw.labels, mattes, None, (), raw.frames)

    clips = make_clips([soft], 0.0, CPU, torch.Generator().manual_seed(0))

    above, below = clips.objects[0, 0, :, 10, 10], clips.objects[0, 0, :, 50, 10]
    assert above.tolist() == pytest.approx([64 / 255, 0, 0])
    assert below.tolist() == pytest.approx([64 / 319, 255 / 319, 0])
    assert clips.asked.tolist() == [[True, True, False]]


def test_what_moves_fast_is_soft_where_its_shutter_is_open() -> None:
    thing = np.pad(np.full((24, 24, 4), 255, np.uint8), ((2, 2), (2, 2), (0, 0)))
    raw = RawClip(plain().base, plain().labels, None, None, (Layer(thing, (0.0, 0.0), 1),), 3)

    def softness(blurred: float) -> float:
        clips = [
            make_clips([raw], 0.0, CPU, torch.Generator().manual_seed(seed), 0.0, blurred)
            for seed in range(10)
        ]
        matte = torch.stack([c.objects[:, :, 0] for c in clips])
        return float(((matte > 0.05) & (matte < 0.95)).sum() / (matte > 0.05).sum())

    assert softness(1.0) > 1.5 * softness(0.0)


def test_compression_changes_pictures_and_leaves_mattes_alone(corpus: Corpus) -> None:
    plainly, packed = made(corpus, 2, compression=0.0), made(corpus, 2, compression=1.0)

    assert torch.equal(plainly.objects, packed.objects)
    assert 0.001 < (plainly.images - packed.images).abs().mean() < 0.1
