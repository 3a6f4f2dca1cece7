# SPDX-License-Identifier: Apache-2.0
"""The button *Matte to Roto*: its progress, its Cancel, and what it says of the end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nuke
import pressed
import seat

from stmatte_host import EngineError
from stmatte_host.answers import JobFrame, JobOver
from stmatte_nuke import engine, identity, places


class Outlines:
    """An engine that fits splines when it is told to, and never comes to an end by itself."""

    def __init__(self) -> None:
        self.tell: Callable[[Any], None] = lambda _: None
        self.cancelled: list[str] = []

    def start_outline(self, *words: Any, **_: Any) -> str:
        self.tell = words[3]
        return "job-1"

    def cancel_job(self, job: str) -> None:
        self.cancelled.append(job)

    def ends(self, outcome: str, error: EngineError | None = None) -> None:
        self.tell(JobOver("job-1", outcome, 0, 10, {}, error))


@contextlib.contextmanager
def baking(folder: Path) -> Iterator[tuple[pressed.Stage, Outlines]]:
    """Lend a node with mattes whose Roto is being made."""
    with pressed.stage(folder) as stage:
        stage.press("find_objects")
        out = places.out_of(stage.node)
        out.folder.mkdir(parents=True, exist_ok=True)
        for frame in pressed.FRAMES:
            out.path(frame).write_bytes(b"")
        stage.node["first"].setValue(pressed.FRAMES[0])
        stage.node["last"].setValue(pressed.FRAMES[-1])
        identity.settle(stage.node)
        outlines = Outlines()
        engine.port_of(stage.node).session = outlines  # type: ignore[assignment]
        stage.press("to_roto", wait=False)
        yield stage, outlines


def shown_bars() -> list[Any]:
    return [task for task in seat.now().tasks if task.alive() is not None]


def test_its_progress_is_on_the_node_and_in_a_bar(tmp_path: Path) -> None:
    with baking(tmp_path) as (stage, outlines):
        outlines.tell(JobFrame("job-1", 1001, 4, 10, "", "", False, {}, 0.0))
        assert stage.text("status") == "Matte to Roto, reading mattes: 4 of 10 frames"
        stage.until(lambda: shown_bars() and shown_bars()[0].percent == 40)
        outlines.ends("cancelled")
        stage.until(lambda: not shown_bars())


def test_the_buttons_and_the_bars_cancel_reach_the_engine(tmp_path: Path) -> None:
    with baking(tmp_path) as (stage, outlines):
        stage.until(shown_bars)
        shown_bars()[0].cancelled = True
        stage.until(lambda: outlines.cancelled == ["job-1"])
        stage.press("cancel", wait=False)
        assert outlines.cancelled == ["job-1", "job-1"]
        outlines.ends("cancelled")

        assert stage.text("status") == "Matte to Roto: cancelled"
        assert len(nuke.allNodes("Roto")) == 1


def test_what_goes_wrong_is_on_the_node(tmp_path: Path) -> None:
    with baking(tmp_path) as (stage, outlines):
        outlines.ends("failed", EngineError('The mattes of "Hero" cannot be read'))

        assert stage.text("status") == 'The mattes of "Hero" cannot be read.'
        assert engine.known(stage.node).bakings == []


def test_a_script_that_is_closed_ends_it(tmp_path: Path) -> None:
    with baking(tmp_path) as (stage, outlines):
        nuke.scriptClear()
        assert outlines.cancelled == ["job-1"]
        outlines.ends("cancelled")
        stage.until(lambda: not shown_bars())
        assert seat.now().script_editor == []
