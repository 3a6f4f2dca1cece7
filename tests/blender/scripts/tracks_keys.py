# SPDX-License-Identifier: Apache-2.0
"""A shape that follows a track is rasterised as Blender renders it, and a remark says so."""

from __future__ import annotations

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
by_hand = key_shapes.draw(mask.layers.new(name="by hand"))
key_shapes.pose(by_hand, key_shapes.SQUARE)
scene.frame_set(1)
for point in by_hand.points:
    point.select = True
for point in spline.points:
    point.select = False
clip.tracking.tracks.active = track
track.select = True
with key_shapes.editing(mask, clip):  # as an artist ties points to the active track
    assert bpy.ops.mask.parent_set() == {"FINISHED"}
assert all(point.parent.sub_parent == "T" for point in by_hand.points)

key_shapes.show_mask(scene, mask, SIZE)
scene.frame_set(5)
folder = key_shapes.folder("keys")
frames = (-2, 1, 6, 7, 20)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "comp.blend"))
clip.filepath = bpy.path.relpath(clip.filepath)
assert clip.filepath.startswith("//")
rasterise.rasterise(mask, [("hero", -2, folder / "first.exr")], SIZE)
# 4.x does not count a clip's users where a script ties points to it, until it looks again: so
# only from here on is what was there before to be compared.
before = key_shapes.noticed()
wanted = [(layer, f, folder / f"{layer}.{f}.exr") for layer in ("hero", "by hand") for f in frames]
rasterise.rasterise(mask, wanted, SIZE)
after = key_shapes.noticed()
assert after == before, key_shapes.differences(before, after)
assert clip.filepath.startswith("//")

columns = np.arange(SIZE[0])
areas, places = {"hero": [], "by hand": []}, {"hero": [], "by hand": []}
for layer, frame, path in wanted:
    key = key_shapes.pixels(path)
    assert (key == key_shapes.rendered(scene, mask, layer, frame)).all(), (layer, frame)
    areas[layer].append(float(key.sum()))
    places[layer].append(float((key.sum(0) * columns).sum() / key.sum()))
inside.tell("area", areas)
inside.tell("across", places)
inside.tell("remarks", " ".join(mask_keys.remarks(mask, 5)))
