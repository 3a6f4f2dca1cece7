# SPDX-License-Identifier: Apache-2.0
"""All that differs between the versions of Blender: 4.2, 4.5, 5.0 and 5.2.

Nothing else in the extension asks which version it runs in. Each function says what it is for
in words that hold for all of them. Source: the release notes and what was tried in each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

FIVE = bpy.app.version >= (5, 0, 0)
"""A scene's compositor is a data-block of its own, and may be shared or missing."""

MATH = "ShaderNodeMath" if FIVE else "CompositorNodeMath"
"""The node that adds and multiplies."""


def scene_tree(scene: Any) -> Any:
    """Return the compositor's nodes of a scene, or None if it has none."""
    if FIVE:
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def make_scene_tree(scene: Any) -> Any:
    """Return the compositor's nodes of a scene; where it has none, Blender's own beginning."""
    if not FIVE:
        scene.use_nodes = True
        return scene.node_tree
    if scene.compositing_node_group is None:
        tree = bpy.data.node_groups.new(f"{scene.name} Compositing", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        seen = tree.nodes.new("CompositorNodeRLayers")
        seen.location = (-390, 0)
        for kind, down in (("NodeGroupOutput", 0), ("CompositorNodeViewer", -120)):
            end = tree.nodes.new(kind)
            end.location = (200, down)
            tree.links.new(seen.outputs["Image"], end.inputs[0])
        scene.compositing_node_group = tree
    return scene.compositing_node_group


def final_input(tree: Any) -> Any:
    """Return the socket that takes the final picture; it is made where there is none."""
    kind = "NodeGroupOutput" if FIVE else "CompositorNodeComposite"
    if FIVE and not any(_is_output(item) for item in tree.interface.items_tree):
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    node = next((node for node in tree.nodes if node.bl_idname == kind), None)
    return (node or tree.nodes.new(kind)).inputs[0]


def file_output(tree: Any, folder: str, names: Iterable[str], together: bool = False) -> Any:
    """Return a new File Output node that writes grey pictures as 32-bit EXR.

    folder    where to; with `together`, first part of the files' names, too
    names     one input for each
    together  all in one file, each a layer; else each has a file of its own
    """
    node = tree.nodes.new("CompositorNodeOutputFile")
    kind = "OPEN_EXR_MULTILAYER" if together else "OPEN_EXR"
    if FIVE:
        node.format.media_type = "MULTI_LAYER_IMAGE" if together else "IMAGE"
    node.format.file_format = kind
    node.format.color_depth = "32"
    if FIVE:
        parent, _, name = folder.rpartition("/") if together else (folder, "", "")
        node.directory, node.file_name = parent, name
        node.file_output_items.clear()
        for each in names:
            node.file_output_items.new("FLOAT", each)
    else:
        node.base_path = folder
        slots = node.layer_slots if together else node.file_slots
        slots.clear()
        for each in names:
            slots.new(each)
    return node


def write_as_exr(scene: Any, grey: bool = False) -> None:
    """Have a scene's renders written as 32-bit EXR, by itself and by `save_render`."""
    settings = scene.render.image_settings
    if FIVE:
        settings.media_type = "IMAGE"
    settings.file_format = "OPEN_EXR"
    settings.color_mode = "BW" if grey else "RGB"
    settings.color_depth = "32"
    settings.exr_codec = "ZIP"


def _is_output(item: Any) -> bool:
    return item.item_type == "SOCKET" and item.in_out == "OUTPUT"


def curves(holder: Any) -> tuple[Any, ...]:
    """Return the F-curves of a data-block's `animation_data`, or of a strip of its NLA.

    holder  has an action and, from 4.4 on, the slot in it that is the data-block's own; or None
    """
    action = holder.action if holder is not None else None
    if action is None:
        return ()
    if bpy.app.version < (4, 4, 0):
        return tuple(action.fcurves)
    slot = holder.action_slot
    bags = (bag for each in action.layers for strip in each.strips for bag in strip.channelbags)
    return tuple(
        curve
        for bag in bags
        if slot is not None and bag.slot_handle == slot.handle
        for curve in bag.fcurves
    )


RENDERS_BELOW_ZERO = FIVE
"""Whether an animation can be rendered from a negative frame on."""

GREY_CHANNEL = "V" if bpy.app.version >= (4, 3, 0) else "R"
"""The channel to read of a grey EXR; 4.2 writes grey as R, G, B and A."""

EVERY_TRACK_IS_FOLLOWED = bpy.app.version >= (5, 2, 0)
"""Whether each point that was tied to a track by a script follows it."""


def render_frames(scene: Any, first: int, last: int) -> None:
    """Render frames of a scene to its files; first may be negative where RENDERS_BELOW_ZERO."""
    if FIVE:
        bpy.ops.render.render(
            "EXEC_DEFAULT", animation=True, scene=scene.name, frame_start=first, frame_end=last
        )
        return
    scene.frame_start, scene.frame_end = first, last
    bpy.ops.render.render("EXEC_DEFAULT", animation=True, scene=scene.name)


def blur_mask(node: Any, samples: int, shutter: float) -> None:
    """Set the motion blur of a Mask node; 1 sample is none. Feather is always on."""
    if bpy.app.version < (4, 5, 0):
        node.use_feather = True
        node.use_motion_blur = samples > 1
        node.motion_blur_samples, node.motion_blur_shutter = samples, shutter
        return
    node.inputs["Feather"].default_value = True
    node.inputs["Motion Blur"].default_value = samples > 1
    node.inputs["Samples"].default_value = samples
    node.inputs["Shutter"].default_value = shutter


def only_tree(scene: Any) -> Any:
    """Return empty nodes for a scene that has none yet; in 5.x they are a data-block to remove."""
    if FIVE:
        scene.compositing_node_group = bpy.data.node_groups.new(scene.name, "CompositorNodeTree")
        return scene.compositing_node_group
    scene.use_nodes = True
    scene.node_tree.nodes.clear()
    return scene.node_tree


def own_action(animation: Any) -> None:
    """Give a data-block's `animation_data` a copy of its action, which others may use too."""
    slot = getattr(animation, "action_slot", None)
    handle = None if slot is None else slot.handle
    animation.action = animation.action.copy()
    if handle is not None:
        animation.action_slot = next(
            each for each in animation.action.slots if each.handle == handle
        )
