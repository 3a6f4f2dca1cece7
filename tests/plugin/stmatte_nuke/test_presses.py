# SPDX-License-Identifier: Apache-2.0
"""What a press does in Nuke, and that nothing which goes wrong leaves a node that is dead."""

from __future__ import annotations

import threading
from pathlib import Path

import circles
import nuke
import pressed
import seat

from stmatte_nuke import delivery, engine, inside, presses, rendering


def test_every_button_of_the_gizmo_does_something() -> None:
    from stmatte_nuke.knob_list import BUTTONS

    assert set(presses.PRESSES) == set(BUTTONS)


def test_a_press_returns_before_the_engine_has_answered(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.02})
        stage.press("propagate", wait=False)
        assert engine.known(stage.node).busy
        assert "Starting the engine" in stage.text("status")
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


def test_a_node_that_is_deleted_while_its_mattes_are_made_is_only_silence(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.05})
        stage.press("propagate", wait=False)
        port = engine.known(stage.node)
        stage.until(lambda: "Propagating" in stage.text("status"))
        nuke.delete(stage.node)
        stage.until(lambda: not port.busy)

        assert port.node is None
        assert seat.now().messages == []
        assert seat.now().script_editor == []


def test_a_node_that_is_renamed_meanwhile_is_shown_its_progress(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.05})
        stage.press("propagate", wait=False)
        stage.until(lambda: "Propagating" in stage.text("status"))
        stage.node.setName("Hero_mattes")
        stage.wait()

        assert stage.text("status") == "Done: 10 of 10 frames"


def test_a_script_that_is_closed_meanwhile_ends_its_jobs_and_its_bars(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.1})
        stage.press("propagate", wait=False)
        stage.until(lambda: "Propagating" in stage.text("status"))
        nuke.scriptClear()
        stage.until(lambda: stage.asked("job/cancel") and stage.asked("shot/close"))
        stage.until(lambda: all(task.alive() is None for task in seat.now().tasks))

        assert seat.now().messages == []
        assert seat.now().script_editor == []


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


def test_an_engine_that_is_not_there_is_said_and_can_be_put_right(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        right = stage.text("engine")
        stage.node["engine"].setValue("/nowhere/stmatte")
        stage.press("propagate")
        (said,) = seat.now().messages

        assert said.startswith('The engine "/nowhere/stmatte", named by the knob "engine",')
        assert stage.text("status") == said
        stage.node["engine"].setValue(right)
        stage.press("propagate")
        assert stage.text("status") == "Done: 10 of 10 frames"


def test_an_engine_that_refuses_dies_or_is_of_another_version_is_said(tmp_path: Path) -> None:
    sentence = "Key at frame 987 is outside [the] {plate}. Move <b>it</b>."
    with pressed.stage(tmp_path) as stage:
        stage.lives(
            {"refuse_once": {"shot/open": {"code": 1001, "message": sentence}}, "die_at_frame": 4}
        )
        stage.press("propagate")
        assert stage.text("status") == sentence
        stage.press("propagate")
        assert stage.text("status") == "Done: 10 of 10 frames"
        assert "is started again" in stage.text("notes")
        stage.until(lambda: "The engine is STMatte 0.0" in stage.text("engine_state"))


def test_what_nuke_cannot_render_is_said_and_the_next_press_works(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        nodes = sorted(node.name() for node in nuke.allNodes())

        def fails(*_: object) -> None:
            raise RuntimeError("Read1: file does not exist")

        seat.now().faults.render = fails
        stage.press("propagate")
        assert "Read1: file does not exist" in stage.text("status")
        assert seat.now().messages == [stage.text("status")]

        def cancels(*_: object) -> None:
            raise RuntimeError("Cancelled")

        seat.now().faults.render = cancels
        stage.press("propagate")
        assert "cancelled" in stage.text("status")
        assert len(seat.now().messages) == 1  # who cancels need not be told

        def is_full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        seat.now().faults.render = is_full
        stage.press("propagate")
        assert "the disk is full" in stage.text("status")

        seat.now().faults.render = None
        stage.press("propagate")
        assert stage.text("status") == "Done: 10 of 10 frames"
        assert sorted(node.name() for node in nuke.allNodes()) == nodes


def test_a_defect_of_ours_is_said_as_one_and_the_next_press_works(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        kept = rendering.render_key

        def fails(*_: object) -> None:
            raise KeyError("hero")

        rendering.render_key = fails  # type: ignore[assignment]
        try:
            stage.press("propagate")
        finally:
            rendering.render_key = kept
        (said,) = seat.now().messages

        assert said.startswith("\"propagate\" failed by a defect of STMatte (KeyError: 'hero')")
        assert stage.text("status") == said
        assert any("Traceback" in each for each in seat.now().script_editor)
        assert not delivery.held()
        stage.press("propagate")
        assert stage.text("status") == "Done: 10 of 10 frames"


def test_mattes_that_cannot_be_loaded_are_told_once_and_stop_nothing(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        kept = inside.refresh

        def fails(_: object) -> None:
            raise RuntimeError("reload: no such knob")

        inside.refresh = fails  # type: ignore[assignment]
        try:
            stage.press("propagate")
        finally:
            inside.refresh = kept

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert [each for each in seat.now().script_editor if "reload" in each] == [
            "STMatte: STMatte1: reload: no such knob\n"
        ]


def test_a_press_from_another_thread_is_made_on_the_main_one(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        thread = threading.Thread(target=presses.press, args=(stage.node, "propagate"))
        thread.start()
        thread.join()
        stage.until(lambda: stage.text("status") == "Done: 10 of 10 frames")


def test_a_press_in_the_middle_of_another_is_refused(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:

        def presses_again(*_: object) -> None:
            seat.now().faults.render = None
            seat.press(stage.node, "propagate")

        seat.now().faults.render = presses_again
        stage.press("propagate")

        (said,) = seat.now().messages
        assert said.startswith("STMatte is still having Nuke render keys and plate")
        assert stage.text("status") == "Done: 10 of 10 frames"


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


def test_status_texts_are_no_step_of_undo_and_modify_nothing(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.press("propagate")
        nuke.scriptSave(str(tmp_path / "shot_v001.nk"))
        steps = len(seat.now().history.done)
        stage.press("propagate")

        assert not nuke.root().modified()
        assert len(seat.now().history.done) == steps


def test_without_a_window_a_press_returns_when_all_is_done(tmp_path: Path) -> None:
    with pressed.stage(tmp_path, gui=False) as stage:
        seat.press(stage.node, "propagate")

        assert stage.text("status") == "Done: 10 of 10 frames"
        assert not engine.known(stage.node).busy
        circles.key(stage.roto, 1005)
        seat.press(stage.node, "refresh")
        assert "10 frames to do" in stage.text("forecast")
