# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import copy_first
from stmatte.evaluation.segtrack import evaluate_segtrack, open_segtrack
from stmatte.evaluation.tasks import one_object

from .conftest import box, box_frame, write_png

COPY = one_object(copy_first)


@pytest.fixture
def segtrack(tmp_path: Path) -> Path:
    """ "girl" has one object, "cars" two in folders of their own; boxes move a column a frame."""
    root = tmp_path / "SegTrackv2"
    for video, objects in {"girl": [""], "cars": ["1", "2"]}.items():
        for frame in range(3):
            name = f"{frame:05d}.png"
            write_png(root / "JPEGImages" / video / name, box_frame(4 + frame))
            for each in objects:
                mask = box(4 + frame).astype(np.uint8) * 255
                write_png(root / "GroundTruth" / video / each / name, mask)
    return root


def test_every_object_is_a_sequence_of_its_own(segtrack: Path, tmp_path: Path) -> None:
    tasks = open_segtrack(segtrack)

    report = evaluate_segtrack(tasks, COPY, tmp_path / "out", label="copy-first")

    assert [row.name for row in report.rows] == ["cars_1", "cars_2", "girl"]
    assert report.rows[2].j == (7 / 9, 6 / 10)  # all but the given frame, the last one too
    assert (tmp_path / "out" / "scores.csv").is_file()


def test_the_given_frame_is_judged_if_asked(segtrack: Path, tmp_path: Path) -> None:
    tasks = open_segtrack(segtrack, ["girl"])

    report = evaluate_segtrack(tasks, COPY, tmp_path / "out", label="copy-first", keep_first=True)

    assert report.rows[0].j == (1, 7 / 9, 6 / 10)


def test_a_mask_that_is_missing_is_told(segtrack: Path) -> None:
    (segtrack / "GroundTruth" / "girl" / "00002.png").unlink()

    with pytest.raises(StmatteError, match='"girl" has 3 pictures and 2 masks'):
        open_segtrack(segtrack)
    with pytest.raises(StmatteError, match="not a SegTrack v2 folder"):
        open_segtrack(segtrack / "JPEGImages")
