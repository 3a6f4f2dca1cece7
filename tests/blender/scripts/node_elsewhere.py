# SPDX-License-Identifier: Apache-2.0
"""The Add menu, a scene without nodes, linked masks and nodes, files written from a node. FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import bpy
import comps
import inside
from drawn import Drawn

folder = Path(sys.argv[1])
drawn = len(bpy.types.NODE_MT_add._dyn_ui_initialize())
inside.install()
groups, mattes = inside.part("group"), inside.part("mattes")
states, versions = inside.part("state"), inside.part("versions")
inside.tell("entries", len(bpy.types.NODE_MT_add._dyn_ui_initialize()) - drawn)


def entries(kind: str) -> list[str]:
    """Return what the Add menu of an editor gets from us."""
    layout = Drawn()
    looking = SimpleNamespace(space_data=SimpleNamespace(tree_type=kind))
    inside.part("menu").draw(SimpleNamespace(layout=layout), looking)
    return layout.said


inside.tell("without a node", [entries("CompositorNodeTree"), entries("ShaderNodeTree")])

# A scene that has no nodes gets Blender's own beginning, and the node.
scene = bpy.context.scene
assert versions.scene_tree(scene) is None
bpy.ops.stmatte.add_node()
tree = versions.scene_tree(scene)
inside.tell("begun", sorted(node.bl_idname for node in tree.nodes))
inside.tell("ends", versions.final_input(tree).is_linked)
inside.tell("take", states.state_of(comps.our_node(scene).node_tree).take)
bpy.ops.stmatte.add_node()  # a second one, in the same tree
inside.tell("several", sorted(states.state_of(group).take for group in groups.our_groups()))
inside.tell("which", groups.active_group(bpy.context))
first, second = groups.our_groups()
looking = SimpleNamespace(space_data=SimpleNamespace(edit_tree=first))
inside.tell("inside one", groups.active_group(looking) == first)
tree.nodes.active = next(n for n in tree.nodes if getattr(n, "node_tree", None) == second)
looking = SimpleNamespace(space_data=SimpleNamespace(edit_tree=tree))
inside.tell("active node's", groups.active_group(looking) == second)
inside.tell("with nodes", entries("CompositorNodeTree"))
try:
    groups.folder_of(groups.our_groups()[0])
except Exception as error:
    inside.tell("never saved", str(error))

# A mask from another file.
comps.mask("roto", "Hero", "Car")
bpy.data.masks["roto"].use_fake_user = True
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "masks.blend"))
bpy.ops.wm.read_homefile(app_template="", use_empty=True)
scene = bpy.context.scene
comps.empty_comp(scene)
with bpy.data.libraries.load(str(folder / "masks.blend"), link=True) as (there, wanted):
    wanted.masks = ["roto"]
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
bpy.ops.stmatte.add_node(take="a", mask="roto")
node = comps.our_node(scene)
group = node.node_tree
inside.tell("linked mask", [socket.name for socket in node.outputs])
inside.tell("its file", states.mask_of(group).library is not None)
groups.show_mattes(group, "//mattes", "a", 1000, 1, 2)
groups.refresh(group)
inside.tell("folder", str(groups.folder_of(group)))
inside.tell("patterns", [groups.out_pattern(group), groups.crypto_pattern(group)])

# All outputs in one file, by Blender's own node.
writing = versions.file_output(
    comps.tree_of(scene), str(folder / "out" / "all_"), ["Hero", "Car"], together=True
)
for name in ("Hero", "Car"):
    comps.tree_of(scene).links.new(node.outputs[name], writing.inputs[name])
comps.tree_of(scene).links.new(node.outputs["Hero"], versions.final_input(comps.tree_of(scene)))
versions.write_as_exr(scene, grey=True)
scene.frame_start, scene.frame_end = 1, 2
scene.render.filepath = str(folder / "final" / "f_####")
bpy.ops.render.render(animation=True, scene=scene.name)
bpy.ops.wm.save_mainfile()

# The node linked from another file: it renders, and is not ours to change.
bpy.ops.wm.read_homefile(app_template="", use_empty=True)
scene = bpy.context.scene
tree = comps.empty_comp(scene)
with bpy.data.libraries.load(str(folder / "shot.blend"), link=True) as (there, wanted):
    wanted.node_groups = ["STMatte a"]
node = tree.nodes.new("CompositorNodeGroup")
node.node_tree = bpy.data.node_groups["STMatte a"]
(folder / "elsewhere").mkdir()
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "elsewhere" / "comp.blend"))
scene = bpy.context.scene
node = comps.our_node(scene)
inside.tell("linked node", [socket.name for socket in node.outputs])
inside.tell("ours", len(groups.our_groups()))
inside.tell("its folder", str(groups.folder_of(node.node_tree)))
comps.render(scene, node.outputs["Car"], folder / "linked", 1, 2)

# The file that the mask comes from is away.
(folder / "masks.blend").unlink()
bpy.ops.wm.open_mainfile(filepath=str(folder / "shot.blend"))
group = groups.our_groups()[0]
inside.tell("mask away", [groups.sync_objects(group), len(groups.gone(group))])
inside.tell("left", [each.name for each in states.state_of(group).objects])

inside.disable()
inside.tell("entries then", len(bpy.types.NODE_MT_add._dyn_ui_initialize()) - drawn)
