# SPDX-License-Identifier: Apache-2.0
"""Nothing that goes wrong around a press leaves a node that is dead, or Nuke standing still."""

from __future__ import annotations

import threading
from pathlib import Path

import circles
import nuke
import pressed
import seat

from stmatte_nuke import delivery, engine, inside, presses, rendering


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


def test_an_engine_that_is_not_there_is_said_and_can_be_put_right(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        right = stage.text("engine")
        stage.node["engine"].setValue("/nowhere/stmatte")
        stage.press("propagate")
        (said,) = seat.now().messages
        assert said.startswith('The engine "/nowhere/stmatte", named by the knob "engine",')
        assert stage.text("status") == said
        loaded = nuke.toNode("STMatte1.Mattes")["version"].value()
        stage.press("refresh")  # without an engine, mattes are loaded all the same
        assert nuke.toNode("STMatte1.Mattes")["version"].value() == loaded + 1
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


def test_what_the_engine_says_while_nuke_renders_for_a_press_waits_for_its_end(
    tmp_path: Path,
) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.02})
        other = stage.add()
        stage.press("refresh", other)
        stage.press("propagate", wait=False)
        stage.until(lambda: "Propagating" in stage.text("status"))
        circles.key(stage.roto, 1005)
        said = []

        def renders(*_: object) -> None:
            before = stage.text("status")
            seat.run_main_loop(idle=0.1)  # as Nuke may do for its own progress
            said.append((before, stage.text("status")))

        seat.now().faults.render = renders
        stage.press("propagate", other, wait=False)
        seat.now().faults.render = None

        assert said
        assert all(before == after for before, after in said)
        stage.wait()
        stage.wait(other)
        assert stage.text("status") == stage.text("status", other) == "Done: 10 of 10 frames"


def test_nuke_may_quit_while_mattes_are_made(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.lives({"slow": 0.2, "linger": True})
        stage.press("propagate", wait=False)
        stage.until(lambda: "Propagating" in stage.text("status"))

        nuke.scriptClear()
        engine.close()

        (pid,) = (tmp_path / "pids").read_text().split()
        assert not pressed.lives(int(pid))
        assert [each.name for each in threading.enumerate() if "stmatte session" in each.name] == []
