# SPDX-License-Identifier: Apache-2.0
"""What is drawn of a key changes when the key would look different, and not with the playhead."""

from __future__ import annotations

import bpy
import inside
import key_shapes

inside.install()
mask_keys = inside.part("mask_keys")

SIZE = (64, 48)
scene = bpy.context.scene
mask = bpy.data.masks.new("roto")
for name in ("hero", "car", "still"):
    key_shapes.draw(mask.layers.new(name=name))
for frame in (1, 10, 20):
    key_shapes.key(mask, frame, 0.001 * frame, "hero", "car")
hero, car = mask.layers["hero"], mask.layers["car"]
mask.keyframe_insert('layers["hero"].falloff', frame=1)
mask.keyframe_insert('layers["hero"].alpha', frame=1)
hero.alpha = 0.5
mask.keyframe_insert('layers["hero"].alpha', frame=21)


def texts():
    """Return what is drawn on frame 10 of "hero", on 15, and of "still"."""
    shapes = mask_keys.shapes_of(mask)
    return (
        mask_keys.drawn(mask, "hero", 10, SIZE, shapes),
        mask_keys.drawn(mask, "hero", 15, SIZE, shapes),
        mask_keys.drawn(mask, "still", 10, SIZE, shapes),
    )


scene.frame_set(7)
first = texts()
assert first == texts()
assert first[0] == mask_keys.drawn(mask, "hero", 10, SIZE)
assert first[0] != mask_keys.drawn(mask, "hero", 10, (SIZE[0] + 1, SIZE[1]))
for frame in (1, 10, 300):
    scene.frame_set(frame)
    assert texts() == first, f"the playhead on {frame} changed it"
for point in hero.splines[0].points:
    point.select = not point.select
hero.hide = True
car.alpha = 0.3
key_shapes.key(mask, 10, 0.2, "car")
mask.name = "renamed"
assert texts() == first, "what does not change the look changed it"
hero.hide = False  # a hidden layer takes no key

key_shapes.key(mask, 20, 0.3, "hero")
after = texts()
assert after[0] == first[0]
assert after[1] != first[1], "frame 15 lies between two keys, one of which changed"
key_shapes.key(mask, 10, 0.1, "hero")
assert texts()[0] != first[0]
key_shapes.key(mask, 10, 0.001 * 10, "hero")
key_shapes.key(mask, 20, 0.001 * 20, "hero")
assert texts() == first, "an edit that was taken back is the old key"

still = mask.layers["still"]
spline = still.splines[0]
changes = [
    (still, "alpha", 0.5),
    (still, "blend", "LIGHTEN"),
    (still, "invert", True),
    (still, "falloff", "LINEAR"),
    (still, "use_fill_holes", not still.use_fill_holes),
    (still, "use_fill_overlap", not still.use_fill_overlap),
    (still, "hide_render", True),
    (spline, "use_cyclic", False),
    (spline, "use_fill", False),
    (spline, "offset_mode", "SMOOTH"),
    (spline, "weight_interpolation", "LINEAR"),
    (spline, "use_self_intersection_check", True),
    (spline.points[0], "weight", 0.2),
    (spline.points[0], "co", (0.1, 0.2)),
    (spline.points[1], "handle_left_type", "VECTOR"),
]
for thing, name, value in changes:
    was = texts()[2]
    setattr(thing, name, value)
    assert texts()[2] != was, f"{name} did not change it"

# An F-curve's key that moved; one that is muted.
curve = next(
    each
    for each in inside.part("versions").curves(mask.animation_data)
    if each.data_path.endswith("alpha")
)
was = texts()[0]
curve.keyframe_points[1].co_ui[1] = 0.25
curve.update()
assert texts()[0] != was
was = texts()[0]
curve.mute = True
assert texts()[0] != was

# A driver, by what it hears.
driver = mask.driver_add('layers["still"].alpha').driver
driver.type = "SUM"
variable = driver.variables.new()
variable.targets[0].id_type = "SCENE"
variable.targets[0].id = scene
variable.targets[0].data_path = '["heard"]'
scene["heard"] = 0.25
was = texts()[2]
assert texts()[2] == was
scene["heard"] = 0.5
assert texts()[2] != was

# A track, by where it is on that frame.
clip = key_shapes.clip()
track = clip.tracking.tracks.new(name="T", frame=1)
for frame in (5, 10, 15):
    track.markers.insert_frame(frame, co=(0.5, 0.01 * frame))
was = texts()[2]
point = spline.points[0]
point.parent.id = clip
point.parent.type = "POINT_TRACK"
point.parent.parent, point.parent.sub_parent = "Camera", "T"
tied = texts()[2]
assert tied != was
track.markers.find_frame(15).co = (0.9, 0.9)
track.markers.find_frame(10).co = (0.2, 0.9)
assert texts()[2] != tied
told = any("follow tracks" in each for each in mask_keys.remarks(mask, 1))
assert told == (bpy.app.version < (5, 2, 0))

# What is drawn outlives the session: a key that was rasterised yesterday is found again.
clip.use_fake_user = True  # Blender counts no user where a script ties a point to a clip
kept = texts()
file = str(key_shapes.folder("comp") / "comp.blend")
bpy.ops.wm.save_as_mainfile(filepath=file)
bpy.ops.wm.open_mainfile(filepath=file)
mask = bpy.data.masks["renamed"]
for was, now in zip(kept, texts(), strict=True):
    assert now == was, set(was.splitlines()) ^ set(now.splitlines())
