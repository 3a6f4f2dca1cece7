# SPDX-License-Identifier: Apache-2.0
"""Run by a Blender's Python: pick objects from a Cryptomatte, as an artist does.

blender_picks.py FILE FOLDER PICK...
    FILE    EXR with a Cryptomatte
    FOLDER  where PICK.exr goes for every pick, one float matte each
    PICK    an object's name, or several with commas between

Prints the layer that the Cryptomatte node found by itself.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import bpy

NEW = bpy.app.version >= (5, 0, 0)


def main(file: str, folder: str, picks: list[str]) -> None:
    """Render the matte of every pick."""
    scene = bpy.context.scene
    image = bpy.data.images.load(file)
    tree, final = compositor(scene)
    node = tree.nodes.new("CompositorNodeCryptomatteV2")
    node.source = "IMAGE"
    node.image = image
    print("layer:", node.layer_name, flush=True)  # noqa: T201  the test reads it
    tree.links.new(node.outputs["Matte"], final)
    for pick in picks:
        node.matte_id = pick
        bpy.ops.render.render()
        place = os.path.join(folder, f"{pick}.exr")  # noqa: PTH118  Blender wants text
        bpy.data.images["Render Result"].save_render(place, scene=scene)


def compositor(scene: Any) -> tuple[Any, Any]:
    """Return an empty tree and its final socket; the picture is as large as `SIZE` says."""
    width, height = (int(number) for number in os.environ["SIZE"].split("x"))
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    settings = scene.render.image_settings
    if NEW:
        settings.media_type = "IMAGE"
        tree = bpy.data.node_groups.new("picks", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        final = tree.nodes.new("NodeGroupOutput").inputs[0]
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        final = tree.nodes.new("CompositorNodeComposite").inputs["Image"]
    settings.file_format, settings.color_depth, settings.color_mode = "OPEN_EXR", "32", "RGB"
    if hasattr(scene.render, "compositor_device"):
        scene.render.compositor_device = "CPU"
    return tree, final


main(sys.argv[1], sys.argv[2], sys.argv[3:])
os._exit(0)  # Blender 4.2 and 4.5 do not leave cleanly as a module
