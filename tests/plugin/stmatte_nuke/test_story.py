# SPDX-License-Identifier: Apache-2.0
"""An artist's way through a shot in Nuke: key, propagate, correct, cancel; with the real engine.

One story, told once, since an engine takes seconds to start; each test looks at a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import circles
import clip
import nuke
import numpy as np
import OpenImageIO as oiio  # noqa: N813
import psutil
import pytest
import seat
from comp import FRAMES, Comp, real_engine
from exr_names import nuke_name
from nk_stream import Evaluation, plate_of
from tcl_check import read_script

import footage

FIRST, SECOND, CORRECTION = 1001, 1006, 1010
DONE = f"Done: {len(FRAMES)} of {len(FRAMES)} frames"

Told = dict[str, Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Tell the story, and return what was seen at each turn of it."""
    folder = tmp_path_factory.mktemp("shot")
    with real_engine(folder):
        comp = Comp(folder)
        seen: Told = {"comp": comp}
        _first_mattes(comp, seen)
        _a_correction(comp, seen)
        _trouble(comp, seen)
        _more_objects(comp, seen)
        _to_roto(comp, seen)
        seen["accidents"] = seat.now().accidents
        seen["messages"] = seat.now().messages
        seen["script editor"] = seat.now().script_editor
        yield seen


def _first_mattes(comp: Comp, seen: Told) -> None:
    for frame in (FIRST, SECOND):
        clip.key(comp.roto, frame)
    comp.save()
    comp.roto.setSelected(True)
    selected = [node.name() for node in nuke.selectedNodes()]
    comp.press("refresh")
    seen["looked"] = comp.told()
    seen["looked files"] = comp.files()
    seen["selected"] = selected, [node.name() for node in nuke.selectedNodes()]
    seen["nodes"] = sorted(node.name() for node in nuke.allNodes())
    comp.save()
    comp.press("propagate", wait=False)
    seen["at return"] = comp.port.busy, len(comp.files())
    comp.wait()
    seen["propagated"] = comp.told()
    seen["first"] = comp.stamps()
    seen["first keys"] = comp.keys()


def _a_correction(comp: Comp, seen: Told) -> None:
    clip.key(comp.roto, CORRECTION, 1.03)
    comp.press("refresh")
    seen["correction"] = comp.told()
    nuke.frame(FIRST + 2)
    comp.press("propagate_span")
    seen["elsewhere"] = comp.stamps()
    comp.press("propagate")
    seen["corrected"] = comp.told()
    seen["after"] = comp.stamps()
    seen["keys"] = comp.keys()
    seen["mattes"] = {f: footage.channel(path, "Hero.A") for f, path in comp.files().items()}
    comp.press("next_key")
    seen["advised"] = comp.text("advice"), nuke.frame()


def _trouble(comp: Comp, seen: Told) -> None:
    clip.key(comp.roto, SECOND, 1.02)
    comp.press("propagate", wait=False)
    comp.until(lambda: comp.text("status").startswith(("Waiting", "Propagating")))
    seat.now().tasks[-1].cancelled = True
    comp.wait()
    seen["cancelled"] = comp.told()
    comp.press("propagate", wait=False)
    comp.until(lambda: "Propagating" in comp.text("status"))
    for each in psutil.Process().children():
        each.kill()
    comp.wait()
    seen["killed"] = comp.told()


def _more_objects(comp: Comp, seen: Told) -> None:
    comp.node["uncertainty"].setValue(True)
    comp.node["cryptomatte"].setValue(True)
    circles.draw(comp.roto, "Stone")
    circles.key(comp.roto, FIRST, (130, 20), 12, "Stone")
    circles.key(comp.roto, FRAMES[-1], (130, 20), 12, "Stone")
    comp.press("find_objects")
    seen["found"] = comp.told()
    comp.press("propagate")
    seen["two objects"] = comp.told()
    comp.save()


def _to_roto(comp: Comp, seen: Told) -> None:
    comp.press("to_roto")
    seen["roto"] = comp.told()
    seen["rotos"] = [node.name() for node in nuke.allNodes("Roto")]


def test_before_anything_is_made_it_is_told_what_would_be(told: Told) -> None:
    assert told["looked"].forecast.splitlines()[0].startswith(f"{len(FRAMES)} frames to do")
    assert told["looked"].key_list.startswith(f"Hero: {FIRST}, {SECOND}")
    assert told["looked"].engine_state.startswith("STMatte ")
    assert told["looked files"] == {}


def test_nothing_of_the_artists_is_touched_by_a_press(told: Told) -> None:
    before, after = told["selected"]
    assert before == after
    assert told["nodes"] == ["Read1", "Roto1", "STMatte1"]
    assert told["messages"] == []
    assert told["accidents"] == []
    assert told["script editor"] == []


def test_a_press_returns_at_once_and_all_frames_come(told: Told) -> None:
    assert told["at return"] == (True, 0)
    assert told["propagated"].status == DONE
    assert sorted(told["first"]) == FRAMES


def test_a_correction_changes_the_frames_in_its_reach_and_no_others(told: Told) -> None:
    assert told["correction"].forecast.splitlines()[1] == f"Hero: {SECOND + 1}-{FRAMES[-1]}"
    assert told["elsewhere"] == told["first"]
    assert told["corrected"].status == DONE
    changed = [f for f in FRAMES if told["after"][f] != told["first"][f]]
    assert changed == list(range(SECOND + 1, FRAMES[-1] + 1))


def test_only_the_key_that_was_drawn_is_rendered(told: Told) -> None:
    new = {name: stamp for name, stamp in told["keys"].items() if name not in told["first keys"]}

    assert [name.split(".")[:2] for name in new] == [["Hero", str(CORRECTION)]]
    assert {name: told["keys"][name] for name in told["first keys"]} == told["first keys"]


def test_the_mattes_are_where_the_ball_is(told: Told) -> None:
    scores = [footage.iou(told["mattes"][f], clip.true_matte(f)) for f in FRAMES]

    assert min(scores) > 0.9
    assert float(np.mean(scores)) > 0.95


def test_the_next_key_goes_to_the_frame_that_it_names(told: Told) -> None:
    text, frame = told["advised"]

    assert text.startswith(f'Key "Hero" at {frame}')


def test_a_run_is_cancelled_by_nukes_bar_and_a_killed_engine_loses_nothing(told: Told) -> None:
    assert told["cancelled"].status.startswith("Cancelled; what was done stays")
    assert told["killed"].status == DONE
    assert "is started again" in told["killed"].notes


def test_a_second_object_is_found_and_both_are_in_the_files_under_their_names(told: Told) -> None:
    assert "Stone" in told["found"].notes
    assert told["two objects"].status == DONE
    for path in told["comp"].files().values():
        names: Any = oiio.ImageBuf(str(path)).spec().channelnames
        assert {nuke_name(name) for name in names} == {
            "Hero.alpha",
            "Stone.alpha",
            "uncertainty.alpha",
        }


def test_the_saved_script_carries_the_mattes_where_nothing_of_stmatte_is(told: Told) -> None:
    comp = told["comp"]
    script = read_script(comp.script.read_text())
    assert script.problems == []
    (node,) = [each for each in script.nodes if each.name == "STMatte1"]
    black = np.zeros((clip.SIZE[1], clip.SIZE[0]), np.float32)
    for frame in (FIRST, 1004, FRAMES[-1]):
        stream = Evaluation(script, node, plate_of(black, black, black), frame, comp.folder)
        out = stream.output()
        for name in ("Hero", "Stone"):
            matte = footage.channel(comp.files()[frame], f"{name}.A")
            np.testing.assert_array_equal(out[f"{name}.alpha"], matte)
        np.testing.assert_array_equal(out["rgba.alpha"], out["Hero.alpha"])
        assert any(name.startswith("CryptoSTMatte00.") for name in out.channels)


def test_a_roto_follows_the_matte(told: Told) -> None:
    assert told["roto"].status == ""
    assert len(told["rotos"]) == 2
    assert "Hero" in told["roto"].notes


def test_all_of_it_is_told_in_the_place_that_the_script_names(told: Told) -> None:
    folder: Path = told["comp"].folder

    assert sorted(path.name for path in (folder / "mattes").iterdir()) == ["STMatte1"]
