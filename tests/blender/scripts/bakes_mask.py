# SPDX-License-Identifier: Apache-2.0
"""Propagates a ball, bakes its mattes to a mask, and renders what was baked.

FOLDER   gets mattes, and baked/f_<frame>.exr; the plate lies in FOLDER/plate
PLACES   JSON: scene frame -> [[x, y], [across, down]], where the ball is
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import bpy
import comps
import drawing
import inside

FOLDER = Path(sys.argv[1])
PLACES = {int(frame): place for frame, place in json.loads(sys.argv[2]).items()}
SIZE = (256, 144)
LAST = 8


def main() -> None:
    """Do it all."""
    inside.install()
    scene = bpy.context.scene
    comps.empty_comp(scene)
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.frame_start, scene.frame_end = 1, LAST
    scene.active_clip = bpy.data.movieclips.load(str(FOLDER / "plate" / "plate.1001.png"))
    mask = bpy.data.masks.new("roto")
    layer = mask.layers.new(name="Hero")
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "shot.blend"))
    scene = bpy.context.scene
    for frame in (1, LAST):
        drawing.key(mask, layer, frame, SIZE, *PLACES[frame])
    scene.frame_set(3)
    assert bpy.ops.stmatte.add_node(take="a", mask="roto") == {"FINISHED"}
    group = comps.our_node(scene).node_tree
    state = inside.part("state")
    settings = {"model": "stmatte-s", "working_height": 144, "device": "cpu"}
    state.keep_state(group, replace(state.state_of(group), settings=settings))

    try:
        bpy.ops.stmatte.bake_mask()
    except RuntimeError as error:
        inside.tell("too early", str(error))
    assert bpy.ops.stmatte.propagate() == {"FINISHED"}
    try:
        bpy.ops.stmatte.bake_mask(object="nobody")
    except RuntimeError as error:
        inside.tell("nobody", str(error))

    points = [tuple(point.co) for point in layer.splines[0].points]
    points[0] = layer.splines[0].points[0].co = (0.125, 0.25)  # drawn and not keyed
    editors = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    assert bpy.ops.stmatte.bake_mask() == {"FINISHED"}
    assert bpy.context.window_manager.windows[0].scene == scene
    assert [tuple(point.co) for point in layer.splines[0].points] == points
    assert editors == [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    assert (scene.frame_current, len(bpy.data.scenes), len(mask.layers)) == (3, 1, 1)

    (baked,) = (each for each in bpy.data.masks if each.name == "roto baked")
    keys = inside.part("mask_keys").key_frames(baked)
    inside.tell("keys", {name: list(frames) for name, frames in keys.items()})
    inside.tell("points", [len(spline.points) for spline in baked.layers[0].splines])
    wanted = [
        (baked.layers[0].name, f, FOLDER / "baked" / f"f_{f}.exr") for f in range(1, LAST + 1)
    ]
    inside.part("rasterise").rasterise(baked, wanted, SIZE)

    assert bpy.ops.stmatte.bake_mask(tolerance=4.0) == {"FINISHED"}
    inside.tell("layers", [layer.name for layer in baked.layers])
    again = inside.part("mask_keys").key_frames(baked)
    assert again[baked.layers[0].name] == keys[baked.layers[0].name]  # the first one stays
    assert [each.hide for each in baked.layers] == [False, False]


main()
