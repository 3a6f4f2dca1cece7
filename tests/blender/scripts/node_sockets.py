# SPDX-License-Identifier: Apache-2.0
"""Objects come, go and change names while the artist's links stay."""

from __future__ import annotations

import bpy
import comps
import inside

inside.install()
groups, states = inside.part("group"), inside.part("state")
scene = bpy.context.scene
tree = comps.empty_comp(scene)
roto = comps.mask("roto", "Hero", "Car")
bpy.ops.stmatte.add_node(take="a")
node = comps.our_node(scene)
group = node.node_tree
math = inside.part("versions").MATH
uses = {socket.name: tree.nodes.new(math) for socket in node.outputs}
for name, used in uses.items():
    tree.links.new(node.outputs[name], used.inputs[0])


def linked() -> dict[str, str]:
    """Return what was linked -> the label of the output that it is linked to now."""
    return {
        name: used.inputs[0].links[0].from_socket.name
        for name, used in uses.items()
        if used.inputs[0].is_linked
    }


def objects() -> list[list[str]]:
    """Return name and layer of the objects."""
    return [[each.name, each.layer] for each in states.state_of(group).objects]


def outputs() -> list[str]:
    """Return the node's outputs."""
    return [socket.name for socket in node.outputs]


def inner() -> list[list[str]]:
    """Return the links inside the group, layer and label."""
    return sorted([each.from_socket.name, each.to_socket.name] for each in group.links)


inside.tell("nothing to do", groups.sync_objects(group))

roto.layers.new(name="Dog 2")
inside.tell("added", [groups.sync_objects(group), objects(), outputs(), linked(), inner()])

groups.rename(group, "Hero", "The hero")
inside.tell("labelled", [outputs(), linked(), objects()])

roto.layers["Car"].name = "Lorry"
inside.tell("layer renamed", [groups.sync_objects(group), objects(), outputs(), linked()])

roto.layers.remove(roto.layers["Dog 2"])
roto.layers.remove(roto.layers["Lorry"])
inside.tell("layers away", [groups.sync_objects(group), objects(), outputs(), linked()])
inside.tell("gone", [each.name for each in groups.gone(group)])

roto.layers.new(name="Lorry")
inside.tell("layer back", [groups.sync_objects(group), objects(), linked()])

item = next(item for item in group.interface.items_tree if item.name == "Uncertainty")
group.interface.remove(item)
groups.sync_objects(group)
inside.tell("mended", [outputs(), inner()])

roto.name = "another name"
inside.tell("mask renamed", states.mask_of(group).name)
bpy.data.masks.remove(roto)
inside.tell("mask removed", [states.mask_of(group), groups.sync_objects(group), len(objects())])

inside.tell("active", groups.active_group(bpy.context) == group)
inside.tell("found again", groups.group_of(group.session_uid) == group)
bpy.data.node_groups.remove(group)
inside.tell("active then", [groups.active_group(bpy.context), len(groups.our_groups())])
