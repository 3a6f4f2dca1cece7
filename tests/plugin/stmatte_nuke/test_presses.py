# SPDX-License-Identifier: Apache-2.0
"""What a press does in Nuke: it returns at once, and what comes of it is on the node."""

from __future__ import annotations

from pathlib import Path

import circles
import nuke
import pressed
import seat

from stmatte_nuke import engine, presses


def test_every_button_of_the_gizmo_does_something() -> None:
    from stmatte_nuke.knob_list import BUTTONS

    assert set(presses.PRESSES) == set(BUTTONS)


def test_a_press_returns_before_the_engine_has_answered(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.1})
        stage.press("propagate", wait=False)
        assert engine.known(stage.node).busy
        assert not stage.text("status").startswith(("Done", "Propagating"))
        stage.wait()

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert stage.text("notes").splitlines()[0].startswith("Found: Hero")
        assert seat.now().messages == []


def test_a_press_while_one_runs_takes_its_place(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.05})
        stage.press("propagate", wait=False)
        port = engine.known(stage.node)
        stage.until(lambda: "Propagating" in stage.text("status"))
        stage.press("propagate")

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert engine.known(stage.node) is port
        assert len(stage.asked("job/start")) == 2
        assert len(stage.asked("job/cancel")) == 1


def test_the_bars_cancel_and_the_buttons_stop_within_a_frame(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.1})
        for how in ("bar", "button"):
            stage.press("propagate", wait=False)
            stage.until(lambda: "Propagating" in stage.text("status"))
            if how == "bar":
                seat.now().tasks[-1].cancelled = True
            else:
                stage.press("cancel", wait=False)
            stage.wait()

            assert stage.text("status").startswith("Cancelled; what was done stays")
            stage.until(lambda: all(task.alive() is None for task in seat.now().tasks))


def test_two_nodes_are_at_work_at_once_and_each_shows_its_own(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.02})
        other = stage.add()
        stage.press("propagate", wait=False)
        stage.press("propagate", other, wait=False)
        stage.wait()
        stage.wait(other)

        assert [stage.text("status", each) for each in (stage.node, other)] == [
            "Done: 10 of 10 frames"
        ] * 2
        opened = stage.asked("shot/open")
        assert len(opened) == 2
        assert opened[0]["out"] != opened[1]["out"]


def test_marks_are_said_of_the_current_frame_or_of_those_that_are_named(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.press("key_here")
        assert "The node has no object yet" in seat.now().messages.pop()
        stage.press("find_objects")
        nuke.frame(1005)
        stage.press("key_here")
        stage.node["mark_frames"].setValue("1007-1008")
        stage.press("absent_here")
        assert stage.text("marks") == "Hero: key 1005\nHero: absent 1007-1008"
        stage.press("drop_key_here")
        stage.press("clear_marks")
        assert stage.text("marks") == "Hero: key 1005"
        stage.press("lock_here")
        assert "no matte to lock" in seat.now().messages.pop()
        assert stage.asked("shot/open") == []  # none of it needs an engine

        stage.press("propagate")
        keys = stage.asked("shot/open")[0]["document"]["keys"]
        assert [key["frame"] for key in keys] == [1001, 1005, 1010]


def test_a_press_is_no_step_of_undo_and_modifies_nothing_that_is_so_already(
    tmp_path: Path,
) -> None:
    with pressed.stage(tmp_path) as stage:
        steps = len(seat.now().history.done)
        stage.press("propagate")
        known = stage.text("stm_identity"), stage.text("out"), stage.text("object1_name")
        assert len(seat.now().history.done) == steps
        assert nuke.root().modified()  # it has its files and its objects now

        nuke.scriptSave(str(tmp_path / "shot_v001.nk"))
        stage.press("propagate")
        assert not nuke.root().modified()
        assert known == (
            stage.text("stm_identity"),
            stage.text("out"),
            stage.text("object1_name"),
        )


def test_a_look_while_mattes_are_made_lets_them_come(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.03})
        stage.press("propagate", wait=False)
        stage.until(lambda: "Propagating" in stage.text("status"))
        stage.press("refresh")

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert stage.asked("job/cancel") == []


def test_another_engine_takes_over_where_the_knob_names_it(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.1})
        stage.press("propagate", wait=False)
        stage.until(lambda: "Propagating" in stage.text("status"))
        there = tmp_path / "other"
        there.mkdir()
        (there / "scenario.json").write_text('{"lives": []}')
        stage.node["engine"].setValue(pressed.command(there))
        stage.press("propagate")

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert len(stage.asked("job/start")) == 1
        assert '"job/start"' in (there / "journal.jsonl").read_text()
        stage.until(lambda: all(task.alive() is None for task in seat.now().tasks))


def test_a_node_within_a_group_is_found_wherever_a_press_finds_itself(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        around = nuke.nodes.Group()
        with around:
            stage.read = circles.read(stage.text("file", stage.read), 1001, 1010)
            stage.roto = circles.roto()
            circles.key(stage.roto, 1001)
            inner = stage.add()
        assert inner.fullName() == f"{around.name()}.{inner.name()}"
        for inside_it in (True, False):
            seat.press(inner, "propagate", inside=inside_it)
            stage.wait(inner)
            assert stage.text("status", inner) == "Done: 10 of 10 frames"
            inner["reach"].setValue("2")


def test_an_older_node_is_replaced_when_its_press_is_over_and_goes_on(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.press("propagate")
        identity = stage.text("stm_identity")
        old = stage.node
        seat.press(old, "update_node")
        assert nuke.toNode("STMatte1") == old
        stage.until(lambda: nuke.toNode("STMatte1") != old)
        stage.node = nuke.toNode("STMatte1")

        assert stage.text("stm_identity") == identity
        stage.press("propagate")
        assert stage.text("status") == "Done: 10 of 10 frames"
        assert seat.now().messages == []


def test_without_a_window_a_press_returns_when_all_is_done(tmp_path: Path) -> None:
    with pressed.stage(tmp_path, gui=False) as stage:
        seat.press(stage.node, "propagate")

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert not engine.known(stage.node).busy
        circles.key(stage.roto, 1005)
        seat.press(stage.node, "refresh")
        assert "10 frames to do" in stage.text("forecast")
