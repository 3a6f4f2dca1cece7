# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import open_davis
from stmatte.evaluation.floors import copy_first
from stmatte.evaluation.jumpcut import (
    Carried,
    as_markdown,
    errors_by_distance,
    evaluate_jumpcut,
)
from stmatte.evaluation.tasks import one_object

from .conftest import write_png

COPY = one_object(copy_first)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """20 frames: a bar of 2 columns and 6 rows that moves a column every 8 frames."""
    root = tmp_path / "JumpCut"
    for frame in range(20):
        mask = np.zeros((6, 8), np.uint8)
        mask[:, frame // 8 : frame // 8 + 2] = 255
        name = f"{frame:05d}.png"
        write_png(root / "Annotations" / "bar" / name, mask)
        write_png(root / "JPEGImages" / "bar" / name, np.stack([mask] * 3, axis=2))
    return root


def test_errors_are_wrong_pixels_of_the_true_area(video: Path, tmp_path: Path) -> None:
    carried = evaluate_jumpcut(
        open_davis(video).sequences("bar"), COPY, tmp_path / "out", label="copy-first"
    )

    # 8 frames on one column of two is wrong on either side: 12 of 12 pixels; 16 on, all: 24
    assert carried == (Carried("bar", 0, 8, 100.0), Carried("bar", 0, 16, 200.0))
    assert (tmp_path / "out" / "scores.csv").read_text().splitlines()[1:] == [
        "bar,0,8,100.0",
        "bar,0,16,200.0",
    ]


def test_videos_weigh_the_same_however_many_keys_they_have() -> None:
    carried = [Carried("a", 0, 8, 10), Carried("a", 16, 8, 30), Carried("b", 0, 8, 40)]

    found = errors_by_distance(carried)

    assert found == {8: {"a": 20.0, "b": 40.0, "mean": 30.0}}
    assert as_markdown(found).splitlines()[-1] == "| mean | 30.00 |"


def test_an_empty_truth_is_not_judged(video: Path, tmp_path: Path) -> None:
    write_png(video / "Annotations" / "bar" / "00008.png", np.zeros((6, 8), np.uint8))

    carried = evaluate_jumpcut(
        open_davis(video).sequences("bar"), COPY, tmp_path / "out", label="copy-first"
    )

    assert [(each.key, each.distance) for each in carried] == [(0, 16)]


def test_videos_that_are_too_short_are_refused(video: Path, tmp_path: Path) -> None:
    for frame in range(1, 20):
        for kind in ("Annotations", "JPEGImages"):
            (video / kind / "bar" / f"{frame:05d}.png").unlink()

    with pytest.raises(StmatteError, match="No video is long enough"):
        evaluate_jumpcut(
            open_davis(video).sequences("bar"), COPY, tmp_path / "out", label="copy-first"
        )
