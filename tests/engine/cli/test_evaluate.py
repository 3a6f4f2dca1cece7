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


def clips_of(davis: Path, root: Path) -> Path:
    """Return the same sequences as clips with soft mattes."""
    for name in ("bear", "bus"):
        for kind, folder in (
            ("JPEGImages", "frames"),
            ("Annotations", "labels"),
            ("Annotations", "alpha"),
        ):
            for path in (davis / kind / "480p" / name).iterdir():
                array = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
                if folder == "labels":
                    array = array // 255
                if folder == "alpha":  # object 1 is red
                    array = np.dstack([0 * array, 0 * array, array])
                place = root / name / folder / path.name
                place.parent.mkdir(parents=True, exist_ok=True)
                assert cv2.imwrite(str(place), array)
    return root


def test_clips_with_soft_mattes_are_scored_by_them(run: Any, davis: Path, tmp_path: Path) -> None:
    root, out = clips_of(davis, tmp_path / "clips"), tmp_path / "run"

    ran = run("evaluate", "davis17", "--root", root, "--model", "label-propagation", "--out", out)

    assert ran.code == 0, ran.err
    with (out / "scores.csv").open() as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert float(rows["bus_1"]["alpha-error"]) < 0.1
    assert float(rows["bus_1"]["truth-jitter"]) < 0.05  # a still box on a still plate
    assert len(list((out / "mattes" / "bus" / "1").iterdir())) == FRAMES
    again = run("evaluate", "davis17", "--root", root, "--model", "label-propagation", "--out", out)
    assert again.err.splitlines() == ["1/2 bear was done before", "2/2 bus was done before"]


def test_corrections_redo_no_more_than_what_they_reach(
    run: Any, davis: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    start = ["evaluate", "corrections", "--root", davis, "--split", "bear", "--device", "cpu"]
    more = ["--model", "label-propagation", "--working-height", 96, "--out", out]

    ran = run(*start, *more, "--corrections", 3)

    assert ran.code == 0, ran.err
    assert (out / "corrections.md").read_text() == ran.out
    with (out / "corrections.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["keys"] for row in rows] == ["1", "2", "3", "4"]
    before: set[int] = set()
    for row in rows:
        keys = {int(key) for key in row["keyed"].split()}
        (new,) = keys - before
        # with one key on either side heard, a key reaches from the one before to the one after
        low = max((key for key in keys if key < new), default=-1)
        high = min((key for key in keys if key > new), default=FRAMES)
        assert int(row["redone"]) == high - low - 2
        before = keys
    assert float(rows[-1]["J"]) > float(rows[0]["J"])


def test_corrections_with_a_wider_reach_redo_more(run: Any, davis: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    start = ["evaluate", "corrections", "--root", davis, "--split", "bear", "--device", "cpu"]
    more = ["--model", "label-propagation", "--working-height", 96, "--out", out]

    ran = run(*start, *more, "--corrections", 2, "--reach", "all")

    assert ran.code == 0, ran.err
    with (out / "corrections.csv").open() as file:
        redone = [int(row["redone"]) for row in csv.DictReader(file)]
    # every frame listens to every key, and one more is keyed each time
    assert redone == [FRAMES - 1, FRAMES - 2, FRAMES - 3]
    assert "reach all" in (out / "method.txt").read_text()


def test_reach_is_refused_where_nothing_is_corrected(run: Any, davis: Path, tmp_path: Path) -> None:
    ran = run(*words(davis, tmp_path / "run", "stmatte-s", "--reach", "2"))

    assert ran.code == 2
    assert "use it for corrections" in ran.err


def test_simple_ways_can_be_corrected_too(run: Any, davis: Path, tmp_path: Path) -> None:
    start = ["evaluate", "corrections", "--root", davis, "--split", "bear"]

    ran = run(*start, "--model", "copy-first", "--corrections", 1, "--out", tmp_path / "run")

    assert ran.code == 0, ran.err
    # the last frame is keyed, frames 1 and 4 are one from a key, 2 and 3 are two
    assert f"| bear, 1 | {(7 / 9 + 6 / 10) / 2:.3f} |" in ran.out
