# SPDX-License-Identifier: Apache-2.0
"""Where a node's mattes go, as its script stands now: asked of Nuke, judged by `out_path`.

Knows the script's name, its views and its project directory; looks at no file.
"""

from __future__ import annotations

import nuke

from stmatte_host import EngineError

from . import knobs
from .out_path import OutPath, out_path


def script_path() -> str:
    """Return the whole path of the script; "" if it was never saved."""
    said = str(nuke.root()["name"].value()).replace("\\", "/")
    return said if "/" in said else ""


def view_of(group: nuke.Node) -> str:
    """Return the view that a node's mattes are for.

    Raises EngineError if the knob names one that the script has not.
    """
    said = knobs.text(group, "view").strip()
    views = nuke.views()
    if said and said not in views:
        raise EngineError(
            f'The script has no view "{said}"',
            allowed=f"its views are {', '.join(views)}",
            repair="Correct the view in the node, or empty it for the first one",
        )
    return said or views[0]


def out_of(group: nuke.Node) -> OutPath:
    """Return where a node's mattes go. Raises EngineError if that can't be told, or be done."""
    return resolved(knobs.text(group, "out"), view_of(group))


def resolved(said: str, view: str) -> OutPath:
    """Return where a text for the knob `out` leads, in this script.

    Nuke's own evaluation of a file would put numbers in the place of ####, so only the
    expressions are evaluated.
    """
    if "root.name" in said and not script_path():
        raise EngineError(
            "This script was never saved, and its mattes are to go beside it",
            repair="Save the script, or write a whole path into `out`",
        )
    project = str(nuke.root()["project_directory"].value())
    return out_path(_evaluated(said), view, nuke.views(), _evaluated(project))


def _evaluated(said: str) -> str:
    # Nuke has forward slashes in paths; a backslash would be Tcl's escape.
    text = said.strip().replace("\\", "/")
    if "[" not in text and "$" not in text:
        return text
    try:
        return str(nuke.tcl("subst", text))
    except RuntimeError as error:
        raise EngineError(
            f'The path "{said}" cannot be evaluated ({error})',
            allowed="expressions are written as in any file knob of Nuke, such as "
            "[file dirname [value root.name]]",
            repair="Correct it in the node's Files",
        ) from None
