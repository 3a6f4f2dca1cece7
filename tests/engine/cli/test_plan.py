# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from shots import soft_disc, write_grey


def document(place: Any, *frames: int) -> Path:
    """Write a shot that is keyed on these frames."""
    keys = []
    for frame in frames:
        path = write_grey(place.folder / "keys" / f"{frame}.png", soft_disc(frame % 90))
        keys.append({"frame": frame, "object": "hero", "matte": {"path": f"keys/{path.name}"}})
    shot = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": keys,
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path = place.folder / "shot.json"
    path.write_text(json.dumps(shot))
    return path


def spans(run: Any, shot: Path, *more: object) -> list[dict[str, Any]]:
    ran = run("plan", shot, "--json", *more)
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["spans"]
    return found


def test_before_the_first_run_every_span_is_stale(run: Any, place: Any) -> None:
    ran = run("plan", document(place, 1001, 1005))

    assert ran.code == 0, ran.err
    table, cost = ran.out.splitlines()[:-1], ran.out.splitlines()[-1]
    assert table[-1].split() == [
        "hero",
        "1002-1004",
        "1001",
        "1005",
        "1002-1004",
        "not",
        "made",
        "yet",
    ]
    assert cost.startswith("3 stale frames, 6 steps of the network")


def test_after_a_run_everything_is_fresh(run: Any, place: Any) -> None:
    shot = document(place, 1001, 1005)
    run("propagate", shot, "--out", place.out)

    for more in ([], ["--out", place.out]):
        ran = run("plan", shot, *more)
        assert ran.out.splitlines()[-1] == "Everything is fresh."


def test_a_correction_is_named_with_the_frames_that_it_makes_stale(run: Any, place: Any) -> None:
    run("propagate", document(place, 1001, 1005), "--out", place.out)

    found = spans(run, document(place, 1001, 1003, 1005), "--out", place.out)

    assert [(span["frames"], span["stale"], span["why"]) for span in found] == [
        ("1002", "1002", "key at 1003 is new"),
        ("1004", "1004", "key at 1003 is new"),
    ]


def test_a_file_that_is_gone_is_stale_and_costs_no_network(run: Any, place: Any) -> None:
    shot = document(place, 1001, 1005)
    run("propagate", shot, "--out", place.out)
    (place.folder / "out" / "matte.1003.exr").unlink()

    ran = run("plan", shot, "--out", place.out)

    assert ran.out.splitlines()[-1] == "1 stale frame, 0 steps of the network."


def test_a_key_inside_a_lock_is_noted(run: Any, place: Any) -> None:
    shot = document(place, 1001, 1003)
    words = json.loads(shot.read_text())
    words["locks"] = [
        {"object": "hero", "frames": "1002-1003", "mattes": {"path": "plate/plate.####.png"}}
    ]
    for frame in (1002, 1003):
        write_grey(place.folder / "approved" / f"hero.{frame}.png", soft_disc(40))
    words["locks"][0]["mattes"] = {"path": "approved/hero.####.png"}
    shot.write_text(json.dumps(words))

    ran = run("plan", shot)

    assert 'Key at frame 1003 of "hero" is not heard: the frame is locked' in ran.out


def linear_document(place: Any) -> Path:
    """Write the same shot on a plate of light, four stops too dark."""
    for frame in (1001, 1002, 1003):
        light = np.full((64, 96, 3), 0.18 / 16, np.float32)
        assert cv2.imwrite(str(place.folder / f"light.{frame}.tif"), light)
    path = document(place, 1001)
    shot = json.loads(path.read_text()) | {"plate": "light.####.tif"}
    path.write_text(json.dumps(shot))
    return path


def test_what_is_guessed_and_measured_of_a_plate_is_said(run: Any, place: Any) -> None:
    ran = run("plan", linear_document(place))

    assert 'The plate is taken as "lin_ap1_scene", as floating point pictures are.' in ran.out
    assert "The network sees the plate 4 stops brighter, as measured on the shot." in ran.out


def test_a_measured_exposure_is_recorded_once_and_stays(run: Any, place: Any) -> None:
    path = linear_document(place)

    ran = run("plan", path, "--record-exposure")

    assert ran.code == 0, ran.err
    assert "as measured" not in ran.out
    recorded = json.loads(path.read_text())
    assert recorded["settings"]["exposure"] == 4
    recorded["settings"]["exposure"] = 2.5
    path.write_text(json.dumps(recorded))
    assert run("plan", path, "--record-exposure").code == 0
    assert json.loads(path.read_text())["settings"]["exposure"] == 2.5
