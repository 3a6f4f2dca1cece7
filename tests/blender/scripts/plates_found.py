# SPDX-License-Identifier: Apache-2.0
"""What the extension makes of plates. FOLDER; p.0990-0995.png, with 0993 missing, lie in it."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy
import comps
import inside

folder = Path(sys.argv[1])
inside.install()
plates, host = inside.part("plates"), inside.part("stmatte_host")
scene = bpy.context.scene
tree = comps.empty_comp(scene)


def tell(name: str, source: object) -> None:
    """Tell what a plate is, or why it is none."""
    try:
        found = plates.plate_from(source, scene)
    except host.EngineError as error:
        inside.tell(name, str(error))
    else:
        inside.tell(name, [found.pattern, list(found.size), found.offset, found.first, found.last])


def sequence(name: str) -> object:
    """Return an image sequence."""
    image = bpy.data.images.load(str(folder / name), check_existing=False)
    image.source = "SEQUENCE"
    return image


tell("none", None)

clip = bpy.data.movieclips.load(str(folder / "p.0990.png"))
tell("clip", clip)
clip.frame_start, clip.frame_offset = -5, 1
tell("clip moved", clip)

image = sequence("p.0991.png")
tell("image without a node", image)
node = tree.nodes.new("CompositorNodeImage")
node.image = image
node.frame_start, node.frame_offset, node.frame_duration = 101, 989, 4
tell("image with a node", image)
node.frame_duration, node.frame_offset = 3, 2000
tell("node shows nothing", image)

tell("layers", sequence("layers.0001.exr"))
tell("negative", sequence("n.-0002.png"))
tell("no number", sequence("still.png"))
tell("single", bpy.data.images.load(str(folder / "p.0990.png"), check_existing=False))
tell("generated", bpy.data.images.new("made", 4, 4))
packed = bpy.data.images.load(str(folder / "still.png"))
packed.pack()
tell("packed", packed)

away = sequence("away.0001.png")
(folder / "away.0001.png").unlink()
tell("away", away)
lost = sequence("lost/l.0001.png")
(folder / "lost" / "l.0001.png").unlink()
(folder / "lost").rmdir()
tell("lost", lost)

relative = sequence("p.0990.png")
relative.filepath = "//p.0990.png"
tell("never saved", relative)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
tell("relative", relative)
tell("movie", bpy.data.movieclips.load(str(folder / "m.avi")))
