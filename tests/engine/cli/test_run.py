# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from shots import soft_disc, write_grey


@pytest.fixture
def shots(place: Any) -> list[Path]:
    """Two shots of frames 1001-1005, keyed on both ends, one of them in the middle, too."""
    found = []
    for name, frames in (("sh010", (1001, 1003, 1005)), ("sh020", (1001, 1005))):
        keys = []
        for frame in frames:
            key = write_grey(place.folder / "keys" / f"{frame}.png", soft_disc(frame % 90))
            keys.append({"frame": frame, "object": "hero", "matte": {"path": f"keys/{key.name}"}})
        document = {
            "format": "stmatte.shot/1",
            "plate": "plate/plate.####.png",
            "keys": keys,
            "settings": {"model": "label-propagation", "device": "cpu"},
        }
        path = place.folder / f"{name}.json"
        path.write_text(json.dumps(document))
        found.append(path)
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.exr")}


def test_two_processes_make_the_bytes_of_one(run: Any, place: Any, shots: list[Path]) -> None:
    for shot in shots:
        out = place.folder / "whole" / shot.stem / "m.####.exr"
        assert run("propagate", shot, "--out", out, "--store", "none", "--cryptomatte").code == 0
    words = ["run", *shots, "--out", place.folder / "out" / "{shot}" / "m.####.exr", "--jobs", 2]
    words += ["--store", place.folder / "store", "--cryptomatte"]

    first = run(*words)
    again = run(*words, "--progress", "json")

    assert first.code == 0, first.err
    assert "2 of 2 shots are done." in first.out
    assert len(files(place.folder / "out")) == 20
    assert files(place.folder / "out") == files(place.folder / "whole")
    told = [json.loads(line) for line in again.out.splitlines()]
    assert [event["event"] for event in told] == ["written", "written", "done"]


@pytest.mark.slow
def test_a_span_that_fails_is_told_and_the_other_shot_is_done(
    run: Any, place: Any, shots: list[Path]
) -> None:
    folder = place.folder / "broken"
    shutil.copytree(place.folder / "plate", folder)
    (folder / "plate.1003.png").write_bytes(b"no picture")
    document = json.loads(shots[1].read_text()) | {"plate": "broken/plate.####.png"}
    shots[1].write_text(json.dumps(document))

    ran = run("run", *shots, "--out", place.folder / "out" / "{shot}.####.exr", "--jobs", 2)

    assert ran.code == 1
    assert "sh020.json: span 1 (1002-1004) failed." in ran.err
    assert "plate.1003.png" in ran.err
    assert sorted(files(place.folder / "out")) == [f"sh010.{f}.exr" for f in range(1001, 1006)]


def test_what_is_wrong_with_any_shot_is_told_before_anything_is_begun(
    run: Any, place: Any, shots: list[Path]
) -> None:
    shots[0].write_text(shots[0].read_text().replace("keys/1003.png", "keys/gone.png"))
    shots[1].write_text(shots[1].read_text().replace("plate.####.png", "none.####.png"))

    ran = run("run", *shots, "--out", place.folder / "out" / "{shot}.####.exr")

    assert ran.code == 2
    assert "gone.png" in ran.err
    assert "none.####.png" in ran.err
    assert not files(place.folder)


def test_shots_may_not_write_the_same_files(run: Any, place: Any, shots: list[Path]) -> None:
    ran = run("run", *shots, "--out", place.out)

    assert ran.code == 2
    assert "several shots write to files of their own" in ran.err
