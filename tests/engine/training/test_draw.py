# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.training.bases import MIN_SHARE, _walk, asked_labels, asked_mattes, still_base
from stmatte.training.corpus import UNKNOWN, Clip, Corpus, Still
from stmatte.training.draw import APART, OBJECTS, PASTED, RawClip, draw_clip
from stmatte.training.things import RIM, cut_out

SIZE = (64, 96)


ALL = {"swing": 1.0, "twins": 1.0, "cut": 1.0, "passing": 1.0, "pieces": 0.5}


def draw(
    corpus: Corpus, seed: int, rendered: float = 0.5, frames: int = 3, **shares: float
) -> RawClip:
    return draw_clip(corpus, SIZE, frames, rendered, np.random.default_rng(seed), **shares)


def numbers(raw: RawClip) -> list[int]:
    """Which objects there are, of the base and of the layers."""
    own = {int(n) for n in np.unique(raw.labels)} - {0, UNKNOWN}
    if raw.mattes is not None:
        own |= set(range(1, raw.mattes.shape[3] + 1))
    return sorted([*own, *(layer.number for layer in raw.layers if layer.number)])


def left_with(corpus: Corpus, **kinds: list[object]) -> Corpus:
    """The same corpus with some of its kinds replaced."""
    other = object.__new__(Corpus)
    other.__dict__.update(corpus.__dict__, **kinds)
    return other


def same(one: RawClip, other: RawClip) -> bool:
    def parts(raw: RawClip) -> list[object]:
        layers = [part for layer in raw.layers for part in vars(layer).values()]
        return [raw.base, raw.labels, raw.mattes, raw.hole, *layers]

    pairs = list(zip(parts(one), parts(other), strict=False))
    return len(parts(one)) == len(parts(other)) and all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("shares", [{}, ALL], ids=["none", "all"])
@pytest.mark.parametrize("seed", range(12))
def test_objects_count_from_one_and_none_is_there_twice(
    corpus: Corpus, seed: int, shares: dict[str, float]
) -> None:
    raw = draw(corpus, seed, **shares)

    moments = len(raw.base)
    assert moments in (1, 3)
    assert raw.base.shape == (moments, *SIZE, 3)
    assert raw.labels.shape == (moments, *SIZE)
    assert numbers(raw) == list(range(1, len(numbers(raw)) + 1))
    assert 1 <= len(numbers(raw)) <= OBJECTS
    for layer in raw.layers:
        assert layer.pixels.shape[2] == 4
        assert abs(layer.place[0]) <= SIZE[1] / SIZE[0]
        assert abs(layer.place[1]) <= 1


def test_objects_are_asked_for_from_their_least_share_on_and_numbered_from_one() -> None:
    labels = np.zeros((2, 100, 100), np.uint8)
    labels[0, 0, :40] = 5  # 40 of 10 000 pixels are 0.004
    labels[0, 1, :39] = 9
    labels[1, 0, 10:50] = 5
    labels[:, 50:] = UNKNOWN

    asked = asked_labels(labels, np.random.default_rng(1))

    assert MIN_SHARE == 0.004
    assert np.array_equal(asked, np.where(labels == 5, 1, np.where(labels == 9, 0, labels)))


def test_a_still_is_shown_whole_if_its_object_would_fill_the_picture(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.zeros((64, 96), np.uint8)
    labels[12:52, 20:74] = 1  # 35 % of the whole, and all but a rim of its middle half
    monkeypatch.setattr(Corpus, "labels", lambda *_: labels)
    monkeypatch.setattr(Corpus, "picture", lambda *_: np.zeros((64, 96, 3), np.uint8))
    without = left_with(corpus, backgrounds=[])

    shares = [
        float((still_base(without, SIZE, np.random.default_rng(seed))[1] == 1).mean())
        for seed in range(30)
    ]

    # another aspect than the picture's own, by exp(0.2) at most, makes 43 % of 35 %
    assert max(shares) <= 0.5
    assert np.std(shares) > 0.01  # windows are still of many sizes


def test_mattes_are_asked_for_by_the_same_share() -> None:
    mattes = np.zeros((2, 100, 100, 3), np.uint8)
    mattes[0, 0, :80, 1] = 128  # 80 halves of 10 000 pixels are 0.004
    mattes[0, 1, :70, 0] = 128

    asked = asked_mattes(mattes, np.random.default_rng(0))

    assert np.array_equal(asked, mattes[..., 1:2])


@pytest.mark.parametrize("seed", range(40))
def test_there_is_always_an_object_to_ask_for(corpus: Corpus, seed: int) -> None:
    raw = draw(corpus, seed, rendered=0)  # a quarter of these begin with an empty background
    shares = [(raw.labels[0] == n).mean() for n in (1, 2)]

    assert max(shares) >= MIN_SHARE or any(layer.number for layer in raw.layers)
    assert len(raw.layers) <= PASTED


def test_a_recipe_that_asks_for_none_of_it_gets_no_limbs_twins_holes_or_passers(
    corpus: Corpus,
) -> None:
    for seed in range(30):
        raw = draw(corpus, seed)

        assert raw.hole is None
        assert not any(layer.joints or layer.passes or layer.leaves for layer in raw.layers)


def test_a_twin_looks_the_same_and_lies_elsewhere(corpus: Corpus) -> None:
    apart, unasked = [], 0
    for seed in range(30):
        raw = draw(corpus, seed, twins=1.0)
        pairs = [
            (one, other)
            for i, one in enumerate(raw.layers)
            for other in raw.layers[:i]
            if np.array_equal(one.pixels, other.pixels)
        ]
        assert pairs or not raw.layers
        for one, other in pairs:
            assert not one.number or one.number != other.number
            apart.append(float(np.hypot(*np.subtract(one.place, other.place))))
            unasked += not (one.number and other.number)

    # eight places are tried for each: nearly always one of them is far enough away
    assert np.mean(np.array(apart) >= APART) > 0.9
    assert 0 < unasked < len(apart)


def test_what_passes_is_in_front_and_never_asked_for(corpus: Corpus) -> None:
    for seed in range(10):
        last = draw(corpus, seed, passing=1.0).layers[-1]
        assert last.passes
        assert last.number == 0


def test_a_still_s_objects_are_cut_out_where_they_are(corpus: Corpus) -> None:
    holes = 0
    for seed in range(30):
        raw = draw(corpus, seed, rendered=0, pasted=0, cut=1.0)
        assert not ((raw.labels > 0) & (raw.labels < UNKNOWN)).any()
        if raw.hole is None:
            continue
        holes += 1
        covered = np.zeros(SIZE, bool)
        for layer in raw.layers:
            h, w = layer.pixels.shape[:2]
            x = round((layer.place[0] * SIZE[0] + SIZE[1] - w) / 2) + RIM
            y = round((layer.place[1] * SIZE[0] + SIZE[0] - h) / 2) + RIM
            inside = layer.pixels[RIM:-RIM, RIM:-RIM, 3] > 0
            covered[y : y + inside.shape[0], x : x + inside.shape[1]] |= inside
        # alpha reaches a pixel beyond the mask, within its box
        assert covered[raw.hole].all()

    assert holes > 5


def test_what_is_cut_out_ends_softly_inside_a_clear_rim() -> None:
    mask = np.zeros((20, 30), bool)
    mask[5:10, 0:10] = True

    pixels, row, column = cut_out(np.full((20, 30, 3), 7, np.uint8), mask)

    assert pixels.shape == (5 + 2 * RIM, 10 + 2 * RIM, 4)
    assert (row, column) == (5 - RIM, -RIM)
    # a box of 3 x 3: a side keeps 6 / 9, the pixel beyond it 3 / 9
    assert pixels[RIM + 2, :4, 3].tolist() == [0, 85, 170, 255]
    assert (pixels[..., :3] == 7).all()  # colours go on under the rim


def test_a_clip_that_is_long_enough_is_walked_straight_on_and_a_short_one_to_and_fro() -> None:
    for seed in range(50):
        random = np.random.default_rng(seed)
        long, short = _walk(100, 3, 25, random), _walk(10, 8, 3, random)

        assert np.abs(np.diff(long)).min() >= 1
        assert np.unique(np.diff(long)).size == 1
        assert np.abs(np.diff(short)).max() <= 3
        assert all(0 <= i < 10 for i in short)
        assert len(short) == 8


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others(corpus: Corpus) -> None:
    assert same(draw(corpus, 5), draw(corpus, 5))
    assert not same(draw(corpus, 5), draw(corpus, 6))


def test_a_still_stands_and_a_rendered_clip_moves(corpus: Corpus) -> None:
    still, clip = draw(corpus, 1, rendered=0), draw(corpus, 1, rendered=1)

    assert len(still.base) == 1
    assert still.frames == 3
    assert len(clip.base) == 3
    assert not np.array_equal(clip.base[0], clip.base[2])


def test_a_clip_of_five_frames_makes_eight_and_one_of_two_makes_none(corpus: Corpus) -> None:
    short = left_with(corpus, clips=[Clip(c.pictures[:2], c.labels[:2]) for c in corpus.clips])

    assert len(draw(corpus, 1, rendered=1, frames=8).base) == 8
    assert len(draw(short, 1, rendered=1, frames=8).base) == 1
    assert len(draw(short, 1, rendered=1, frames=2).base) == 2


def test_an_empty_clip_does_no_harm(corpus: Corpus) -> None:
    empty = left_with(corpus, clips=[Clip((), ())])

    assert len(draw(empty, 1, rendered=1).base) == 1


@pytest.mark.parametrize(
    "missing", [("stills",), ("objects",), ("backgrounds",), ("cutouts",), ("stills", "clips")]
)
def test_what_a_corpus_has_not_got_is_done_without(
    corpus: Corpus, missing: tuple[str, ...]
) -> None:
    poor = left_with(corpus, **{kind: [] for kind in missing})

    for seed in range(12):
        assert numbers(draw(poor, seed))
        assert numbers(draw(poor, seed, **ALL))


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
