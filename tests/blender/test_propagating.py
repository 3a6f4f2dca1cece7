# SPDX-License-Identifier: Apache-2.0
"""An artist's way through a shot in a real Blender, with the real engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

import footage
from blenders import Blender

FRAMES = list(footage.FRAMES)
PLACES = json.dumps({frame: footage.place(frame) for frame in FRAMES})


def file_of(frame: int) -> str:
    return f"a.{frame + footage.OFFSET:04d}.exr"


def changed(told: Any, one: str, other: str) -> list[int]:
    """Return the scene frames whose files differ between two looks at the disk."""
    return [f for f in FRAMES if told[one].get(file_of(f)) != told[other].get(file_of(f))]


def test_a_shot_from_the_first_key_to_a_render_without_the_add_on(
    blender: Blender, tmp_path: Path
) -> None:
    footage.write_plate(tmp_path / "plate")

    ran = blender.run("propagates.py", tmp_path, PLACES, seconds=400)
    told = ran.told

    # Before anything is computed it is told what would be; nothing is written.
    assert told["looked"]["touched"] == ["Hero: 1-24"]
    assert told["looked"]["keys"] == [["Hero", 1, "sent"], ["Hero", 12, "sent"]]
    assert told["looked"]["forecast"].startswith("24 frames to do")
    # All frames are there, and the node renders what stands in the files.
    assert told["propagated"]["line"] == "Done: 24 of 24 frames"
    assert told["propagated"]["error"] == told["rendered"]["lacking"] == ""
    assert told["propagated"]["touched"] == []
    assert [state for *_, state in told["propagated"]["keys"]] == ["fresh", "fresh"]
    assert sorted(told["before"]) == [file_of(f) for f in FRAMES]
    # A correction touches what it reaches, and the span elsewhere stays.
    assert told["correction"]["touched"] == ["Hero: 13-24"]
    assert told["correction"]["keys"][2] == ["Hero", 18, "sent"]
    assert changed(told, "before", "elsewhere") == []
    assert changed(told, "elsewhere", "after") == list(range(13, 25))
    # The next key is where it says, cancel leaves what is done, and a killed engine nothing lost.
    text, frame = told["advised"]
    assert text.startswith(f'Key "Hero" at {frame}')
    assert told["cancelled"]["line"].startswith("Cancelled; what was done stays")
    assert told["cancelled"]["error"] == ""
    assert told["tick"] < 0.1
    assert told["killed"]["line"] == "Done: 24 of 24 frames"
    assert any("is started again" in note for note in told["killed"]["notes"])
    assert told["left"] == [[], 0]

    plain = blender.run("plain_render.py", tmp_path, 1, 24)
    assert plain.told["outputs"] == ["Hero", "Uncertainty"]
    scores, mattes = [], {}
    for frame in FRAMES:
        matte = footage.channel(tmp_path / "mattes" / file_of(frame), "Hero.V")
        mattes[frame] = matte
        for how in ("with", "without"):
            seen = footage.channel(tmp_path / how / "Hero" / f"f_{frame}.exr").astype(np.float16)
            assert np.array_equal(seen, matte.astype(np.float16)), (how, frame)
        scores.append(footage.iou(matte, footage.true_matte(frame)))
    print(f"IoU: mean {np.mean(scores):.4f}, worst {min(scores):.4f}")  # noqa: T201
    assert min(scores) > 0.9

    # A farm: the file asks for it as it is loaded, or as a render begins; or nobody asks.
    for how in ("load", "render", "plain"):
        blender.run("farm.py", tmp_path, "ask", how)
        for path in (tmp_path / "mattes").rglob("*.exr"):
            path.unlink()
        farm = blender.run("farm.py", tmp_path, how, seconds=200).told
        assert farm["error"] == ""
        assert len(farm["after loading"]) == (24 if how == "load" else 0)
        assert len(farm["files"]) == (0 if how == "plain" else 24)
        lacking = "Frames 1-24 have no matte yet. Press Propagate."
        assert farm["lacking"] == (lacking if how == "plain" else "")
        for frame in FRAMES if how != "plain" else ():
            seen = footage.channel(tmp_path / how / f"f_{frame}.exr").astype(np.float16)
            assert np.array_equal(seen, mattes[frame].astype(np.float16)), (how, frame)


def test_what_goes_wrong_is_said_and_marks_copies_and_folders_hold(
    blender: Blender, tmp_path: Path
) -> None:
    footage.write_plate(tmp_path / "plate", ".exr", dark=0.05)

    ran = blender.run("troubles.py", tmp_path, seconds=300, leaves=True)
    told = ran.told

    assert "never saved" in told["unsaved"]
    assert told["no mask"].startswith('STMatte "a" has no mask.')
    assert "No mask" in told["panel without a mask"]
    assert told["no objects"].startswith('STMatte "a" has no objects')
    assert told["no plate"].startswith("There is no plate")
    assert told["no key"].startswith('Layer "Hero" of the mask "empty" has no key')
    assert told["no engine"].startswith('The engine "/nowhere/stmatte", named by the preferences')
    assert any("/nowhere/stmatte" in line for line in told["panel without an engine"])
    assert told["no frames"].startswith("Frames 100-110 are not in the plate: in this scene")
    assert told["nothing to lock"].startswith('"Hero" has no matte to lock at plate')
    assert told["exposure"] > 1
    assert {"Done: 3 of 3 frames", "keyed: 1", "fresh: 2-3"} <= set(told["panel"])
    assert told["edited"]
    assert told["locks"] == [["1002-1003", "Hero.V"]]
    assert told["absent over locked"] == [["absent", 3, 3], ["locked", 2, 2]]
    assert told["absences"] == ["1003-1003"]
    assert told["all ignored"].startswith('No key of the object "Hero" is heard')
    assert told["cleared"] == []
    assert told["saved elsewhere"] == ["//../mattes", True]
    assert told["takes"] == ["a", "a_2"]
    assert told["after loading"].startswith("Done: 3 of 3 frames")
    assert ran.code == 0
