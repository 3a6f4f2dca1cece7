# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import zipfile
from dataclasses import astuple
from pathlib import Path

import cv2
import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.training.corpus import UNKNOWN, Clip, Corpus, Still
from stmatte.training.draw import MIN_SHARE, PASTED, RawClip, _ask, draw_clip

SIZE = (64, 96)


def draw(corpus: Corpus, seed: int, rendered: float = 0.5, frames: int = 3) -> RawClip:
    return draw_clip(corpus, SIZE, frames, rendered, np.random.default_rng(seed))


def left_with(corpus: Corpus, **kinds: list[object]) -> Corpus:
    """The same corpus with some of its kinds replaced."""
    other = object.__new__(Corpus)
    other.__dict__.update(corpus.__dict__, **kinds)
    return other


def same(one: RawClip, other: RawClip) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(astuple(one), astuple(other), strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_layers_have_one_size_and_labels_count_from_one(corpus: Corpus, seed: int) -> None:
    raw = draw(corpus, seed)

    assert raw.base.shape == (3, *SIZE, 3)
    assert raw.labels.shape == (3, *SIZE)
    assert raw.layers.shape == (PASTED, *SIZE, 4)
    assert set(np.unique(raw.labels)) <= {0, 1, 2, UNKNOWN}


def test_objects_are_asked_for_from_their_least_share_on_and_numbered_from_one() -> None:
    labels = np.zeros((2, 100, 100), np.uint8)
    labels[0, 0, :40] = 5  # 40 of 10 000 pixels are 0.004
    labels[0, 1, :39] = 9
    labels[1, 0, 10:50] = 5
    labels[:, 50:] = UNKNOWN

    asked = _ask(labels, 2, np.random.default_rng(0))

    assert MIN_SHARE == 0.004
    assert np.array_equal(asked, np.where(labels == 5, 1, np.where(labels == 9, 0, labels)))


@pytest.mark.parametrize("seed", range(40))
def test_there_is_always_an_object_to_ask_for(corpus: Corpus, seed: int) -> None:
    raw = draw(corpus, seed, rendered=0)  # a quarter of these begin with an empty background
    shares = [(raw.labels[0] == n).mean() for n in (1, 2)]
    pasted = raw.asked & (raw.layers[..., 3].reshape(PASTED, -1).max(axis=1) > 0)

    assert max(shares) >= MIN_SHARE or pasted.any()
    assert not raw.asked[raw.layers[..., 3].reshape(PASTED, -1).max(axis=1) == 0].any()


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others(corpus: Corpus) -> None:
    assert same(draw(corpus, 5), draw(corpus, 5))
    assert not same(draw(corpus, 5), draw(corpus, 6))


def test_a_still_stands_and_a_rendered_clip_moves(corpus: Corpus) -> None:
    still, clip = draw(corpus, 1, rendered=0), draw(corpus, 1, rendered=1)

    assert not still.moving
    assert np.array_equal(still.base[0], still.base[2])
    assert clip.moving
    assert not np.array_equal(clip.base[0], clip.base[2])


def test_clips_that_are_too_short_are_left_alone(corpus: Corpus) -> None:
    # the only clip has 5 frames
    assert draw(corpus, 1, rendered=1, frames=5).moving
    assert not draw(corpus, 1, rendered=1, frames=6).moving


def test_an_empty_clip_does_no_harm(corpus: Corpus) -> None:
    empty = left_with(corpus, clips=[Clip((), ())])

    assert not draw(empty, 1, rendered=1).moving


@pytest.mark.parametrize(
    "missing", [("stills",), ("objects",), ("backgrounds",), ("cutouts",), ("stills", "clips")]
)
def test_what_a_corpus_has_not_got_is_done_without(
    corpus: Corpus, missing: tuple[str, ...]
) -> None:
    poor = left_with(corpus, **{kind: [] for kind in missing})

    for seed in range(12):
        raw = draw(poor, seed)
        assert (raw.layers[..., 3].any()) or ((raw.labels > 0) & (raw.labels < UNKNOWN)).any()


def test_a_corpus_without_masks_is_refused(corpus: Corpus) -> None:
    bare = left_with(corpus, stills=[], objects=[], cutouts=[])

    with pytest.raises(StmatteError, match="The corpus has no picture with masks"):
        draw(bare, 1, rendered=0)


def test_a_corpus_whose_objects_are_all_tiny_is_refused_instead_of_searched_for_ever(
    corpus: Corpus, pack: Path
) -> None:
    speck = np.zeros((72, 108), np.uint8)
    speck[3, 3] = 1
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["stills/speck.png"] = cv2.imencode(".png", speck)[1].tobytes()
    still = Still("stills/walk.jpg", "stills/speck.png")
    poor = left_with(corpus, stills=[still], objects=[], cutouts=[], _files=files)

    with pytest.raises(StmatteError, match=r"None of 1000 stills .* more than 1% of their picture"):
        draw(poor, 1, rendered=0)
