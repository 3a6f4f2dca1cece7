# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from stmatte.scribbles import Stroke, draw_strokes
from stmatte.scribbles.touching_up import neighbourhood, touched_up

SIZE = 96, 160
TRUTH = np.zeros(SIZE, np.int_)
TRUTH[34:62, 30:130] = 1
NOTHING = np.zeros(SIZE, np.int_)


def stroke(y: int, left: int, right: int, number: int) -> Stroke:
    """A level stroke in a row, between two columns."""
    return Stroke(tuple((x / (SIZE[1] - 1), y / (SIZE[0] - 1)) for x in (left, right)), number)


def upright(x: int, top: int, bottom: int, number: int) -> Stroke:
    return Stroke(tuple((x / (SIZE[1] - 1), y / (SIZE[0] - 1)) for y in (top, bottom)), number)


@pytest.fixture
def picture() -> np.ndarray:
    """An orange box on blue, with grain."""
    grain = np.random.default_rng(1).normal(0, 0.03, (*SIZE, 3))
    colours = np.where(TRUTH[..., None] == 1, (0.9, 0.5, 0.1), (0.1, 0.2, 0.6))
    return (colours + grain).clip(0, 1).astype(np.float32)


def jaccard(ours: np.ndarray, true: np.ndarray) -> float:
    return float((ours & true).sum() / (ours | true).sum())


def test_what_was_missed_is_added_up_to_the_picture_s_edge(picture: np.ndarray) -> None:
    half = TRUTH.copy()
    half[:, 80:] = 0

    found, _ = touched_up(picture, half, [stroke(48, 84, 126, 1)])

    assert jaccard(half == 1, TRUTH == 1) == 0.5
    assert jaccard(found == 1, TRUTH == 1) > 0.9


def test_what_is_too_much_is_taken_away(picture: np.ndarray) -> None:
    much = TRUTH.copy()
    much[34:62, 130:150] = 1

    found, _ = touched_up(picture, much, [upright(140, 37, 59, 0)])

    assert jaccard(found == 1, TRUTH == 1) > 0.97


def test_from_nothing_one_stroke_finds_an_object(picture: np.ndarray) -> None:
    found, _ = touched_up(picture, NOTHING, [stroke(48, 45, 115, 1)])

    assert jaccard(found == 1, TRUTH == 1) > 0.9


def test_what_no_stroke_speaks_of_stays(picture: np.ndarray) -> None:
    wrong = TRUTH.copy()
    wrong[2:8, 4:20] = 1  # far from the stroke
    wrong[36:44, 30:60] = 0

    found, near = touched_up(picture, wrong, [stroke(40, 34, 56, 1)])

    assert not near[2:8, 4:20].any()
    assert (found[~near] == wrong[~near]).all()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_was_drawn_holds_whatever_the_colours_say(picture: np.ndarray, number: int) -> None:
    strokes = [stroke(10, 20, 60, number), stroke(50, 50, 90, number)]

    found, _ = touched_up(picture, TRUTH, strokes)

    drawn = draw_strokes(strokes, SIZE)
    assert (found[drawn == number] == number).all()


def test_the_same_strokes_give_the_same_labels(picture: np.ndarray) -> None:
    strokes = [stroke(48, 84, 126, 1), stroke(60, 84, 120, 2)]

    assert (touched_up(picture, TRUTH, strokes)[0] == touched_up(picture, TRUTH, strokes)[0]).all()


def test_a_stroke_reaches_half_its_length_or_all_of_it_where_an_object_begins() -> None:
    line = stroke(48, 60, 89, 1)  # 30 pixels long

    correction, beginning = neighbourhood([line], TRUTH), neighbourhood([line], NOTHING)

    assert [correction[48, 89 + away] for away in (14, 16)] == [True, False]
    assert [beginning[48, 89 + away] for away in (29, 31)] == [True, False]
