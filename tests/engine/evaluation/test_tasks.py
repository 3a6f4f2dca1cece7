# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import Matte, copy_first
from stmatte.evaluation.pictures import Picture, read_labels, write_labels
from stmatte.evaluation.tasks import Task, one_object

PICTURE = np.zeros((1, 4, 3), np.uint8)


def labels(*numbers: int) -> NDArray[np.uint8]:
    return np.array([numbers], np.uint8)


def task(folder: Path, **given: NDArray[np.uint8]) -> Task:
    """A task whose given label pictures are written; `f3` is the one of frame 3."""
    paths = {int(name[1:]): folder / f"{name}.png" for name in given}
    for name, numbers in given.items():
        write_labels(folder / f"{name}.png", numbers)
    return Task("goat", (), paths, {})


def test_objects_begin_on_the_first_frame_that_shows_them(tmp_path: Path) -> None:
    found = task(tmp_path, f0=labels(1, 1, 0, 255), f3=labels(1, 2, 2, 0)).starts()

    assert {index: sorted(masks) for index, masks in found.items()} == {0: [1], 3: [2]}
    assert found[0][1].tolist() == [[1, 1, 0, 0]]  # what nobody judged is no object
    assert found[3][2].tolist() == [[0, 1, 1, 0]]


def test_nothing_given_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match='first mask of sequence "goat" is empty'):
        task(tmp_path, f0=labels(0, 0, 0, 255)).starts()


def test_a_label_picture_comes_back_as_it_was_written(tmp_path: Path) -> None:
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)

    write_labels(tmp_path / "a.png", every)

    assert np.array_equal(read_labels(tmp_path / "a.png"), every)


def test_a_method_for_one_object_serves_several_that_begin_apart() -> None:
    starts = {
        0: {1: np.array([[1, 1, 0, 0]], np.float32)},
        2: {2: np.array([[0, 0, 0, 1]], np.float32)},
    }

    found = [each.tolist() for each in one_object(copy_first)([PICTURE] * 3, starts)]

    assert found == [[[1, 1, 0, 0]], [[1, 1, 0, 0]], [[1, 1, 0, 2]]]


def test_who_wants_a_pixel_more_gets_it_if_it_is_half_at_least() -> None:
    wants = {1: [0.5, 0.6, 0.49, 0.5], 2: [0.4, 0.7, 0.49, 0.5]}

    def soft(frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
        for _ in frames:
            yield np.array([wants[int(first[0, 0])]], np.float32)

    starts = {0: {n: np.full((1, 4), n, np.float32) for n in wants}}

    assert next(one_object(soft)([PICTURE], starts)).tolist() == [[1, 2, 0, 1]]
