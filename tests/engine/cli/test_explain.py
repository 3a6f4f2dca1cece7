# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import cv2
import pytest

from shots import soft_disc, write_grey


@pytest.fixture
def shot(run: Any, place: Any) -> Path:
    """A propagated shot, keyed at both ends."""
    keys = []
    for frame in (1001, 1005):
        path = write_grey(place.folder / "keys" / f"{frame}.png", soft_disc(frame % 90))
        keys.append({"frame": frame, "object": "hero", "matte": {"path": f"keys/{path.name}"}})
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": keys,
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path = place.folder / "shot.json"
    path.write_text(json.dumps(document))
    assert run("propagate", path, "--out", place.out).code == 0
    return path


def test_the_frames_that_were_read_are_told_for_both_passes(run: Any, shot: Path) -> None:
    ran = run("explain", shot, "--frame", 1003, "--pixel", "36,32")

    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert re.fullmatch(r'Frame 1003, pixel 36,32: "hero" is [01]\.\d{3}\.', lines[0])
    assert lines[1] == "Forward from the key at 1001, counts 50 %."
    assert re.match(r"  matte    (key|own result) 100[1-5]: \d+\.\d %", lines[2])
    assert lines[3] == "Backward from the key at 1005, counts 50 %."
    assert len(lines) == 5


def test_as_json_all_shares_are_there_and_sum_to_one(run: Any, shot: Path) -> None:
    told = json.loads(run("explain", shot, "--frame", 1003, "--pixel", "36,32", "--json").out)

    assert (told["frame"], told["object"], told["pixel"]) == (1003, "hero", [36, 32])
    assert [way["start"] for way in told["passes"]] == [1001, 1005]
    for way in told["passes"]:
        (read,) = way["reads"]
        assert sum(source["share"] for source in read["sources"]) == pytest.approx(1, abs=0.01)
        assert {s["frame"] for s in read["sources"] if s["key"]} <= {1001, 1005}
    assert told["picture"] is None


def test_a_picture_is_written(run: Any, shot: Path, tmp_path: Path) -> None:
    out = tmp_path / "why.png"

    ran = run("explain", shot, "--frame", 1003, "--pixel", "36,32", "--out", out)

    assert ran.out.splitlines()[-1] == f"Picture: {out}"
    assert cv2.imread(str(out)) is not None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--frame", 1001, "--pixel", "36,32"], 'Object "hero" is keyed at frame 1001'),
        (["--frame", 1003, "--pixel", "36"], 'Pixel "36" cannot be read'),
        (["--frame", 1003, "--pixel", "960,0"], "Pixel 960,0 is outside the plate"),
        (["--frame", 1003, "--pixel", "36,32", "--out", "why.jpg"], 'Picture "why.jpg" is no PNG'),
        (["--frame", 1003, "--pixel", "36,32", "--store", "none"], "Frame 1003 is stale"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_a_sentence(
    run: Any, shot: Path, words: list[object], message: str
) -> None:
    ran = run("explain", shot, *words)

    assert ran.code == 2
    assert ran.err.startswith(f"stmatte: {message}")
