# SPDX-License-Identifier: Apache-2.0
"""A farm's way: `nuke -t stmatte_render.py`, in line, with exit codes that a queue understands."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import nuke
import paths
import pressed
import seat

from stmatte_nuke import engine, farm


def farmed(words: list[str], raw_args: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Run the farm's script in a fresh Nuke without a window; return its exit code and words."""
    seat.new_script(gui=False, plugin_path=[paths.GIZMO], raw_args=raw_args)
    said, complained = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
        code = farm.run(words)
    assert seat.now().accidents == []
    return code, said.getvalue(), complained.getvalue()


def frames_asked(stage: pressed.Stage) -> list[Any]:
    """Return which frames each job was started for."""
    return [asked.get("frames") for asked in stage.asked("job/start")]


def test_all_nodes_of_a_script_are_made_and_the_progress_is_in_the_log(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.press("refresh", stage.add())
        stage.press("refresh")
        nuke.scriptSave(str(tmp_path / "shot_v001.nk"))
        engine.close()
        before = (tmp_path / "shot_v001.nk").read_bytes()

        code, said, complained = farmed([str(tmp_path / "shot_v001.nk")])

        assert (code, complained) == (farm.DONE, "")
        for name in ("STMatte1", "STMatte2"):
            assert f"STMatte: {name}: Propagating: 5 of 10 frames" in said
            assert f"STMatte: {name}: Done: 10 of 10 frames" in said
        assert (tmp_path / "shot_v001.nk").read_bytes() == before


def test_frames_and_nodes_are_taken_from_either_side_of_the_script(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.press("refresh")
        nuke.scriptSave(str(tmp_path / "shot_v001.nk"))
        engine.close()
        script = str(tmp_path / "shot_v001.nk")

        assert farmed(["-F", "1003-1005", script, "STMatte1"])[0] == farm.DONE
        assert farmed([script, "STMatte1", "--frames", "1003-1004 1007"])[0] == farm.DONE
        # Nuke may take its own -F away before a script sees it.
        raw = ("nuke", "-F", "1008-1009", "-t", "stmatte_render.py", script)
        assert farmed([script], raw)[0] == farm.DONE
        # So it does with a range that is the last word.
        raw = ("nuke", "-t", "stmatte_render.py", script, "--frames", "1010")
        assert farmed([script, "--frames"], raw)[0] == farm.DONE
        raw = ("nuke", "-t", "stmatte_render.py", script, "STMatte1", "1001-1002")
        assert farmed([script, "STMatte1"], raw)[0] == farm.DONE

        assert frames_asked(stage) == [
            *("1003-1005", "1003-1004", "1007-1007", "1008-1009", "1010-1010", "1001-1002"),
        ]


def test_what_is_asked_wrongly_is_said_with_what_would_be_right(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        script = str(tmp_path / "shot_v001.nk")
        del stage

        code, _, complained = farmed([script, "STMatte7"])
        assert code == farm.WRONG
        assert 'The script has no STMatte node "STMatte7": it has STMatte1.' in complained
        assert farmed([])[0] == farm.WRONG
        code, _, complained = farmed([script, "--frames", "1-100x2"])
        assert code == farm.WRONG
        assert 'Frames "1-100x2" cannot be read' in complained
        assert farmed([str(tmp_path / "nowhere.nk")])[0] == farm.WRONG


def test_what_goes_wrong_fails_its_task_alone(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        other = stage.add()
        stage.press("refresh", other)
        stage.press("refresh")
        stage.node["engine"].setValue("/nowhere/stmatte")
        nuke.scriptSave(str(tmp_path / "shot_v001.nk"))
        engine.close()

        code, said, complained = farmed([str(tmp_path / "shot_v001.nk")])

        assert code == farm.FAILED
        assert complained.startswith('STMatte: STMatte1: The engine "/nowhere/stmatte"')
        assert "STMatte: STMatte2: Done: 10 of 10 frames" in said


def test_who_interrupts_it_leaves_what_was_done(tmp_path: Path) -> None:
    with pressed.stage(tmp_path) as stage:
        stage.press("refresh")
        nuke.scriptSave(str(tmp_path / "shot_v001.nk"))
        engine.close()
        stage.lives({"slow": 0.05})
        (tmp_path / "pids").unlink()
        kept, pressed_it = engine.delivery.waited, []

        def interrupted(seconds: float) -> None:
            kept(seconds)
            if stage.asked("job/start") and not pressed_it:
                pressed_it.append("Ctrl-C")
                raise KeyboardInterrupt

        engine.delivery.waited = interrupted
        try:
            code, _, complained = farmed([str(tmp_path / "shot_v001.nk")])
        finally:
            engine.delivery.waited = kept

        assert code == farm.INTERRUPTED
        assert "Interrupted; what was done stays." in complained
        assert len(stage.asked("job/cancel")) == 1
