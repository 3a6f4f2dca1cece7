# SPDX-License-Identifier: Apache-2.0
"""A node with a plate and a Roto in a fresh Nuke, and an engine that plays its part or misbehaves.

The engine makes no mattes (tests/plugin/stmatte_host/fake_engine.py): what is looked at is what a
press does in Nuke. Standard library only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import circles
import nuke
import paths
import seat

from stmatte_host import Patience
from stmatte_nuke import engine

ENGINE = paths.HOUSE / "tests" / "plugin" / "stmatte_host" / "fake_engine.py"
QUICK = Patience(starting=20, answering=20, leaving=1, looking=0.1, backoff=0.01)
FRAMES = range(1001, 1011)


class Stage:
    """A saved script: Read and Roto connected to an STMatte node, keyed on two frames."""

    def __init__(self, folder: Path, gui: bool = True) -> None:
        self.folder = folder
        self.lives()
        seat.new_script(
            folder / "shot_v001.nk",
            gui=gui,
            first=FRAMES[0],
            last=FRAMES[-1],
            plugin_path=[paths.GIZMO],
        )
        self.read = circles.plate(folder / "plates", FRAMES)
        self.roto = circles.roto()
        for frame in (FRAMES[0], FRAMES[-1]):
            circles.key(self.roto, frame)
        self.node = self.add()
        nuke.scriptSave(str(folder / "shot_v001.nk"))

    def add(self) -> nuke.Node:
        """Add an STMatte node."""
        node = nuke.createNode("STMatte")
        node.setInput(0, self.read)
        node.setInput(1, self.roto)
        node["engine"].setValue(command(self.folder))  # type: ignore[attr-defined]
        return node

    def lives(self, *lives: dict[str, Any]) -> None:
        """Write the engine's scenario: the rules of each start."""
        (self.folder / "scenario.json").write_text(json.dumps({"lives": lives}))

    def press(self, name: str, node: nuke.Node | None = None, wait: bool = True) -> None:
        """Press a button, and wait for what comes of it."""
        node = node or self.node
        seat.press(node, name)
        if wait:
            self.wait(node)

    def wait(self, node: nuke.Node | None = None) -> None:
        """Let Nuke's main loop run until nothing of a node is under way."""
        port = engine.known(node or self.node)
        if port is not None:
            self.until(lambda: not port.busy)

    def until(self, so: Callable[[], object]) -> None:
        """Let Nuke's main loop run until something is so."""
        seat.run_main_loop(so, seconds=30)

    def text(self, name: str, node: nuke.Node | None = None) -> str:
        """Return what a knob says."""
        return str((node or self.node)[name].value()).strip()  # type: ignore[attr-defined]

    def asked(self, method: str) -> list[dict[str, Any]]:
        """Return what the engine was asked by this method."""
        path = self.folder / "journal.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        said = [json.loads(line) for line in lines]
        return [each for each in said if each["method"] == method]


def command(folder: Path) -> str:
    """Return the command of an engine that plays the scenario in a folder."""
    return json.dumps([sys.executable, str(ENGINE), str(folder)])


def lives(pid: int) -> bool:
    """Return whether a process is there."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


@contextmanager
def stage(folder: Path, gui: bool = True) -> Iterator[Stage]:
    """Lend a stage; afterwards no engine is left, and no rule of the main thread was broken."""
    before = engine.patience
    engine.patience = QUICK
    try:
        yield Stage(folder, gui)
        assert seat.now().accidents == []
    finally:
        engine.close()
        engine.patience = before
