# SPDX-License-Identifier: Apache-2.0
"""Nuke runs this when its window opens: it puts STMatte into the Draw menu, where Roto is.

With that, Tab and the name find it. An error here is told in the script editor and never stops
Nuke from starting.
"""

import sys
import traceback


def _add_stmatte():
    """Put the node into the menu, and say what is missing."""
    from importlib.util import find_spec

    import nuke

    nodes = nuke.menu("Nodes")
    place = nodes.findItem("Draw") or nodes
    place.addCommand("STMatte", "nuke.createNode('STMatte')", icon="STMatte.png")
    if find_spec("stmatte_nuke") is None:
        sys.stderr.write(
            "STMatte: the folder stmatte_nuke is not found, so the buttons of STMatte nodes will "
            "not work. Put the whole folder that STMatte came in on NUKE_PATH.\n"
        )


try:
    _add_stmatte()
except Exception:
    sys.stderr.write("STMatte could not be put into Nuke's menu:\n")
    traceback.print_exc()
