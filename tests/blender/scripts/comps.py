# SPDX-License-Identifier: Apache-2.0
"""Comps to test in, made and rendered alike in all versions, with the extension or without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

FIVE = bpy.app.version >= (5, 0, 0)
SIZE = (64, 48)


def tree_of(scene: Any) -> Any:
    """Return the scene's tree."""
    return scene.compositing_node_group if FIVE else scene.node_tree


def empty_comp(scene: Any) -> Any:
    """Return the scene's tree with nothing in it but the end, so that no 3-D is rendered."""
    if FIVE:
        tree = bpy.data.node_groups.new("comp", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        tree.nodes.new("NodeGroupOutput")
        scene.compositing_node_group = tree
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        tree.nodes.new("CompositorNodeComposite")
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 100
    scene.render.compositor_device = "CPU"
    return tree


def mask(name: str, *layers: str) -> Any:
    """Return a mask with layers, a spline in each."""
    made = bpy.data.masks.new(name)
    for layer in layers:
        made.layers.new(name=layer).splines.new().points.add(3)
    return made


def our_node(scene: Any) -> Any:
    """Return the first node in a scene's tree that shows a group of STMatte."""
    return next(
        node
        for node in tree_of(scene).nodes
        if node.bl_idname == "CompositorNodeGroup" and "stmatte" in node.node_tree
    )


def render(scene: Any, socket: Any, folder: str | Path, first: int, last: int) -> None:
    """Render frames of one output as grey EXR: <folder>/f_<frame>.exr."""
    tree = socket.id_data
    kind = "NodeGroupOutput" if FIVE else "CompositorNodeComposite"
    end = next(node for node in tree.nodes if node.bl_idname == kind)
    tree.links.new(socket, end.inputs[0])
    settings = scene.render.image_settings
    if FIVE:
        settings.media_type = "IMAGE"
    settings.file_format = "OPEN_EXR"
    settings.color_mode, settings.color_depth = "BW", "32"
    for frame in range(first, last + 1):  # one by one: an animation cannot begin below 0
        scene.frame_set(frame)
        bpy.ops.render.render(scene=scene.name)
        path = str(Path(folder) / f"f_{frame}.exr")
        bpy.data.images["Render Result"].save_render(path, scene=scene)
