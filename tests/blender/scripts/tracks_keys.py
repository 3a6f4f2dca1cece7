# SPDX-License-Identifier: Apache-2.0
"""A shape that follows a track is rasterised as Blender renders it, and a remark says so."""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import inside
import key_shapes
import numpy as np

inside.install()
rasterise, mask_keys = inside.part("rasterise"), inside.part("mask_keys")

SIZE = (96, 54)
scene = bpy.context.scene
mask = bpy.data.masks.new("roto")
clip = key_shapes.clip(30, SIZE)
track = clip.tracking.tracks.new(name="T", frame=1)
for frame in range(1, 31):
    track.markers.insert_frame(frame, co=(0.01 * frame, 0.5))
plane = mask.layers.new(name="hero")
spline = key_shapes.draw(plane)
key_shapes.pose(spline, key_shapes.SQUARE)
for point in spline.points:
    point.parent.id = clip
    point.parent.type = "POINT_TRACK"
    point.parent.parent, point.parent.sub_parent = "Camera", "T"
key_shapes.draw(mask.layers.new(name="still"))

key_shapes.show_mask(scene, mask, SIZE)
scene.frame_set(5)
folder = Path(tempfile.mkdtemp(prefix="keys-"))
frames = (-2, 1, 6, 7, 20)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "comp.blend"))
clip.filepath = bpy.path.relpath(clip.filepath)
assert clip.filepath.startswith("//")
rasterise.rasterise(mask, [("hero", -2, folder / "first.exr")], SIZE)
# 4.x does not count a clip's users where a script ties points to it, until it looks again: so
# only from here on is what was there before to be compared.
before = key_shapes.noticed()
rasterise.rasterise(mask, [("hero", f, folder / f"{f}.exr") for f in frames], SIZE)
after = key_shapes.noticed()
assert after == before, key_shapes.differences(before, after)

assert clip.filepath.startswith("//")
areas, places = [], []
columns = np.arange(SIZE[0])
for frame in frames:
    key = key_shapes.pixels(folder / f"{frame}.exr")
    assert (key == key_shapes.rendered(scene, mask, "hero", frame)).all(), frame
    areas.append(float(key.sum()))
    places.append(float((key.sum(0) * columns).sum() / key.sum()))
inside.tell("area", areas)
inside.tell("across", places)
remarks = " ".join(mask_keys.remarks(mask, 5))
assert "follow tracks" in remarks, remarks
inside.tell("remarks", remarks)
