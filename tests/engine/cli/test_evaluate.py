# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

FRAMES = 6


def write_sequence(root: Path, name: str, step: int) -> None:
    """Write an orange box of 32 x 32 on blue, which moves 4 * `step` columns a frame."""
    for frame in range(FRAMES):
        picture = np.full((96, 160, 3), (160, 40, 20), np.uint8)
        mask = np.zeros((96, 160), np.uint8)
        left = 16 + 4 * step * frame
        picture[32:64, left : left + 32] = (30, 120, 240)
        mask[32:64, left : left + 32] = 255
        for kind, array in (("JPEGImages", picture), ("Annotations", mask)):
            path = root / kind / "480p" / name / f"{frame:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            assert cv2.imwrite(str(path), array)


@pytest.fixture
def davis(tmp_path: Path) -> Path:
    """A folder of two sequences that DAVIS has in its train half."""
    root = tmp_path / "DAVIS"
    write_sequence(root, "bear", 1)
    write_sequence(root, "bus", 0)
    return root


def words(davis: Path, out: Path, model: str, *more: object) -> list[object]:
    start = ["evaluate", "davis16", "--root", davis, "--split", "train", "--device", "cpu"]
    return [*start, "--model", model, "--out", out, *more]


def scores(path: Path) -> dict[str, float]:
    """Return the mean J of every sequence."""
    with path.open() as file:
        return {row["name"]: float(row["J-Mean"]) for row in csv.DictReader(file)}


def test_a_floor_is_scored_and_leaves_masks_and_tables(
    run: Any, davis: Path, tmp_path: Path
) -> None:
    ran = run(*words(davis, tmp_path / "run", "copy-first"))

    assert ran.code == 0, ran.err
    assert ran.err.splitlines() == ["1/2 bear is done", "2/2 bus is done"]
    masks = sorted(path.name for path in (tmp_path / "run" / "bear").iterdir())
    assert masks == [f"{frame:05d}.png" for frame in range(FRAMES)]
    found = scores(tmp_path / "run" / "scores.csv")
    # after n frames 8 - n of 8 + n fours of columns are covered twice; the ends are left out
    assert found["bear"] == pytest.approx((7 / 9 + 6 / 10 + 5 / 11 + 4 / 12) / 4, abs=1e-9)
    assert found["bus"] == 1
    assert (tmp_path / "run" / "scores.md").read_text().strip() == ran.out.strip()


def test_what_is_done_is_not_done_again(run: Any, davis: Path, tmp_path: Path) -> None:
    first = run(*words(davis, tmp_path / "run", "copy-first"))
    (tmp_path / "run" / "bus" / "00003.png").unlink()
    kept = tmp_path / "run" / "bear" / "00003.png"
    stamp = kept.stat().st_mtime_ns

    again = run(*words(davis, tmp_path / "run", "copy-first"))

    assert again.err.splitlines() == ["1/2 bear was done before", "2/2 bus is done"]
    assert kept.stat().st_mtime_ns == stamp
    assert again.out.startswith(first.out)  # the same scores, and a line about what was there


def test_a_network_is_scored_like_a_floor(run: Any, davis: Path, tmp_path: Path) -> None:
    ran = run(*words(davis, tmp_path / "run", "label-propagation"))

    assert ran.code == 0, ran.err
    assert scores(tmp_path / "run" / "scores.csv")["bus"] > 0.9
    label = (tmp_path / "run" / "method.txt").read_text()
    assert label.startswith("label-propagation ")
    assert "working height 384" in label


def test_masks_of_other_settings_are_never_taken_for_one_s_own(
    run: Any, davis: Path, tmp_path: Path
) -> None:
    assert run(*words(davis, tmp_path / "run", "label-propagation")).code == 0

    ran = run(*words(davis, tmp_path / "run", "label-propagation", "--working-height", 96))

    assert ran.code == 2
    assert ran.err.startswith(f"stmatte: Folder {tmp_path / 'run'} holds masks of ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["--split", "nosuch"], 'Sequence "nosuch" is not in '),
        (["--root", "nosuch"], "Folder nosuch is not a DAVIS folder"),
        (["--model", "nosuch"], 'Model "nosuch" is not known'),
        (["--device", "tpu"], 'Device "tpu" is not known'),
        (["--working-height", 0], "Working height 0 is too small"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, list) else "",
)
def test_bad_input_is_a_sentence(
    run: Any, davis: Path, tmp_path: Path, change: list[object], said: str
) -> None:
    ran = run(*words(davis, tmp_path / "run", "label-propagation", *change))

    assert ran.code == 2
    assert ran.err.startswith(f"stmatte: {said}")
    assert not (tmp_path / "run").exists()
