# SPDX-License-Identifier: Apache-2.0
"""Open a .blend without the add-on and render the node's outputs. FOLDER FIRST LAST"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import comps
import inside

folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
bpy.ops.wm.open_mainfile(filepath=str(folder / "shot.blend"))
assert not [each for each in bpy.context.preferences.addons if "stmatte" in each.module]
scene = bpy.context.scene
node = comps.our_node(scene)
inside.tell("outputs", [socket.name for socket in node.outputs])
for socket in node.outputs:
    comps.render(scene, socket, folder / "without" / socket.name, first, last)
inside.tell("state", node.node_tree["stmatte"])
bpy.ops.wm.save_mainfile()
