# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shots import soft_disc, write_grey


@pytest.fixture
def shot(place: Any) -> Path:
    """A shot that is keyed on its first frame."""
    write_grey(place.folder / "keys" / "1001.png", soft_disc(32))
    document = {
        "format": "stmatte.shot/1",
        "plate": "plate/plate.####.png",
        "keys": [{"frame": 1001, "object": "hero", "matte": {"path": "keys/1001.png"}}],
        "settings": {"model": "label-propagation", "device": "cpu"},
    }
    path: Path = place.folder / "shot.json"
    path.write_text(json.dumps(document))
    return path


def test_a_table_names_frames_with_reasons(run: Any, place: Any, shot: Path) -> None:
    run("propagate", shot, "--out", place.out)

    ran = run("suggest", shot, "--count", 2)

    assert (ran.code, ran.err) == (0, "")
    heading, first, *more = ran.out.splitlines()
    assert heading.split() == ["frame", "object", "gain", "why"]
    assert first.split()[0] in {"1002", "1003", "1004", "1005"}
    assert first.split()[1] == "hero"
    assert first.rstrip().endswith("from the nearest key; 3 more frames would hear it")
    assert len(more) == 1


def test_as_json_it_is_a_list(run: Any, place: Any, shot: Path) -> None:
    run("propagate", shot, "--out", place.out)

    (advice,) = json.loads(run("suggest", shot, "--count", 1, "--json").out)["advice"]

    assert set(advice) == {"frame", "object", "gain", "reasons"}
    assert advice["object"] == "hero"
    assert 0 < advice["gain"] <= 1


def test_when_every_frame_is_keyed_no_key_would_help(run: Any, shot: Path) -> None:
    document = json.loads(shot.read_text())
    document["frames"] = "1001"
    shot.write_text(json.dumps(document))

    assert run("suggest", shot).out == "Nothing is in doubt: no key would help.\n"


def test_a_shot_that_was_not_propagated_is_refused(run: Any, shot: Path) -> None:
    ran = run("suggest", shot)

    assert ran.code == 2
    assert ran.err == (
        "stmatte: Frames 1002-1005 are stale: advice looks at mattes that are there. "
        "Run stmatte propagate on the shot first, with the same store.\n"
    )
