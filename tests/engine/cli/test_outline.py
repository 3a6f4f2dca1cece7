# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shots import soft_disc
from stmatte.images.mattes import write_mattes


@pytest.fixture
def mattes(tmp_path: Path) -> str:
    """Write mattes of a disc that moves evenly, and return their pattern."""
    for frame in range(1001, 1006):
        write_mattes(tmp_path / "m" / f"m.{frame}.exr", {"hero": soft_disc(30 + 2 * (frame % 10))})
    return str(tmp_path / "m" / "m.####.exr")


def test_an_outline_is_written_and_said_in_a_line(run: Any, mattes: str, tmp_path: Path) -> None:
    out = tmp_path / "new" / "hero.json"

    ran = run("outline", mattes, "--object", "hero", "--out", out)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{out}: 1 spline, 4 points, 2 keys for 5 frames; 0.")
    said = json.loads(out.read_text("utf-8"))
    (layer,) = said["layers"]
    assert (said["format"], said["frames"], layer["keys"]) == (
        "stmatte.outline/1",
        "1001-1005",
        [1001, 1005],
    )
    assert np.array(layer["splines"][0]["poses"]).shape == (2, 4, 6)


def test_frames_can_be_chosen(run: Any, mattes: str, tmp_path: Path) -> None:
    out = tmp_path / "hero.json"

    run("outline", mattes, "--object", "hero", "--out", out, "--frames", "1002-1004")

    assert json.loads(out.read_text("utf-8"))["frames"] == "1002-1004"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--object", "her"), 'has no object "her": its objects are hero'),
        (("--object", "hero", "--frames", "7"), "None of the frames has a matte"),
        (("--object", "hero", "--tolerance", "0"), "A tolerance of 0 pixels cannot be kept"),
        (("--object", "hero", "--out", "hero.exr"), "its name ends with .json"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    run: Any, mattes: str, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    ran = run("outline", mattes, "--out", tmp_path / "o.json", *words)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert list(tmp_path.glob("*.json")) == []


def test_mattes_that_are_empty_are_refused(run: Any, tmp_path: Path) -> None:
    write_mattes(tmp_path / "m.1001.exr", {"hero": np.zeros((20, 30), np.float32)})

    ran = run("outline", tmp_path / "m.####.exr", "--object", "hero", "--out", tmp_path / "o.json")

    assert ran.code == 2
    assert "There is nothing to outline" in ran.err
