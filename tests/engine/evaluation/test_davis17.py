# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stmatte.evaluation.davis import LISTS_2017, open_davis
from stmatte.evaluation.davis17 import evaluate17
from stmatte.evaluation.floors import copy_first
from stmatte.evaluation.pictures import read_labels, write_labels
from stmatte.evaluation.scoring import score
from stmatte.evaluation.tasks import one_object

from .conftest import FRAMES, box, box_frame, write_png


@pytest.fixture
def two_objects(tmp_path: Path) -> Path:
    """One sequence: object 1 moves a column a frame, object 2 stands, and a corner is void."""
    root = tmp_path / "DAVIS17"
    for frame in range(FRAMES):
        labels = np.where(box(4 + frame), 1, 0).astype(np.uint8)
        labels[18:22, 4:12] = 2
        labels[:2, :2] = 255
        write_labels_at(root / "Annotations" / "480p" / "pair" / f"{frame:05d}.png", labels)
        write_png(root / "JPEGImages" / "480p" / "pair" / f"{frame:05d}.png", box_frame(4 + frame))
    return root


def write_labels_at(path: Path, labels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_labels(path, labels)


def test_every_object_is_a_row_and_keeps_its_number(two_objects: Path, tmp_path: Path) -> None:
    sequences = open_davis(two_objects).sequences("pair")
    out = tmp_path / "out"

    report = evaluate17(sequences, one_object(copy_first), out, label="copy-first")

    assert [row.name for row in report.rows] == ["pair_1", "pair_2"]
    assert report.rows[0].j == (7 / 9, 6 / 10, 5 / 11, 4 / 12)  # as with one object
    assert report.rows[1].j == (1, 1, 1, 1)
    assert sorted(np.unique(read_labels(out / "pair" / "00003.png"))) == [0, 1, 2]


def test_scoring_the_folder_again_gives_the_same(two_objects: Path, tmp_path: Path) -> None:
    sequences = open_davis(two_objects).sequences("pair")
    report = evaluate17(sequences, one_object(copy_first), tmp_path / "out", label="copy-first")

    assert score(tmp_path / "out", two_objects / "Annotations" / "480p").rows == report.rows


def test_the_lists_of_2017_say_what_its_halves_are(two_objects: Path) -> None:
    for year, name in (("2016", "other"), ("2017", "pair")):
        lists = two_objects / "ImageSets" / year
        lists.mkdir(parents=True)
        (lists / "val.txt").write_text(f"{name}\n")

    assert open_davis(two_objects, LISTS_2017).splits["val"] == ("pair",)
    assert open_davis(two_objects).splits["val"] == ("other",)
