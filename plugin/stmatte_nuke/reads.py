# SPDX-License-Identifier: Apache-2.0
"""What a Read reads: its files, where they are the script's frames one by one.

A localised Read is asked for the files themselves, not for their copies.
"""

from __future__ import annotations

from pathlib import Path

import nuke

from . import file_sequence
from .file_sequence import FileSequence
from .untouched import full_size


def path_of(node: nuke.Node) -> str:
    """Return a Read's path, expressions evaluated, with #### or %04d left; "" for none.

    In proxy mode Nuke would name the proxy, where there is one.
    """
    try:
        if not _said(node, "proxy"):
            return str(nuke.filename(node) or "")
        with full_size():
            return str(nuke.filename(node) or "")
    except (RuntimeError, ValueError):
        return ""


def project_folder() -> str:
    """Return the folder from which Nuke takes relative paths."""
    knob = nuke.root().knob("project_directory")
    said = str(getattr(knob, "evaluate", lambda: "")() or "") if knob is not None else ""
    return said.replace("\\", "/") or Path.cwd().as_posix()


def files_of(read: nuke.Node, view: str) -> FileSequence | None:
    """Return a Read's sequence; None if it is none, or is shown at other frames than its own."""
    if read.Class() != "Read" or why_moved(read):
        return None
    return file_sequence.sequence(path_of(read), view, project_folder())


def why_moved(read: nuke.Node) -> str:
    """Return how a Read shows its files at other frames than their numbers; "" if it doesn't.

    The three ways of its frame mode are all nothing where the knob beside it says so.
    """
    mode, frame = (_said(read, name) for name in ("frame_mode", "frame"))
    if not frame or (mode == "expression" and frame == "frame"):
        return ""
    unmoved = {"start at": _said(read, "first"), "offset": "0"}.get(mode)
    return "" if frame == unmoved else f"shifts its frames ({mode} {frame})"


def _said(node: nuke.Node, name: str) -> str:
    knob = node.knob(name)
    return "" if knob is None else str(knob.value() if knob.value() is not None else "").strip()
