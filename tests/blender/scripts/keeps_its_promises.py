# SPDX-License-Identifier: Apache-2.0
"""Put Blender's port through the suite that every host's port passes.

SUITE   folder of host_port_compliance.py
FOLDER  where mattes would be, and the fake engine's own things
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import inside

SUITE, FOLDER = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(SUITE))

import host_port_compliance as compliance  # noqa: E402 (it lies in a folder that was just added)

OFFSET = 1000  # plate frame minus scene frame


class BlenderOnTrial:
    """Lends the port of a node group, and reads what the panel would show of it.

    A node takes a frame by reading its file again, so what is seen of that is that it did not
    fail. That the matte is then in the picture is the node's own test.
    """

    def __init__(self, port: Any, out: str) -> None:
        self.port = port
        self.host: ModuleType = inside.part("stmatte_host")
        self.out = out
        self._ready: set[int] = set()
        self._take, port.frame_ready = port.frame_ready, self._frame_ready

    def seen(self) -> compliance.Seen:
        """Return what the panel shows, in plate frames."""
        shown = self.port.shown
        return compliance.Seen(
            running=shown.running,
            errors=(shown.error,) if shown.error else (),
            notes=tuple(shown.notes),
            marks={name: self._row(strip) for name, strip in shown.strip.items()},
            ready=frozenset(self._ready),
        )

    def _row(self, strip: Any) -> dict[int, str]:
        return {frame + OFFSET: mark for mark, text in strip for frame in self.host.frames_in(text)}

    def _frame_ready(self, frame: int, path: str) -> None:
        self._take(frame, path)
        self._ready.add(frame)


def gathered(out: str) -> Any:
    """Return a shot as Blender gathers one, without a plate on the disk."""
    frames = compliance.FRAMES
    shot = inside.part("stmatte_host").HostShot("plate.####.png", ("hero",), out, str(FOLDER))
    plate = inside.part("plates").Plate(
        "plate.####.png", (64, 36), OFFSET, frames[0] - OFFSET, frames[-1] - OFFSET
    )
    return inside.part("shots").Gathered(shot, (), plate, plate.first, plate.last, {}, (), ())


@contextmanager
def lend() -> Iterator[BlenderOnTrial]:
    """Lend the port of a new node group, and take both back."""
    group = inside.part("group").new_group("take", str(FOLDER / "mattes"))
    port = inside.part("engine").port_of(group)
    out = str(FOLDER / "mattes" / "take.####.exr")
    port.showing.gathered = gathered(out)
    try:
        yield BlenderOnTrial(port.showing, out)
    finally:
        inside.part("engine").close()
        bpy.data.node_groups.remove(group)


FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "scenario.json").write_text('{"lives": []}')
os.environ["STMATTE_ENGINE"] = json.dumps([sys.executable, str(compliance.FAKE), str(FOLDER)])
inside.install()
inside.tell("promises", len(compliance.PROMISES))
inside.tell("broken", compliance.broken(lend))
inside.disable()
