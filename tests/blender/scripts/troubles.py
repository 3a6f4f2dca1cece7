# SPDX-License-Identifier: Apache-2.0
"""What goes wrong and is said, marks, copies, another folder; at the end Blender leaves by itself.

FOLDER   its plate lies in FOLDER/plate
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import comps
import drawing
import drawn
import inside

FOLDER = Path(sys.argv[1])
SIZE = (256, 144)


def panel() -> list[str]:
    """Return the lines of the panel; it is the same one in all three editors."""
    kinds = ("compositor", "image", "clip")
    panels = [getattr(inside.part("panel"), f"STMATTE_PT_{kind}") for kind in kinds]
    said = [drawn.draw(each) for each in panels]
    assert said[0] == said[1] == said[2]
    return said[0]


def pressed(name: str, **how: Any) -> str:
    """Press a button; return the sentence that it fails with, "" if it doesn't."""
    try:
        getattr(bpy.ops.stmatte, name)(**how)
    except RuntimeError as error:
        return str(error).removeprefix("Error: ").strip()
    return ""


def keyed() -> Any:
    """Return a mask that is keyed at 1."""
    mask = bpy.data.masks.new("roto")
    layer = mask.layers.new(name="Hero")
    mask.update_tag()
    drawing.key(mask, layer, 1, SIZE, (70, 72), (30, 40))
    return mask


def refusals() -> Any:
    """Be told of all that is lacking, one after the other; return the group at last."""
    scene = bpy.context.scene
    comps.empty_comp(scene)
    scene.frame_start, scene.frame_end = 1, 3
    assert bpy.ops.stmatte.add_node(take="a") == {"FINISHED"}
    group = comps.our_node(scene).node_tree
    state = inside.part("state")
    settings = {"working_height": 144, "device": "cpu", "edges": "off"}
    state.keep_state(group, replace(state.state_of(group), settings=settings))
    inside.tell("unsaved", pressed("propagate"))
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "shot.blend"))
    inside.tell("no mask", pressed("propagate"))
    inside.tell("panel without a mask", panel())
    empty = bpy.data.masks.new("empty")
    state.set_mask(group, empty)
    inside.tell("no objects", pressed("propagate"))
    layer = empty.layers.new(name="Hero")
    empty.update_tag()
    drawing.ellipse(layer, SIZE, (70, 72), (30, 40))
    inside.tell("no plate", pressed("propagate"))
    state.set_plate(group, bpy.data.movieclips.load(str(FOLDER / "plate" / "plate.1001.exr")))
    inside.tell("no key", pressed("propagate"))
    state.set_mask(group, keyed())
    said = bpy.context.preferences.addons[inside.MODULE].preferences
    said.engine = "/nowhere/stmatte"
    inside.tell("no engine", pressed("propagate"))
    inside.tell("panel without an engine", panel())
    said.engine = ""
    scene.frame_start, scene.frame_end = 100, 110
    inside.tell("no frames", pressed("propagate"))
    scene.frame_start, scene.frame_end = 1, 3
    inside.tell("nothing to lock", pressed("mark", kind="locked", first=2, last=3))
    return group


def marks(group: Any) -> None:
    """Lock, say absent, ignore, clear; see what the engine is told and what is kept."""
    state, shots = inside.part("state"), inside.part("shots")
    scene = bpy.context.scene

    def shot() -> Any:
        return shots.host_shot(group, scene).shot

    def kept() -> list[Any]:
        found = state.state_of(group).marks
        return sorted([mark.kind, mark.first, mark.last] for mark in found)

    assert pressed("propagate") == ""
    inside.tell("exposure", state.state_of(group).settings.get("exposure"))
    inside.tell("panel", panel())
    scene.frame_set(2)
    bpy.context.view_layer.update()
    assert not inside.part("shown").of(group.session_uid).edited
    state.mask_of(group).update_tag()
    bpy.context.view_layer.update()
    inside.tell("edited", inside.part("shown").of(group.session_uid).edited)
    lines = {"bl": (FOLDER / "mattes" / "a.1002.exr").read_bytes()}
    assert pressed("mark", kind="locked", first=2, last=3) == ""
    assert (FOLDER / "mattes" / "locked" / "Hero.1002.exr").read_bytes() == lines["bl"]
    inside.tell("locks", [[lock.frames, lock.channel] for lock in shot().locks])
    assert pressed("propagate") == ""
    assert pressed("mark", kind="absent", first=3) == ""
    inside.tell("absent over locked", kept())
    assert pressed("propagate") == ""
    inside.tell("absences", [a.frames for a in shot().absences])
    assert pressed("mark", kind="ignored", first=1) == ""
    inside.tell("all ignored", pressed("refresh"))
    assert pressed("mark", kind="clear", first=1, last=3) == ""
    inside.tell("cleared", kept())


def elsewhere(group: Any) -> None:
    """Save a copy and the file itself into other folders: the mattes stay where they are."""
    state, groups = inside.part("state"), inside.part("group")
    before = groups.folder_of(group)
    (FOLDER / "other").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "other" / "copy.blend"), copy=True)
    assert (groups.folder_of(group), state.state_of(group).out) == (before, "//mattes")
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "other" / "shot.blend"))
    after = groups.folder_of(group).resolve()
    inside.tell("saved elsewhere", [state.state_of(group).out, after == before.resolve()])
    assert pressed("refresh") == ""
    inside.tell("still fresh", inside.part("shown").of(group.session_uid).touched)


def copies(group: Any) -> None:
    """Have a second node that is a copy, and propagate both."""
    state = inside.part("state")
    scene = bpy.context.scene
    other = group.copy()
    node = comps.tree_of(scene).nodes.new("CompositorNodeGroup")
    node.node_tree = other
    assert pressed("propagate", group=group.name) == ""
    assert pressed("propagate", group=other.name) == ""
    inside.tell("takes", sorted(state.state_of(each).take for each in (group, other)))
    bpy.ops.scene.new(type="FULL_COPY")
    assert pressed("refresh", group=other.name) == ""
    inside.tell("scenes", len(bpy.data.scenes))


def loaded_meanwhile(group: Any) -> None:
    """Load a file while the engine works; nothing of the old one is shown or waited for."""
    engine = inside.part("engine")
    key = bpy.data.masks["roto"]
    drawing.key(key, key.layers["Hero"], 3, SIZE, (80, 72), (30, 40))
    port = engine.port_of(group)
    port.propagate(bpy.context.scene)
    inside.until(lambda: port.shown.line.startswith("Waiting"), engine.session().pump)
    bpy.ops.wm.open_mainfile(filepath=str(FOLDER / "other" / "shot.blend"))
    again = comps.our_node(bpy.context.scene).node_tree
    assert not engine.running(again)
    assert pressed("propagate") == ""
    inside.tell("after loading", inside.part("shown").of(again.session_uid).line)


def main() -> None:
    """Go through it all, and leave with the engine at work."""
    inside.install()
    group = refusals()
    marks(group)
    elsewhere(group)
    copies(group)
    loaded_meanwhile(group)


main()
