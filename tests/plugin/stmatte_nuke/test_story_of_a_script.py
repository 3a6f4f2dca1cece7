# SPDX-License-Identifier: Apache-2.0
"""What becomes of a script with mattes: saved, opened, versioned, copied, moved, sent to a farm.

One story with the real engine, told once; each test looks at a part of it. Mattes that need not be
made again are not made again: that is what the stamps of files say.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from typing import Any

import clip
import nuke
import pytest
import seat
from comp import FRAMES, Comp, another_store, real_engine

from stmatte_nuke import engine, farm

DONE = f"Done: {len(FRAMES)} of {len(FRAMES)} frames"
NOTHING = "Nothing to do: all mattes are fresh"

Told = dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Tell the story, and return what was seen at each turn of it."""
    folder = tmp_path_factory.mktemp("shot")
    with real_engine(folder):
        comp = Comp(folder / "project")
        for frame in (FRAMES[0], FRAMES[-1]):
            clip.key(comp.roto, frame)
        comp.save()
        comp.press("propagate")
        comp.save()
        seen: Told = {"made": comp.told(), "first": comp.stamps(), "accidents": []}
        _opened_again(comp, seen)
        _copied(comp, seen)
        _moved(comp, seen)
        _stereo(comp, seen)
        _on_a_farm(comp, seen)
        yield seen


def _opened_again(comp: Comp, seen: Told) -> None:
    comp.start()
    comp.open()
    seen["shown when opened"] = comp.told()
    keys = comp.keys()
    comp.press("refresh")
    seen["opened"] = comp.told()
    seen["keys opened"] = comp.keys() == keys
    comp.save(comp.folder / "shot_v002.nk")
    comp.node.setName("Hero_mattes")
    comp.press("propagate")
    seen["versioned and renamed"] = comp.told()
    seen["after renaming"] = comp.stamps()
    comp.node.setName("STMatte1")
    comp.press("refresh")
    comp.save()


def _copied(comp: Comp, seen: Told) -> None:
    for node in nuke.allNodes():
        node.setSelected(node is comp.node or node.name() == comp.node.name())
    nuke.nodeCopy("%clipboard%")
    nuke.nodePaste("%clipboard%")
    (copy,) = [n for n in nuke.allNodes("Group") if n.name() not in (comp.node.name(),)]
    copy.setInput(0, comp.read)
    copy.setInput(1, comp.roto)
    seen["copy"] = copy.name()
    seat.press(copy, "refresh")
    comp.until(lambda: not engine.known(copy).busy)
    seen["copy told"] = str(copy["notes"].value()), str(copy["forecast"].value()).strip()
    seen["copy's files"] = comp.stamps(copy.name())
    copy["reach"].setValue("all")
    copy["edges"].setValue("off")
    seat.press(copy, "propagate")
    comp.until(lambda: not engine.known(copy).busy)
    seen["copy's own"] = comp.stamps(copy.name())
    seen["original"] = comp.stamps()
    nuke.delete(copy)
    comp.save()


def _moved(comp: Comp, seen: Told) -> None:
    moved = comp.folder.with_name("moved")
    shutil.move(comp.folder, moved)
    comp.folder = moved
    text = comp.script.read_text()
    comp.script.write_text(text.replace("/project/plates/", "/moved/plates/"))
    before = comp.stamps()
    comp.start()
    comp.open()
    comp.press("propagate")
    seen["moved"] = comp.told()
    seen["moved files"] = comp.stamps() == before
    comp.save()


def _stereo(comp: Comp, seen: Told) -> None:
    seat.now().views.append("right")
    comp.press("propagate")
    seen["two views"] = comp.text("status")
    seen["messages"] = list(seat.now().messages)
    comp.node["out"].setValue(str(comp.node["out"].value()).replace("STMatte1.", "STMatte1_%V."))
    comp.press("propagate")
    seen["view"] = comp.told()
    seen["view's files"] = [
        path.name for path in sorted((comp.folder / "mattes").rglob("STMatte1_main.*.exr"))
    ]
    seen["accidents"] += seat.now().accidents


def _on_a_farm(comp: Comp, seen: Told) -> None:
    before = {frame: path.read_bytes() for frame, path in comp.files().items()}
    task = FRAMES[2:5]
    for frame in task:
        comp.files()[frame].unlink()
    engine.close()
    comp.start(gui=False)
    said = io.StringIO()
    with another_store(comp.folder.parent / "farm"), contextlib.redirect_stdout(said):
        words = ["-F", f"{task[0]}-{task[-1]}", str(comp.script), "STMatte1"]
        seen["farm"] = farm.run(words)
    seen["accidents"] += seat.now().accidents
    seen["log"] = said.getvalue()
    seen["same bytes"] = {f: path.read_bytes() == before[f] for f, path in comp.files().items()}


def test_what_was_made_is_there_when_the_script_is_opened_again(told: Told) -> None:
    assert told["made"].status == DONE
    assert told["opened"].forecast == NOTHING
    assert told["keys opened"]


def test_another_version_of_the_script_and_another_name_keep_the_mattes(told: Told) -> None:
    assert told["versioned and renamed"].status == DONE
    assert told["after renaming"] == told["first"]


def test_a_copy_has_its_own_files_which_show_the_same_until_it_is_changed(told: Told) -> None:
    notes, forecast = told["copy told"]
    assert f'"{told["copy"]}" is a copy' in notes
    assert forecast == NOTHING
    assert {frame: made[0] for frame, made in told["copy's files"].items()} == {
        frame: made[0] for frame, made in told["first"].items()
    }  # one file with two names
    assert all(told["copy's own"][f] != told["first"][f] for f in FRAMES[1:-1])
    assert told["original"] == told["first"]


def test_a_farm_makes_the_frames_of_its_task_with_the_same_bytes(told: Told) -> None:
    assert told["farm"] == farm.DONE
    assert "STMatte: STMatte1: Done: 3 of 3 frames" in told["log"]
    assert told["same bytes"] == dict.fromkeys(FRAMES, True)


def test_a_project_that_moved_has_its_mattes(told: Told) -> None:
    assert told["moved"].status == DONE
    assert told["moved files"]


def test_a_script_with_two_views_is_told_how_its_files_must_be_called(told: Told) -> None:
    assert "the script has the views main, right" in told["two views"]
    assert told["messages"] == [told["two views"]]
    assert told["view"].status == DONE
    assert told["view's files"] == [f"STMatte1_main.{frame}.exr" for frame in FRAMES]
    assert told["accidents"] == []
