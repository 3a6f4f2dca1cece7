# SPDX-License-Identifier: Apache-2.0
"""Keys of a mask are found on their frames, by the file and by Blender's own jump alike."""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import inside
import key_shapes

inside.install()
mask_keys = inside.part("mask_keys")

scene = bpy.context.scene
mask = bpy.data.masks.new("roto")
for name in ("hero", 'a "car"', "still", "empty"):
    layer = mask.layers.new(name=name)
    if name != "empty":
        key_shapes.draw(layer)
hero = mask.layers["hero"]
for number, frame in enumerate((-7, 1, 10, 20)):
    key_shapes.key(mask, frame, 0.02 * number, "hero")
key_shapes.key(mask, 30, 0.06, "hero")  # redundant: nothing moved since 20
key_shapes.key(mask, 5, 0.0, 'a "car"')
scene.frame_set(12)
for point in hero.splines[0].points:
    point.select = False

before = key_shapes.noticed()
frames = mask_keys.key_frames(mask)
assert key_shapes.noticed() == before, "looking for keys changed something"
assert frames == {"hero": (-7, 1, 10, 20, 30), 'a "car"': (5,), "still": (), "empty": ()}, frames

active = mask.layers.active
for layer in mask.layers:
    from_zero = tuple(frame for frame in frames[layer.name] if frame >= 0)
    jumped = tuple(frame for frame in key_shapes.jumped(mask, layer) if frame >= 0)
    assert jumped == from_zero, (layer.name, jumped, from_zero)
mask.layers.active = active

assert mask_keys.key_frames(mask, 12)["still"] == (12,)
assert mask_keys.key_frames(mask, 12)["empty"] == ()
remarks = mask_keys.remarks(mask, 12)
assert any('"still"' in each and "one key on frame 12" in each for each in remarks), remarks
assert any('"empty"' in each and "no shape" in each for each in remarks), remarks
assert not any('"hero"' in each for each in remarks), remarks

# F-curves: what is seen counts, what only the editor shows does not; the nearer frame counts.
mask.keyframe_insert('layers["hero"].alpha', frame=33)
mask.keyframe_insert('layers["hero"].alpha', frame=40.4)
mask.keyframe_insert('layers["hero"].hide', frame=50)
mask.keyframe_insert('layers["a \\"car\\""].invert', frame=-2)
frames = mask_keys.key_frames(mask)
assert frames["hero"] == (-7, 1, 10, 20, 30, 33, 40), frames
assert frames['a "car"'] == (-2, 5), frames

# Renamed, and linked from a library: the same keys.
mask.name = "Maske äöü"
assert mask_keys.key_frames(mask) == frames
with tempfile.TemporaryDirectory() as folder:
    library = str(Path(folder) / "library.blend")
    bpy.data.libraries.write(library, {mask})
    with bpy.data.libraries.load(library, link=True) as (_, into):
        into.masks = [mask.name]
    linked = into.masks[0]
    assert linked.library is not None
    before = key_shapes.noticed()
    assert mask_keys.key_frames(linked) == frames
    assert key_shapes.noticed() == before, "looking into a linked mask changed something"

hero.hide_render = True
hero.blend = "SUBTRACT"
remarks = " ".join(mask_keys.remarks(mask, 12))
assert "hidden in renders" in remarks, remarks
assert '"Subtract"' in remarks, remarks
