# SPDX-License-Identifier: Apache-2.0
"""Mattes come one by one, are held, replaced, released. FOLDER; files wait in FOLDER/made."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import bpy
import comps
import inside

folder = Path(sys.argv[1])
inside.install()
groups, mattes = inside.part("group"), inside.part("mattes")
scene = bpy.context.scene
comps.empty_comp(scene)
roto = comps.mask("roto", "Hero")
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene, roto = bpy.context.scene, bpy.data.masks["roto"]
bpy.ops.stmatte.add_node(take="a")
node = comps.our_node(scene)
group = node.node_tree
groups.show_mattes(group, str(folder / "mattes"), "a", 1000, 1, 4)


def shown(name: str, *frames: int, output: str = "Hero") -> None:
    """Render frames of an output."""
    for frame in frames:
        comps.render(scene, node.outputs[output], folder / name, frame, frame)


def arrives(frame: int, made: str = "made") -> None:
    """Put a frame in its place, as the engine does."""
    (folder / "mattes").mkdir(exist_ok=True)
    shutil.copy(folder / made / f"a.{frame}.exr", folder / "mattes" / "beside")
    (folder / "mattes" / "beside").replace(folder / "mattes" / f"a.{frame}.exr")
    groups.frame_arrived(group, frame, 1001, 1004)


inside.tell("path", mattes.image_node(group).image.filepath)
inside.tell("nothing", list(groups.missing_frames(group, range(1, 5))))
shown("nothing", 2)

scene.frame_set(2)
arrives(1001)
inside.tell("one", list(groups.missing_frames(group, range(1, 5))))
shown("one", 1, 2, 4, 9, -9)

roto.layers.new(name="Car")  # its mattes are in no file yet
roto.update_tag()  # or Blender crashes
groups.sync_objects(group)
shown("no car yet", 1, output="Car")
shown("no car yet hero", 1)

scene.frame_set(3)
for frame in (1002, 1003, 1001):
    arrives(frame, "made again")
inside.tell("three", list(groups.missing_frames(group, range(1, 5))))
shown("three", 1, 3, 4)
shown("car", 1, 3, output="Car")

inside.tell("released", list(groups.release_held(group)))
inside.tell("left", sorted(path.name for path in (folder / "mattes").iterdir()))
shown("released", 3, 4)
bpy.ops.wm.save_mainfile()
