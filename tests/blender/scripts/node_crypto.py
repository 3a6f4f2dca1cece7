# SPDX-License-Identifier: Apache-2.0
"""The Cryptomatte beside the mattes. FOLDER; its files lie in FOLDER/mattes, or come later."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import comps
import inside

folder, late = Path(sys.argv[1]), sys.argv[2] == "late"
inside.install()
groups = inside.part("group")
scene = bpy.context.scene
tree = comps.empty_comp(scene)
comps.mask("roto", "Hero", "Car")
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
tree = comps.tree_of(scene)
there = folder / "mattes"
if late:
    there.rename(folder / "later")
bpy.ops.stmatte.add_node(take="a")
group = comps.our_node(scene).node_tree
groups.show_mattes(group, "//mattes", "a", 1000, 1, 2)
assert bpy.ops.stmatte.add_cryptomatte() == {"FINISHED"}
node = next(node for node in tree.nodes if node.bl_idname == "CompositorNodeCryptomatteV2")
if late:
    (folder / "later").rename(there)
groups.refresh(group)
inside.tell("node", [node.layer_name, node.matte_id, node.image.filepath])
node.matte_id = "Car"
comps.render(scene, node.outputs["Matte"], folder / "with", 1, 2)
bpy.ops.wm.save_mainfile()
bpy.ops.wm.open_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
tree = comps.tree_of(scene)
node = next(node for node in tree.nodes if node.bl_idname == "CompositorNodeCryptomatteV2")
comps.render(scene, node.outputs["Matte"], folder / "again", 1, 2)
