# SPDX-License-Identifier: Apache-2.0
"""Nuke runs this at its start, on render nodes too: it lets Nuke find STMatte's Python, no more.

Nothing is imported and nothing is drawn; renders need none of it. An error here is told and never
stops Nuke from starting; old Nukes must be able to read this, too, so it is plain Python.
"""
# ruff: noqa: PTH100, PTH113, PTH118, PTH120, UP031, UP036

import os
import sys
import traceback


def _stmatte_folder(here):
    """Return the folder with STMatte's modules: this one, or `plugin` beside it in a checkout."""
    beside = os.path.join(os.path.dirname(here), "plugin")
    for folder in (here, beside):
        if os.path.isfile(os.path.join(folder, "stmatte_nuke", "__init__.py")):
            return folder
    raise RuntimeError("the folder stmatte_nuke is in neither %s nor %s" % (here, beside))


try:
    if sys.version_info < (3, 9):
        raise RuntimeError("Nuke 14 or later is needed (Python 3.9)")
    _stmatte_path = _stmatte_folder(os.path.dirname(os.path.abspath(__file__)))
    if _stmatte_path not in sys.path:
        sys.path.append(_stmatte_path)
except Exception:
    sys.stderr.write("STMatte's buttons will not work; mattes render all the same.\n")
    traceback.print_exc()
