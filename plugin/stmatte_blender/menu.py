# SPDX-License-Identifier: Apache-2.0
"""The compositor's Add menu: where an artist finds STMatte.

Puts nodes into the tree that is shown, or into the scene's own, and makes one where the scene
has none. What is in a node is `group`'s.
"""

from __future__ import annotations

from typing import Any

import bpy

from . import group as groups
from . import sockets, versions
from .state import set_mask, set_plate, state_of
from .stmatte_host import EngineError


class STMATTE_OT_add_node(bpy.types.Operator):
    """Add a node that makes soft mattes from a few keyed masks"""

    bl_idname = "stmatte.add_node"
    bl_label = "STMatte"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    take: bpy.props.StringProperty(
        name="Take", description="What the mattes' files are called; the scene's name if empty"
    )
    clip: bpy.props.StringProperty(
        name="Plate", description="Name of the movie clip or the image that is the plate"
    )
    mask: bpy.props.StringProperty(
        name="Mask", description="Name of the mask whose layers are the objects"
    )
    place: bpy.props.BoolProperty(
        name="Place", description="Move the new node with the mouse", default=False
    )

    @classmethod
    def poll(cls, context: Any) -> bool:
        """There must be a scene."""
        return context.scene is not None

    def execute(self, context: Any) -> set[str]:
        """Add the node."""
        tree = _tree(context)
        group = groups.new_group(self.take or context.scene.name)
        set_plate(group, _plate(context, self.clip))
        set_mask(group, _mask(context, self.mask))
        groups.sync_objects(group)
        node = _placed(context, tree, "CompositorNodeGroup")
        node.node_tree = group
        node.width = 200
        return {"FINISHED"}

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Add the node under the mouse, and let it be moved."""
        _follow_mouse(context, event)
        done = self.execute(context)
        if self.place and context.area is not None:
            bpy.ops.node.translate_attach_remove_on_cancel("INVOKE_DEFAULT")
        return done


class STMATTE_OT_add_cryptomatte(bpy.types.Operator):
    """Add a node that picks the objects of a STMatte node by name"""

    bl_idname = "stmatte.add_cryptomatte"
    bl_label = "STMatte Cryptomatte"
    bl_options = {"REGISTER", "UNDO"}  # noqa: RUF012

    @classmethod
    def poll(cls, context: Any) -> bool:
        """There must be a STMatte node that is meant."""
        return groups.active_group(context) is not None

    def execute(self, context: Any) -> set[str]:
        """Add the node. Blender takes it in a scene's own tree only."""
        group = groups.active_group(context)
        state = state_of(group)
        if state is not None and not state.cryptomatte:
            self.report({"WARNING"}, f'"{group.name}" is set to write no Cryptomatte beside.')
        try:
            node = groups.add_crypto_node(versions.make_scene_tree(context.scene), group)
        except (EngineError, RuntimeError) as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        _at_cursor(context, node)
        return {"FINISHED"}


CLASSES = (STMATTE_OT_add_node, STMATTE_OT_add_cryptomatte)


def draw(self: Any, context: Any) -> None:
    """Draw the entries of the Add menu; they are in the compositor's only."""
    if getattr(context.space_data, "tree_type", "") != sockets.TREE:
        return
    layout = self.layout
    layout.separator()
    layout.operator_context = "INVOKE_DEFAULT"
    layout.operator(STMATTE_OT_add_node.bl_idname, icon="MOD_MASK").place = True
    if groups.our_groups():
        layout.operator(STMATTE_OT_add_cryptomatte.bl_idname)


def register() -> None:
    """Register the operators and the menu's entries."""
    for each in CLASSES:
        bpy.utils.register_class(each)
    bpy.types.NODE_MT_add.append(draw)


def unregister() -> None:
    """Take them away again."""
    bpy.types.NODE_MT_add.remove(draw)
    for each in reversed(CLASSES):
        bpy.utils.unregister_class(each)


def _tree(context: Any) -> Any:
    """Return the tree that is shown, unless it is a STMatte node's inside; else the scene's."""
    space = context.space_data
    shown = getattr(space, "edit_tree", None)
    if shown is not None and shown.bl_idname == sockets.TREE and state_of(shown) is None:
        return shown
    return versions.make_scene_tree(context.scene)


def _placed(context: Any, tree: Any, kind: str) -> Any:
    for other in tree.nodes:
        other.select = False
    node = tree.nodes.new(kind)
    _at_cursor(context, node)
    node.select = True
    tree.nodes.active = node
    return node


def _at_cursor(context: Any, node: Any) -> None:
    if getattr(context.space_data, "edit_tree", None) is not None:
        node.location = context.space_data.cursor_location


def _follow_mouse(context: Any, event: Any) -> None:
    space = context.space_data
    if getattr(space, "edit_tree", None) is not None and context.region.type == "WINDOW":
        space.cursor_location_from_region(event.mouse_region_x, event.mouse_region_y)


def _plate(context: Any, name: str) -> Any:
    """Return the plate of that name; without one, the scene's active clip, or the only one."""
    if name:
        return bpy.data.movieclips.get(name) or bpy.data.images.get(name)
    if context.scene.active_clip is not None:
        return context.scene.active_clip
    return bpy.data.movieclips[0] if len(bpy.data.movieclips) == 1 else None


def _mask(context: Any, name: str) -> Any:
    """Return the mask of that name; without one, the one that is edited, or the only one."""
    if name:
        return bpy.data.masks.get(name)
    edited = getattr(context.space_data, "mask", None)
    if edited is not None:
        return edited
    return bpy.data.masks[0] if len(bpy.data.masks) == 1 else None
