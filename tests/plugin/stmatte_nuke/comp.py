# SPDX-License-Identifier: Apache-2.0
"""A comp in the fake Nuke: a clip, a Roto and an STMatte node, with the real engine behind it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import circles
import clip
import nuke
import paths
import pytest
import seat

from stmatte_nuke import engine

FRAMES = list(clip.FRAMES)
TEXTS = ("status", "forecast", "strip", "notes", "key_list", "advice", "engine_state")


class Comp:
    """A script in a folder, and what an artist does to it.

    folder  of the script; plate and mattes lie below it
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pattern = clip.write_plate(folder / "plates")
        self.start()
        self.read = clip.read(self.pattern)
        self.roto = circles.roto("Hero")
        self.node = nuke.createNode("STMatte")
        self.node.setInput(0, self.read)
        self.node.setInput(1, self.roto)
        self.node["working_height"].setValue(clip.SIZE[1])

    @property
    def script(self) -> Path:
        return self.folder / "shot_v001.nk"

    def start(self, gui: bool = True, views: tuple[str, ...] = ("main",)) -> None:
        """Start Nuke anew, with an empty script that lies where ours does."""
        seat.new_script(
            self.script,
            gui=gui,
            views=views,
            first=FRAMES[0],
            last=FRAMES[-1],
            size=clip.SIZE,
            plugin_path=[paths.GIZMO],
        )

    def open(self, path: Path | None = None, node: str = "STMatte1") -> None:
        """Open a saved script; its node and Roto are what is pressed and drawn from now on."""
        nuke.scriptOpen(str(path or self.script))
        self.node = nuke.toNode(node)
        self.roto, self.read = nuke.toNode("Roto1"), nuke.toNode("Read1")

    def save(self, path: Path | None = None) -> None:
        """Save the script."""
        nuke.scriptSaveAs(str(path or self.script), overwrite=1)

    @property
    def port(self) -> Any:
        return engine.known(self.node)

    def press(self, name: str, wait: bool = True) -> None:
        """Press a button, and wait for what comes of it."""
        seat.press(self.node, name)
        if wait:
            self.wait()

    def wait(self) -> None:
        """Let Nuke's main loop run until nothing of the node is under way."""
        port = self.port
        if port is not None:
            self.until(lambda: not port.busy and not port.bakings)

    def until(self, so: Callable[[], object]) -> None:
        """Let Nuke's main loop run until something is so."""
        seat.run_main_loop(so, seconds=120)

    def text(self, name: str) -> str:
        """Return what a knob says."""
        return str(self.node[name].value()).strip()

    def told(self) -> SimpleNamespace:
        """Return what the node says."""
        return SimpleNamespace(**{name: self.text(name) for name in TEXTS})

    def files(self, take: str = "STMatte1") -> dict[int, Path]:
        """Return frame -> file of mattes."""
        found = (self.folder / "mattes" / take).glob(f"{take}.*.exr")
        return {int(path.suffixes[-2][1:]): path for path in found}

    def stamps(self, take: str = "STMatte1") -> dict[int, tuple[int, int, int]]:
        """Return what the disk says of every file of mattes."""
        return {frame: stamp(path) for frame, path in self.files(take).items()}

    def keys(self) -> dict[str, tuple[int, int, int]]:
        """Return what the disk says of every key that was rendered."""
        return {path.name: stamp(path) for path in self.folder.glob("mattes/*/keys/*.exr")}


def stamp(path: Path) -> tuple[int, int, int]:
    """Return what the disk says of a file: another one, or one written again, says otherwise."""
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


@contextmanager
def real_engine(folder: Path) -> Iterator[None]:
    """Have the nodes find the engine of this checkout, on the processor and with its own store."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setenv("STMATTE_STORE", str(folder / "store"))
        patches.setenv("STMATTE_ENGINE", json.dumps([sys.executable, "-m", "stmatte", "serve"]))
        patches.setenv("CUDA_VISIBLE_DEVICES", "-1")
        try:
            yield
        finally:
            engine.close()


@contextmanager
def another_store(folder: Path) -> Iterator[None]:
    """Have engines that start now keep what they compute elsewhere, as on another machine."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setenv("STMATTE_STORE", str(folder))
        yield
