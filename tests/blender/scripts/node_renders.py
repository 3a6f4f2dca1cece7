# SPDX-License-Identifier: Apache-2.0
"""Add the node as an artist does, show mattes, render its outputs; save.

FOLDER OFFSET FIRST LAST   the .blend goes to FOLDER, its mattes lie in FOLDER/mattes
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import comps
import inside

folder, offset, first, last = Path(sys.argv[1]), *map(int, sys.argv[2:5])
inside.install()
groups, state = inside.part("group"), inside.part("state")
scene = bpy.context.scene
comps.empty_comp(scene)
comps.mask("roto", "Hero", "Car")
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene

assert bpy.ops.stmatte.add_node(take="a", mask="roto") == {"FINISHED"}
node = comps.our_node(scene)
group = node.node_tree
inside.tell("kinds", sorted(each.bl_idname for each in group.nodes))
inside.tell("outputs", [socket.name for socket in node.outputs])
inside.tell("names", [each.name for each in state.state_of(group).objects])
groups.show_mattes(group, "//mattes", "a", offset, first, last)
groups.refresh(group)
inside.tell("path", inside.part("mattes").image_node(group).image.filepath)
for socket in node.outputs:
    comps.render(scene, socket, folder / "with" / socket.name, first, last)
bpy.ops.wm.save_mainfile()
