# SPDX-License-Identifier: Apache-2.0
"""What a farm does: open the file, which asks to be propagated first, and render. FOLDER HOW

HOW   "load": it happens when the file is loaded; "render": when the render begins, with keys
      still to be rasterised; "plain": nobody asked, and what is missing is said;
      "ask" and one of these: have the file ask so, and save it
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import bpy
import comps
import inside

folder, how = Path(sys.argv[1]), sys.argv[2]
inside.enable()
bpy.ops.wm.open_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
node = comps.our_node(scene)
state = inside.part("state")
inside.tell("after loading", sorted(f.name for f in (folder / "mattes").glob("a.*.exr")))
if how == "ask":
    scene["stmatte_propagate"] = sys.argv[3] == "load"
    known = replace(state.state_of(node.node_tree), propagate_before_render=sys.argv[3] == "render")
    state.keep_state(node.node_tree, known)
    bpy.ops.wm.save_mainfile()
if how != "ask":
    comps.render(scene, node.outputs["Hero"], folder / how, 1, 24)
shown = inside.part("shown").of(node.node_tree.session_uid)
inside.tell("lacking", shown.lacking)
inside.tell("error", shown.error)
inside.tell("files", sorted(f.name for f in (folder / "mattes").glob("a.*.exr")))
inside.disable()
