# SPDX-License-Identifier: Apache-2.0
"""An artist's way through a shot: draw, key, propagate, correct, cancel; the engine is killed.

FOLDER   gets shot.blend, mattes, and what is rendered; the plate lies in FOLDER/plate
PLACES   JSON: scene frame -> [[x, y], [across, down]], where the ball is
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import comps
import drawing
import inside

FOLDER = Path(sys.argv[1])
PLACES = {int(frame): place for frame, place in json.loads(sys.argv[2]).items()}
SIZE = (256, 144)


def key(frame: int, more: float = 1.0) -> None:
    """Key the ball where it is; `more` is by how much it is drawn too large."""
    centre, radii = PLACES[frame]
    mask = bpy.data.masks["roto"]
    drawing.key(mask, mask.layers["Hero"], frame, SIZE, centre, [r * more for r in radii])
    bpy.context.scene.frame_set(5)


def stamps() -> dict[str, list[int]]:
    """Return what the disk says of every file of mattes."""
    found = sorted((FOLDER / "mattes").glob("a.*.exr"))
    return {f.name: [f.stat().st_ino, f.stat().st_mtime_ns, f.stat().st_size] for f in found}


def told(group: Any) -> dict[str, Any]:
    """Return what the panel shows."""
    shown = inside.part("shown").of(group.session_uid)
    return {
        "line": shown.line,
        "error": shown.error,
        "notes": shown.notes,
        "touched": shown.touched,
        "stale": shown.stale,
        "forecast": shown.forecast,
        "keys": [[row.object, row.frame, row.state] for row in shown.keys],
        "strip": shown.strip,
        "advice": shown.advice,
        "lacking": shown.lacking,
        "running": shown.running,
    }


def engines() -> list[int]:
    """Return the processes that this one has started."""
    return [
        int(pid)
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]


def main() -> None:
    """Do it all."""
    inside.install()
    scene = bpy.context.scene
    comps.empty_comp(scene)
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.frame_start, scene.frame_end = 1, 24
    clip = bpy.data.movieclips.load(str(FOLDER / "plate" / "plate.1001.png"))
    scene.active_clip = clip
    mask = bpy.data.masks.new("roto")
    mask.layers.new(name="Hero")
    bpy.ops.wm.save_as_mainfile(filepath=str(FOLDER / "shot.blend"))
    scene = bpy.context.scene
    key(1)
    key(12)
    assert bpy.ops.stmatte.add_node(take="a", mask="roto") == {"FINISHED"}
    node = comps.our_node(scene)
    group = node.node_tree
    state, engine = inside.part("state"), inside.part("engine")
    settings = {"model": "stmatte-s", "working_height": 144, "device": "cpu"}
    state.keep_state(group, replace(state.state_of(group), settings=settings))

    before = scene.frame_current
    assert bpy.ops.stmatte.refresh() == {"FINISHED"}
    inside.tell("looked", told(group))
    assert not list((FOLDER / "mattes").glob("a.*.exr"))
    assert bpy.ops.stmatte.propagate() == {"FINISHED"}
    assert scene.frame_current == before
    inside.tell("propagated", told(group))
    comps.render(scene, node.outputs["Hero"], FOLDER / "first", 1, 24)
    inside.tell("rendered", told(group))
    inside.tell("before", stamps())

    key(18, 1.03)
    assert bpy.ops.stmatte.refresh() == {"FINISHED"}
    inside.tell("correction", told(group))
    assert bpy.ops.stmatte.propagate(range="SPAN", wait=True) == {"FINISHED"}  # 5: nothing to do
    inside.tell("elsewhere", stamps())
    assert bpy.ops.stmatte.propagate() == {"FINISHED"}
    inside.tell("corrected", told(group))
    inside.tell("after", stamps())

    assert bpy.ops.stmatte.next_key() == {"FINISHED"}
    inside.tell("advised", [*[told(group)["advice"]], scene.frame_current])

    key(12, 1.02)
    port = engine.port_of(group)
    port.propagate(scene)
    inside.until(lambda: port.shown.line.startswith("Propagating"), engine.session().pump)
    inside.tell("tick", engine._tick())  # as the timer of a window does
    assert bpy.ops.stmatte.cancel() == {"FINISHED"}
    inside.tell("cancelled", told(group))
    missing = inside.part("group").missing_frames(group, range(1, 25))
    inside.tell("missing", missing)

    port.propagate(scene)
    inside.until(lambda: port.shown.line.startswith("Propagating"), engine.session().pump)
    victim = engines()[0]
    os.kill(victim, signal.SIGKILL)
    engine.wait_for(port)
    inside.tell("killed", told(group))
    assert victim not in engines()
    comps.render(scene, node.outputs["Hero"], FOLDER / "with" / "Hero", 1, 24)
    bpy.ops.wm.save_mainfile()
    inside.disable()
    inside.tell("left", [engines(), len(bpy.app.handlers.render_init)])


main()
