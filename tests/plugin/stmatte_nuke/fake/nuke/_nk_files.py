# SPDX-License-Identifier: Apache-2.0
"""Scripts on disk, the clipboard, and tools on the plug-in path."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

from . import _nk_read, _nk_write, _running
from ._group import Group, current
from ._node import Node
from ._seat import seat
from ._threads import main_only


def from_file(kind: str, around: Group) -> Node:
    """Make what `<kind>.gizmo` on the plug-in path describes."""
    for folder in seat().plugin_path:
        path = Path(folder, f"{kind}.gizmo")
        if path.is_file():
            made = _nk_read.read(path.read_text(encoding="utf-8"), around)
            if len(made) != 1:
                raise RuntimeError(f"{path.name} makes {len(made)} nodes, not one")
            return made[0]
    raise RuntimeError(f"{kind}: Unknown command")


@main_only
def pluginPath() -> list[str]:
    return list(seat().plugin_path)


@main_only
def pluginAddPath(args: Any, addToSysPath: bool = True) -> None:
    """Put folders before the others; each one's init.py runs at once."""
    # Documented: a relative folder is relative to the file that calls.
    caller = sys._getframe(2).f_globals.get("__file__", "")
    for one in [args] if isinstance(args, str) else list(args):
        folder = Path(os.path.normpath(Path(caller).parent / one)).as_posix()
        if folder in seat().plugin_path:
            continue
        seat().plugin_path.insert(0, folder)
        if addToSysPath and folder not in sys.path:
            sys.path.append(folder)
        start = Path(folder, "init.py")
        if start.is_file():
            runpy.run_path(str(start))


@main_only
def scriptReadText(s: str) -> None:
    _nk_read.read(s, current())
    seat().modified = True


@main_only
def scriptReadFile(s: str) -> None:
    scriptReadText(Path(s).read_text(encoding="utf-8"))


@main_only
def scriptClear(*_: Any) -> None:
    """Throw the script away; Nuke stays."""
    from ._group import Root

    here = seat()
    _running.callbacks("onScriptClose", here.root)
    for node in list(here.root._all()):
        node._attached = False
    here.root._attached = False
    here.root = Root()
    here.groups[:] = [here.root]
    here.history.done.clear()
    here.history.undone.clear()
    here.layers = {name: here.layers[name] for name in ("rgba", "depth", "mask")}
    here.modified = False


@main_only
def scriptClose(*_: Any) -> None:
    scriptClear()


@main_only
def scriptOpen(filename: str | None = None) -> None:
    if not filename:
        raise RuntimeError("scriptOpen without a name asks a person")
    if not Path(filename).is_file():
        raise RuntimeError(f"{filename}: No such file or directory")
    text = Path(filename).read_text(encoding="utf-8")
    scriptClear()
    here = seat()
    _nk_read.read(text, here.root)
    here.root._knobs["name"]._restore(str(filename))
    here.history.done.clear()
    here.modified = False
    _running.callbacks("onScriptLoad", here.root)


@main_only
def scriptSave(filename: str | None = None) -> bool:
    here = seat()
    path = filename or str(here.root._knobs["name"]._state())
    if not path:
        raise RuntimeError("the script has no name")
    if filename:
        here.root._knobs["name"]._restore(str(filename))
    _running.callbacks("onScriptSave", here.root)
    Path(path).write_text(_nk_write.script(), encoding="utf-8")
    here.modified = False
    return True


@main_only
def scriptSaveAs(filename: str | None = None, overwrite: int = -1) -> None:
    if not filename:
        raise RuntimeError("scriptSaveAs without a name asks a person")
    if Path(filename).exists() and overwrite != 1:
        raise RuntimeError(f"{filename} exists")
    scriptSave(filename)


@main_only
def nodeCopy(s: str) -> None:
    """Copy the selected nodes: `%clipboard%`, or into a file."""
    chosen = [node for node in current()._children if node.isSelected()]
    if not chosen:
        raise RuntimeError("nothing is selected")
    text = _nk_write.some(chosen)
    if s == "%clipboard%":
        seat().clipboard = text
    else:
        Path(s).write_text(text, encoding="utf-8")


@main_only
def nodePaste(s: str) -> Node | None:
    """Paste below the selected node; what was pasted is selected."""
    text = seat().clipboard if s == "%clipboard%" else Path(s).read_text(encoding="utf-8")
    around = current()
    chosen = [node for node in around._children if node.isSelected()]
    seat().history.begin("paste")
    try:
        made = _nk_read.read(text, around, chosen[-1] if chosen else None)
    finally:
        seat().history.end()
    for node in around._children:
        node.setSelected(node in made)
    return made[-1] if made else None


@main_only
def nodeDelete(s: bool = False) -> bool:
    from ._making import delete

    chosen = [node for node in current()._children if node.isSelected()]
    for node in chosen:
        delete(node)
    return bool(chosen)
