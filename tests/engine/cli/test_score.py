# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest


def write_masks(folder: Path, lefts: list[int]) -> None:
    """Write a mask of 8 x 8 a frame, its left edge where `lefts` says."""
    folder.mkdir(parents=True)
    for frame, left in enumerate(lefts):
        mask = np.zeros((24, 40), np.uint8)
        mask[8:16, left : left + 8] = 255
        assert cv2.imwrite(str(folder / f"{frame:05d}.png"), mask)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Predictions and truth: exact for bear, two columns off for bus."""
    for name, off in (("bear", 0), ("bus", 2)):
        write_masks(tmp_path / "truth" / name, [4, 5, 6, 7])
        write_masks(tmp_path / "made" / name, [4 + off, 5 + off, 6 + off, 7 + off])
    return tmp_path / "made", tmp_path / "truth"


def row(table: str, name: str) -> list[str]:
    """Return the cells of a sequence's row."""
    return next([c.strip() for c in line.split("|")] for line in table.splitlines() if name in line)


def test_masks_are_scored_against_the_truth(run: Any, folders: tuple[Path, Path]) -> None:
    ran = run("score", *folders)

    assert ran.code == 0, ran.err
    assert any(cell.startswith("1.0") for cell in row(ran.out, "bear"))
    assert any(cell.startswith("0.6") for cell in row(ran.out, "bus"))  # 6 of 10 columns


def test_the_table_is_written_where_it_is_wanted(
    run: Any, folders: tuple[Path, Path], tmp_path: Path
) -> None:
    ran = run("score", *folders, "--csv", tmp_path / "tables" / "scores.csv")

    assert ran.code == 0, ran.err
    lines = (tmp_path / "tables" / "scores.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:3]] == ["bear", "bus"]


def test_a_table_that_cannot_be_written_is_said_before_the_work(
    run: Any, folders: tuple[Path, Path]
) -> None:
    ran = run("score", *folders, "--csv", folders[0] / "bus" / "00000.png" / "scores.csv")

    assert ran.code == 2
    assert ran.out == ""
    assert "cannot be written" in ran.err


def test_only_some_sequences_can_be_asked_for(run: Any, folders: tuple[Path, Path]) -> None:
    ran = run("score", *folders, "--sequences", "bus")

    assert "bus" in ran.out
    assert "bear" not in ran.out


def test_a_prediction_that_is_missing_is_named(run: Any, folders: tuple[Path, Path]) -> None:
    (folders[0] / "bus" / "00002.png").unlink()

    ran = run("score", *folders)

    assert ran.code == 2
    assert ran.out == ""
    assert "00002.png" in ran.err


def test_folders_that_are_not_there_are_named(run: Any, tmp_path: Path) -> None:
    ran = run("score", tmp_path / "nosuch", tmp_path / "neither")

    assert ran.code == 2
    assert str(tmp_path / "neither") in ran.err
