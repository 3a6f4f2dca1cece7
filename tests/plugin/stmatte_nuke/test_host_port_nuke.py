# SPDX-License-Identifier: Apache-2.0
"""Nuke's side of the port keeps what every host's must, read from the knobs of a node."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import nuke
import pytest
import seat

for folder in (Path(__file__).parents[1],):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import host_port_compliance as compliance  # noqa: E402 (it lies in a folder that was just added)

import stmatte_host  # noqa: E402
from stmatte_nuke import engine, inside  # noqa: E402

GIZMO = Path(__file__).parents[3] / "nuke_gizmo"


@dataclass(frozen=True)
class Gathered:
    """A shot as Nuke gathers one, without a plate on the disk."""

    shot: stmatte_host.HostShot
    first: int = compliance.FRAMES[0]
    last: int = compliance.FRAMES[-1]
    offset: int = 0
    heard: Any = ()
    unheard: Any = ()
    notes: Any = ()


class NukeOnTrial:
    """Lends the port of a node, and reads what its knobs say.

    A node takes frames by reading its files again: after each second's first, and at the end.
    """

    host: ModuleType = stmatte_host

    def __init__(self, node: nuke.Node, out: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._node = node
        self._port = engine.port_of(node)
        self.out = out
        self.port: Any = self._port.showing
        shot = stmatte_host.HostShot("plate.####.exr", ("hero",), out, str(Path(out).parent))
        self.port.gathered = Gathered(shot, heard={})
        self._told: set[int] = set()
        self._read: set[int] = set()
        take, refresh = self._port.take_frame, inside.refresh

        def taken(gathered: Any, frame: int, path: str) -> None:
            self._told.add(frame)
            take(gathered, frame, path)

        def refreshed(group: nuke.Node) -> None:
            self._read |= self._told
            refresh(group)

        monkeypatch.setattr(self._port, "take_frame", taken)
        monkeypatch.setattr(inside, "refresh", refreshed)

    def seen(self) -> compliance.Seen:
        """Return what the node shows."""
        shown = self._port.shown
        if not shown.running:
            self._port.rest()
        said = self._text("status")
        notes = self._text("notes")
        assert notes == "\n".join(shown.notes)
        assert said == (shown.error or shown.line)
        lines = self._text("strip").splitlines()
        assert [line.partition(":")[0] for line in lines] == list(shown.strip)
        return compliance.Seen(
            running=shown.running,
            errors=(said,) if shown.error else (),
            notes=tuple(shown.notes),
            marks={line.partition(": ")[0]: _row(line.partition(": ")[2]) for line in lines},
            ready=frozenset(self._read if not shown.running else self._told),
        )

    def _text(self, name: str) -> str:
        said = str(self._node[name].value())
        return "" if said == " " else said


def _row(text: str) -> dict[int, str]:
    """Return frame -> mark of "keyed 1001, stale 1002-1003, 1005"."""
    found: dict[int, str] = {}
    mark = ""
    for part in text.split(", "):
        word, _, frames = part.rpartition(" ")
        mark = word or mark
        found.update(dict.fromkeys(stmatte_host.frames_in(frames), mark))
    return found


@contextmanager
def _lent(folder: Path) -> Iterator[NukeOnTrial]:
    """Lend the port of a new node, and take both back."""
    seat.new_script(folder / "shot.nk", plugin_path=[GIZMO])
    node = nuke.createNode("STMatte")
    node["stm_identity"].setValue("trial")
    (folder / "scenario.json").write_text('{"lives": []}')
    node["engine"].setValue(json.dumps([sys.executable, str(compliance.FAKE), str(folder)]))
    patches = pytest.MonkeyPatch()
    try:
        yield NukeOnTrial(node, str(folder / "mattes" / "take.####.exr"), patches)
        assert seat.now().accidents == []
    finally:
        patches.undo()
        engine.close()


@pytest.mark.parametrize("promise", compliance.PROMISES, ids=lambda promise: promise.__name__)
def test_nukes_port_keeps(promise: Callable[[compliance.Trial], None], tmp_path: Path) -> None:
    with _lent(tmp_path) as trial:
        promise(trial)
