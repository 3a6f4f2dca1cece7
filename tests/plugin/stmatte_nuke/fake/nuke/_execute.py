# SPDX-License-Identifier: Apache-2.0
"""Rendering: `nuke.execute` of a Write, and the Tcl that Python may ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import _file_names, _string_tcl
from ._frames import FrameRanges
from ._group import current
from ._node import Node
from ._seat import seat
from ._threads import main_only, run_posted


@main_only
def executing(f: float | None = None) -> bool:
    return seat().executing


@main_only
def tcl(cmd: str, *args: str) -> str:
    """Run a command of Tcl; `subst` and what `_string_tcl` knows, seen from the context's group."""
    if cmd == "subst" and len(args) == 1:
        return _string_tcl.evaluated(args[0], current())
    words = " ".join([cmd, *args])
    return _string_tcl.evaluated(f"[{words}]", current())


@main_only
def execute(
    nameOrNode: Node | str,
    start: Any = None,
    end: Any = None,
    incr: Any = 1,
    views: list[str] | None = None,
    continueOnError: bool = False,
) -> None:
    """Render a Write's frames; RuntimeError where Nuke cannot, or a person cancels."""
    from ._script import toNode

    node = nameOrNode if isinstance(nameOrNode, Node) else toNode(nameOrNode)
    if node is None:
        raise RuntimeError(f"{nameOrNode}: no such node")
    if node._kind != "Write":
        raise RuntimeError(f"{node._called()} is not executable")
    if isinstance(start, FrameRanges):
        frames = start.toFrameList()
    else:
        if not all(isinstance(number, int) for number in (start, end, incr)):
            raise TypeError("execute takes first, last and increment, all int")
        frames = list(range(start, end + 1, incr))
    if isinstance(views, str) or any(view not in seat().views for view in views or []):
        raise TypeError("execute takes a list of the script's views")
    if seat().executing:
        raise RuntimeError("I'm already executing something else")
    seat().executing = True
    try:
        for frame in frames:
            for view in views or node._knobs["views"]._names.split():  # type: ignore[attr-defined]
                while seat().faults.pump_in_execute and run_posted(0.0):
                    pass
                _one(node, frame, view)
    finally:
        seat().executing = False


def _one(node: Node, frame: int, view: str) -> None:
    from . import _written

    here = seat()
    text = _string_tcl.evaluated(str(node._knobs["file"]._state()), node)
    path = Path(_file_names.on_disk(_file_names.at(text, frame, view)))
    if not text:
        raise RuntimeError(f"{node._called()}: no file is given")
    if here.faults.render is not None:
        here.faults.render(node._path(), frame, str(path))
    if node._knobs["create_directories"]._at(0, 0):  # type: ignore[attr-defined]
        path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.is_dir():
        raise RuntimeError(f"{path}: No such file or directory")
    part = path.with_name(path.name + ".tmp")  # as Nuke does
    shown = here.frame, here.view
    here.frame, here.view = frame, view
    try:
        _written.write(node, frame, view, part)
    finally:
        here.frame, here.view = shown
    part.replace(path)
    here.executed.append((node._path(), frame, str(path)))
