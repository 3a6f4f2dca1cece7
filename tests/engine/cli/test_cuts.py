# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from shots import cut_short
from stmatte.images.cuts import THRESHOLD


def scene(number: int) -> Any:
    return np.random.default_rng(number).integers(0, 256, (16, 28, 3), np.uint8)


@pytest.fixture
def plate(tmp_path: Path) -> str:
    """Write frames 998-1009, where new scenes begin at 1002 and 1006."""
    folder = tmp_path / "plate"
    folder.mkdir()
    for frame in range(998, 1010):
        picture = scene((frame - 998) // 4)
        assert cv2.imwrite(str(folder / f"p.{frame:04d}.png"), picture)
    return str(folder / "p.####.png")


def test_a_line_a_cut_and_how_to_give_them_to_a_shot(run: Any, plate: str) -> None:
    ran = run("cuts", plate)

    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert re.fullmatch(r"1002  \(1001 -> 1002, difference [01]\.\d\d\)", lines[0])
    assert re.fullmatch(r"1006  \(1005 -> 1006, difference [01]\.\d\d\)", lines[1])
    assert lines[2:] == ['If these are cuts, write into the shot document: "cuts": [1002, 1006]']


def test_as_json_it_is_what_a_shot_document_takes(run: Any, plate: str) -> None:
    ran = run("cuts", plate, "--json")

    assert json.loads(ran.out) == [1002, 1006]


def test_nothing_found_is_said(run: Any, plate: str) -> None:
    assert run("cuts", plate, "--frames", "1002-1005").out == "No cut found.\n"
    assert json.loads(run("cuts", plate, "--frames", "1002-1005", "--json").out) == []


def test_only_the_frames_that_are_asked_for_are_searched(run: Any, plate: str) -> None:
    last = run("cuts", plate, "--frames", "998-1005").out.splitlines()[-1]

    assert last == 'If this one is a cut, write into the shot document: "cuts": [1002]'


def test_the_threshold_is_heard(run: Any, tmp_path: Path) -> None:
    for frame in range(1, 7):  # from black to half: a difference of 128 / 255 = 0.502
        cv2.imwrite(str(tmp_path / f"p.{frame}.png"), np.full((16, 28, 3), 128 * (frame > 3)))

    assert json.loads(run("cuts", tmp_path, "--json", "--threshold", 0.5).out) == [4]
    assert json.loads(run("cuts", tmp_path, "--json", "--threshold", 0.51).out) == []


def test_the_help_states_the_threshold_that_holds(run: Any) -> None:
    assert f"[default: {THRESHOLD:g}]" in " ".join(run("cuts", "--help").out.split())


def test_it_writes_nothing(run: Any, plate: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))

    run("cuts", plate)

    assert sorted(tmp_path.rglob("*")) == before


def test_a_bar_leaves_standard_output_to_the_list(run: Any, plate: str) -> None:
    ran = run("cuts", plate, "--json", "--progress", "bar")

    assert json.loads(ran.out) == [1002, 1006]
    assert "Looking for cuts" in ran.err


def test_a_video_is_searched_too(run: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "v.avi")
    video = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for frame in range(10):
        video.write(cv2.resize(scene(frame // 5), (64, 48), interpolation=cv2.INTER_NEAREST))
    video.release()

    assert json.loads(run("cuts", path, "--json").out) == [6]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--frames", "1-5"), "Frames 1-5 are not in the plate"),
        (("--frames", "x"), 'Frame range "x" cannot be read'),
        (("--threshold", "0"), "Threshold 0 is not possible"),
    ],
)
def test_what_is_not_possible_is_refused(
    run: Any, plate: str, words: tuple[str, ...], said: str
) -> None:
    ran = run("cuts", plate, *words)

    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_frame_that_cannot_be_read_is_named(run: Any, plate: str) -> None:
    cut_short(Path(plate.replace("####", "1004")))

    ran = run("cuts", plate)

    assert (ran.code, ran.out) == (2, "")
    assert "Plate frame 1004" in ran.err
