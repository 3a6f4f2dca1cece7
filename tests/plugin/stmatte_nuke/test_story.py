# SPDX-License-Identifier: Apache-2.0
"""An artist's way through a shot in Nuke: key, propagate, correct, cancel; with the real engine.

One story, told once, since an engine takes seconds to start; each test looks at a part of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import circles
import clip
import nuke
import numpy as np
import paths
import pytest
import seat

import footage
from stmatte_nuke import engine

FRAMES = list(clip.FRAMES)
FIRST, SECOND, CORRECTION = 1001, 1006, 1010


class Stage:
    """A script with a clip, a Roto and an STMatte node, and what an artist does to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pattern = clip.write_plate(folder / "plates")
        self.out = folder / "mattes"
        seat.new_script(
            folder / "shot_v001.nk",
            first=FRAMES[0],
            last=FRAMES[-1],
            size=clip.SIZE,
            plugin_path=[paths.GIZMO],
        )
        self.read = clip.read(self.pattern)
        self.roto = circles.roto("Hero")
        for frame in (FIRST, SECOND):
            clip.key(self.roto, frame)
        self.node = nuke.createNode("STMatte")
        self.node.setInput(0, self.read)
        self.node.setInput(1, self.roto)
        self.node["working_height"].setValue(clip.SIZE[1])
        nuke.scriptSave(str(folder / "shot_v001.nk"))

    @property
    def port(self) -> Any:
        return engine.known(self.node)

    def press(self, name: str, wait: bool = True) -> None:
        seat.press(self.node, name)
        if wait:
            self.wait()

    def wait(self) -> None:
        seat.run_main_loop(lambda: not self.port.busy, seconds=120)

    def until(self, so: Any) -> None:
        seat.run_main_loop(so, seconds=120)

    def text(self, name: str) -> str:
        return str(self.node[name].value()).strip()

    def told(self) -> SimpleNamespace:
        """Return what the node says."""
        names = ("status", "forecast", "strip", "notes", "key_list", "advice", "engine_state")
        return SimpleNamespace(**{name: self.text(name) for name in names})

    def files(self) -> dict[int, Path]:
        """Return frame -> file of mattes."""
        return {int(path.suffixes[-2][1:]): path for path in self.out.glob("*/*.*.exr")}

    def stamps(self) -> dict[int, tuple[int, int, int]]:
        """Return what the disk says of every file of mattes."""
        return {
            frame: (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            for frame, path in self.files().items()
            for stat in (path.stat(),)
        }


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Tell the story, and return what was seen at each turn of it."""
    folder = tmp_path_factory.mktemp("shot")
    with pytest.MonkeyPatch.context() as patches:
        patches.setenv("STMATTE_STORE", str(folder / "store"))
        patches.setenv("STMATTE_ENGINE", json.dumps([sys.executable, "-m", "stmatte", "serve"]))
        patches.setenv("CUDA_VISIBLE_DEVICES", "-1")
        try:
            yield _story(Stage(folder))
        finally:
            engine.close()


def _story(stage: Stage) -> dict[str, Any]:
    seen: dict[str, Any] = {"stage": stage}
    stage.roto.setSelected(True)
    selected = [node.name() for node in nuke.selectedNodes()]

    stage.press("refresh")
    seen["looked"] = stage.told()
    seen["looked files"] = stage.files()
    seen["selected"] = selected, [node.name() for node in nuke.selectedNodes()]
    seen["nodes"] = sorted(node.name() for node in nuke.allNodes())

    stage.press("propagate", wait=False)
    seen["at return"] = stage.port.busy, len(stage.files())
    stage.wait()
    seen["propagated"] = stage.told()
    seen["before"] = stage.stamps()

    clip.key(stage.roto, CORRECTION, 1.03)
    stage.press("refresh")
    seen["correction"] = stage.told()
    nuke.frame(FIRST + 2)
    stage.press("propagate_span")
    seen["elsewhere"] = stage.stamps()
    stage.press("propagate")
    seen["corrected"] = stage.told()
    seen["after"] = stage.stamps()

    stage.press("next_key")
    seen["advised"] = stage.text("advice"), nuke.frame()
    seen["accidents"] = seat.now().accidents
    seen["messages"] = seat.now().messages
    return seen


def test_before_anything_is_made_it_is_told_what_would_be(told: dict[str, Any]) -> None:
    assert told["looked"].forecast.splitlines()[0].startswith(f"{len(FRAMES)} frames to do")
    assert told["looked"].key_list.startswith(f"Hero: {FIRST}, {SECOND}")
    assert told["looked files"] == {}


def test_nothing_of_the_artists_is_touched_by_a_press(told: dict[str, Any]) -> None:
    before, after = told["selected"]
    assert before == after
    assert told["nodes"] == ["Read1", "Roto1", "STMatte1"]
    assert told["messages"] == []
    assert told["accidents"] == []


def test_a_press_returns_at_once_and_all_frames_come(told: dict[str, Any]) -> None:
    assert told["at return"] == (True, 0)
    assert told["propagated"].status == f"Done: {len(FRAMES)} of {len(FRAMES)} frames"
    assert sorted(told["before"]) == FRAMES


def test_a_correction_changes_the_frames_in_its_reach_and_no_others(told: dict[str, Any]) -> None:
    assert told["correction"].forecast.splitlines()[1] == f"Hero: {SECOND + 1}-{FRAMES[-1]}"
    assert told["elsewhere"] == told["before"]
    changed = [f for f in FRAMES if told["after"][f] != told["before"][f]]
    assert changed == list(range(SECOND + 1, FRAMES[-1] + 1))


def test_the_mattes_are_where_the_ball_is(told: dict[str, Any]) -> None:
    files = told["stage"].files()
    scores = [footage.iou(footage.channel(files[f], "Hero.A"), clip.true_matte(f)) for f in FRAMES]

    assert min(scores) > 0.9
    assert float(np.mean(scores)) > 0.95


def test_the_next_key_goes_to_the_frame_that_it_names(told: dict[str, Any]) -> None:
    text, frame = told["advised"]

    assert text.startswith(f'Key "Hero" at {frame}')
