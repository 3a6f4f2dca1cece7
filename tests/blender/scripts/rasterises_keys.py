# SPDX-License-Identifier: Apache-2.0
"""A rasterised key is what the artist's own Mask node shows, and the artist notices nothing."""

from __future__ import annotations

import resource
from pathlib import Path

import bpy
import inside
import key_shapes
import numpy as np

inside.install()
rasterise = inside.part("rasterise")

LANDSCAPE, PORTRAIT = (96, 54), (54, 96)
scene = bpy.context.scene
mask = bpy.data.masks.new("roto")
for name in ("hero", "hole", "soft", "odd", "still"):
    layer = mask.layers.new(name=name)
    key_shapes.draw(layer, weight=0.08 if name == "soft" else 0.0)
key_shapes.draw(mask.layers["hole"], key_shapes.INSIDE)
for frame in (-4, 0, 3, 10, 20):
    key_shapes.key(mask, frame, 0.011 * frame, "hero", "hole", "soft", "odd")
for name, value in (("use_fill_holes", True), ("use_fill_overlap", False)):
    setattr(mask.layers["hole"], name, value)
odd = mask.layers["odd"]
odd.invert, odd.falloff, odd.blend = True, "LINEAR", "ADD"
mask.keyframe_insert('layers["odd"].alpha', frame=0)
odd.alpha = 0.25
mask.keyframe_insert('layers["odd"].alpha', frame=20)
mask.use_fake_user = True

key_shapes.show_mask(scene, mask, LANDSCAPE)
scene.frame_set(11)
bpy.ops.render.render()
FRAMES = (-4, -3, -1, 0, 1, 3, 7, 8, 20, 25)
LAYERS = ("hero", "hole", "soft", "odd", "still")


def wanted(folder, layers=LAYERS, frames=FRAMES):
    """Return every layer on every frame, out of order."""
    return [
        (layer, frame, folder / f"{layer}.{frame}.exr")
        for frame in reversed(frames)
        for layer in layers
    ]


folder = key_shapes.folder("keys") / "made" / "by itself"
shown = key_shapes.result(scene)
before = key_shapes.noticed()
rasterise.rasterise(mask, wanted(folder), LANDSCAPE)
after = key_shapes.noticed()
assert after == before, key_shapes.differences(before, after)
assert (key_shapes.result(scene) == shown).all(), "the artist's Render Result is another one"
assert sorted(each.name for each in folder.iterdir()) == sorted(
    path.name for _, _, path in wanted(folder)
)

worst = 0.0
for layer, frame, path in wanted(folder):
    truth = key_shapes.rendered(scene, mask, layer, frame)
    key = key_shapes.pixels(path)
    assert key.shape == truth.shape, (key.shape, truth.shape)
    assert truth.max() > 0.2, (layer, frame)
    difference = float(np.abs(key - truth).max())
    worst = max(worst, difference)
    assert difference <= (1e-6 if layer == "odd" else 0), (layer, frame, difference)
inside.tell("worst", worst)
soft = key_shapes.pixels(folder / "soft.3.exr")
assert ((soft > 0.01) & (soft < 0.99)).sum() > 100, "feather is kept"

# The same key again: the same bytes. Half floats; portrait; motion blur.
again = folder / "again"
rasterise.rasterise(mask, wanted(again, ("soft",), (3, 7)), LANDSCAPE)
for frame in (3, 7):
    first = (folder / f"soft.{frame}.exr").read_bytes()
    assert (again / f"soft.{frame}.exr").read_bytes() == first, "the same key is other bytes"
rasterise.rasterise(mask, [("soft", 3, folder / "half.exr")], LANDSCAPE, half=True)
half = key_shapes.pixels(folder / "half.exr")
assert (half == soft.astype(np.float16).astype(np.float32)).all()

key_shapes.show_mask(scene, mask, PORTRAIT)
rasterise.rasterise(mask, wanted(folder / "tall", ("hero",), (-4, 7)), PORTRAIT)
for frame in (-4, 7):
    tall = key_shapes.pixels(folder / "tall" / f"hero.{frame}.exr")
    assert tall.shape == (96, 54)
    assert (tall == key_shapes.rendered(scene, mask, "hero", frame)).all()

key_shapes.show_mask(scene, mask, LANDSCAPE, blur=0.5)
blur = rasterise.Blur(16, 0.5)
rasterise.rasterise(mask, [("hero", 7, folder / "blur.exr")], LANDSCAPE, blur=blur)
blurred = key_shapes.pixels(folder / "blur.exr")
assert (blurred == key_shapes.rendered(scene, mask, "hero", 7)).all()
assert (blurred != key_shapes.pixels(folder / "hero.7.exr")).any()

# Nothing is left of it, whatever goes wrong.


def refused(layer, frame, path, size):
    """Return in which words a key was refused."""
    try:
        rasterise.rasterise(mask, [(layer, frame, path)], size)
    except EngineError as error:
        return str(error)
    raise AssertionError(f"{path} was rasterised")


EngineError = inside.part("stmatte_host").EngineError
before = key_shapes.noticed()
refusals = [
    refused("nobody", 3, folder / "x.exr", LANDSCAPE),
    refused("hero", 3, folder / "x.exr", (3, 3)),
    refused("hero", 3, folder / "hero.3.exr" / "below a file" / "x.exr", LANDSCAPE),
    refused("hero", 3, Path("/proc/nowhere/x.exr"), LANDSCAPE),
]
after = key_shapes.noticed()
assert after == before, key_shapes.differences(before, after)
inside.tell("errors", refusals)
assert not rasterise.busy()

# Handlers see that the render is ours.
seen = []
bpy.app.handlers.render_pre.append(lambda *_: seen.append(rasterise.busy()))
rasterise.rasterise(mask, wanted(again, ("hero",), (3, 7)), LANDSCAPE)
assert set(seen) == {True}, seen
bpy.app.handlers.render_pre.pop()

# A driver is followed; before 5.0, below frame 0 it is refused in words.
driver = mask.driver_add('layers["still"].alpha').driver
driver.expression = "0.5 + frame / 100"
key_shapes.show_mask(scene, mask, LANDSCAPE)
for frame in (7, -3):
    path = folder / f"driven.{frame}.exr"
    if frame < 0 and bpy.app.version < (5, 0, 0):
        assert "drivers" in refused("still", frame, path, LANDSCAPE)
        continue
    rasterise.rasterise(mask, [("still", frame, path)], LANDSCAPE)
    driven = key_shapes.pixels(path)
    assert (driven == key_shapes.rendered(scene, mask, "still", frame)).all(), frame
    assert abs(driven.max() - 0.5 - frame / 100) < 1e-6
mask.driver_remove('layers["still"].alpha')
mask.layers["still"].alpha = 1

# A mask that is linked from a library, and one whose name is another's.
library = str(folder / "library.blend")
bpy.data.libraries.write(library, {mask})
with bpy.data.libraries.load(library, link=True) as (_, into):
    into.masks = [mask.name]
scene.frame_set(scene.frame_current)  # what was just linked was never posed
before = key_shapes.noticed()
rasterise.rasterise(into.masks[0], wanted(folder / "linked", ("soft",), (-1, 7)), LANDSCAPE)
after = key_shapes.noticed()
assert after == before, key_shapes.differences(before, after)
for frame in (-1, 7):
    linked = key_shapes.pixels(folder / "linked" / f"soft.{frame}.exr")
    assert (linked == key_shapes.pixels(folder / f"soft.{frame}.exr")).all()

# A file that may not grow, as on a full disk: Blender says "Saved", we don't.
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
small = refused("soft", 3, folder / "full" / "x.exr", (1280, 720))
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
inside.tell("full", small)
assert list((folder / "full").iterdir()) == []
