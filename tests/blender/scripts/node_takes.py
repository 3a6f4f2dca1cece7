# SPDX-License-Identifier: Apache-2.0
"""Copies of a node get takes of their own. FOLDER; mattes lie in FOLDER/mattes"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy
import comps
import inside

folder = Path(sys.argv[1])
inside.install()
groups, mattes, states = inside.part("group"), inside.part("mattes"), inside.part("state")
scene = bpy.context.scene
comps.empty_comp(scene)
comps.mask("roto", "Hero", "Car")
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
bpy.ops.stmatte.add_node(take="a")
bpy.ops.stmatte.add_node(take="a")
inside.tell("two", sorted(states.state_of(group).take for group in groups.our_groups()))
inside.tell("nothing to settle", groups.settle_takes())
bpy.data.node_groups.remove(next(g for g in groups.our_groups() if g.name.endswith("_2")))
for node in list(comps.tree_of(scene).nodes):
    if node.bl_idname == "CompositorNodeGroup" and node.node_tree is None:
        comps.tree_of(scene).nodes.remove(node)
node = comps.our_node(scene)
group = node.node_tree
groups.show_mattes(group, "//mattes", "a", 1000, 1, 2)
groups.crypto_image(group)

node.node_tree = group.copy()  # what "make single user" does
copy = node.node_tree
keep = comps.tree_of(scene).nodes.new("CompositorNodeGroup")
keep.node_tree = group
inside.tell("settled", groups.settle_takes())
inside.tell("takes", [states.state_of(each).take for each in (group, copy)])
inside.tell("paths", [mattes.image_node(each).image.filepath for each in (group, copy)])
inside.tell("crypto", [groups.crypto_image(each).filepath for each in (group, copy)])
inside.tell("again", groups.settle_takes())
comps.render(scene, node.outputs["Hero"], folder / "copy", 1, 2)

bpy.ops.scene.new(type="FULL_COPY")
inside.tell("scene copied", [len(groups.our_groups()), groups.settle_takes()])

bpy.ops.wm.save_mainfile()
bpy.ops.wm.read_homefile(app_template="", use_empty=True)
inside.tell("none", len(groups.our_groups()))
path = str(folder / "shot.blend")
with bpy.data.libraries.load(path, link=True) as (there, wanted):
    wanted.node_groups = [name for name in there.node_groups if name.startswith("STMatte")]
inside.tell("linked", [len(groups.our_groups()), groups.settle_takes()])
with bpy.data.libraries.load(path, link=False) as (there, wanted):
    wanted.node_groups = ["STMatte a"]
appended = next(g for g in bpy.data.node_groups if g.library is None and "stmatte" in g)
state = states.state_of(appended)
states.keep_state(appended, states.replace(state, out=str(folder / "mattes")))
inside.tell("appended", [len(groups.our_groups()), groups.settle_takes()])
inside.tell("appended take", states.state_of(appended).take)

newer = json.dumps({"format": "stmatte.node/9", "take": "a", "out": "//mattes"})
appended["stmatte"] = newer
inside.tell("newer", [len(groups.our_groups()), states.why_unread(appended)])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "newer.blend"))
bpy.ops.wm.open_mainfile(filepath=str(folder / "newer.blend"))
kept = next((g for g in bpy.data.node_groups if g.library is None and "stmatte" in g), None)
inside.tell("kept", kept is None or kept["stmatte"] == newer)
