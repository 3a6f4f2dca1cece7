# SPDX-License-Identifier: Apache-2.0
"""An artist's way through the demo plate in a real window, with pictures of it for the README.

Run by tests/blender/screenshots.sh inside a Blender of its own, in the folder /mnt. `story` is one
timer's state machine: it yields the seconds to wait, or what must have come before it goes on.
Pictures are parts of the X root window, because Blender's own operator gives black without a GPU.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

SHOT = Path("/mnt")
MODULE = "bl_ext.user_default.stmatte"
SIZE = (448, 256)
ENOUGH = 600  # seconds for anything that is waited for

# Points of the outlines, clockwise, in pixels of the plate three times as large, from the upper
# left; drawn by hand over frames 1001 and 1018. A layer has as many points on each frame.
GOAT = {
    1: "430,340 470,300 540,318 620,290 720,258 790,238 826,232 832,180 856,200 868,238 900,245 "
    "880,265 845,285 815,320 808,390 800,440 806,474 772,476 762,420 740,405 712,440 700,478 "
    "682,450 690,400 650,395 612,440 590,500 592,550 512,535 540,500 520,430 518,350 465,355",
    18: "548,300 560,262 572,238 590,240 612,245 634,248 655,240 690,235 725,215 765,190 800,178 "
    "816,205 820,250 815,300 805,340 792,385 785,438 755,438 752,432 728,428 715,400 705,390 "
    "695,385 692,430 688,488 655,490 640,460 620,455 612,490 575,495 556,480 568,420 560,360",
}
STONE = {
    1: "165,440 180,400 230,382 300,388 345,420 395,440 425,480 445,530 478,580 483,615 465,650 "
    "430,668 340,672 270,660 225,630 205,590 210,530 185,490",
    18: "200,425 225,392 275,378 345,385 385,415 440,435 475,475 500,530 540,585 547,620 530,650 "
    "490,672 400,678 330,665 285,645 268,610 262,560 225,500",
}

Step = float | Callable[[], bool]


def part(name: str) -> Any:
    """Return a module of the extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def say(*words: object) -> None:
    """Write into the log what was seen."""
    print(f"[{time.monotonic():.1f}]", *words, flush=True)


# Areas of the window


def window() -> Any:
    """Return the only window."""
    return bpy.context.window_manager.windows[0]


def area_of(kind: str) -> Any:
    """Return the largest area of a kind ("" for any)."""
    areas = [each for each in window().screen.areas if kind in ("", each.ui_type)]
    return max(areas, key=lambda each: each.width * each.height)


def over(area: Any, kind: str = "WINDOW") -> Any:
    """Return an override of the context: the mouse is in this area."""
    region = next(each for each in area.regions if each.type == kind)
    return bpy.context.temp_override(
        window=window(), screen=window().screen, area=area, region=region
    )


def sidebar(area: Any) -> None:
    """Show the sidebar with STMatte's tab."""
    area.spaces.active.show_region_ui = True
    region = next(each for each in area.regions if each.type == "UI")
    try:
        region.active_panel_category = "STMatte"
    except (AttributeError, TypeError) as error:
        say("the tab cannot be chosen:", error)


def shoot(name: str, *areas: Any, width: int = 1200, inside: Any = None) -> Path:
    """Take a picture of areas that lie together.

    width   in pixels, at most
    inside  of what one editor shows only this: left, bottom, right, top in its own measure
    """
    left = min(each.x for each in areas)
    right = max(each.x + each.width for each in areas)
    low = min(each.y for each in areas)
    high = max(each.y + each.height for each in areas)
    if inside is not None:
        region = next(each for each in areas[0].regions if each.type == "WINDOW")
        to_region = region.view2d.view_to_region
        (x, y), (far, top) = to_region(*inside[:2], clip=False), to_region(*inside[2:], clip=False)
        left, right = region.x + x, region.x + far
        low, high = region.y + y, region.y + top
    top = window().height - high
    path = SHOT / "pictures" / f"{name}.png"
    box = f"{right - left}x{high - low}+{left}+{top}"
    subprocess.run(
        ["import", "-silent", "-window", "root", "-crop", box, "+repage", "-strip",
         "-resize", f"{width}>", "-dither", "None", "-colors", "240", f"png8:{path}"],
        check=True,
    )  # fmt: skip
    say("shot", name, path.stat().st_size)
    return path


def fit_nodes(area: Any) -> None:
    """Show all nodes as large as they fit."""
    region = next(each for each in area.regions if each.type == "WINDOW")
    scale = bpy.context.preferences.system.ui_scale
    nodes = area.spaces.active.edit_tree.nodes

    def box() -> tuple[float, float, float, float]:
        spots = [
            region.view2d.view_to_region(x * scale, y * scale, clip=False)
            for node in nodes
            for x, y in (
                (node.location.x, node.location.y + 120),
                (node.location.x + node.width, node.location.y - 110),
            )
        ]
        across, up = [spot[0] for spot in spots], [spot[1] for spot in spots]
        return min(across), min(up), max(across), max(up)

    with over(area):
        bpy.ops.node.view_all()
        for _ in range(30):
            left, low, right, high = box()
            if (right - left) * 1.06 > region.width or (high - low) * 1.06 > region.height:
                break
            bpy.ops.view2d.zoom_in("EXEC_DEFAULT", zoomfacx=0.025, zoomfacy=0.025)
        left, low, right, high = box()
        bpy.ops.view2d.pan(
            deltax=int((left + right - region.width) / 2),
            deltay=int((low + high - region.height) / 2),
        )


# The shot


def draw(layer: Any, outline: str) -> None:
    """Draw a layer's outline as a smooth, closed spline of free points."""
    pixels = [tuple(int(n) / 3 for n in pair.split(",")) for pair in outline.split()]
    spline = layer.splines[0] if layer.splines else layer.splines.new()
    if len(spline.points) < len(pixels):
        spline.points.add(len(pixels) - len(spline.points))
    spline.use_cyclic = True
    for number, point in enumerate(spline.points):
        before, here, after = (pixels[(number + step) % len(pixels)] for step in (-1, 0, 1))
        slope = [(b - a) / 6 for a, b in zip(before, after, strict=True)]
        point.handle_type = "FREE"
        point.co = _place(here[0], here[1])
        point.handle_left = _place(here[0] - slope[0], here[1] - slope[1])
        point.handle_right = _place(here[0] + slope[0], here[1] + slope[1])
        point.select = True


def _place(x: float, y: float) -> tuple[float, float]:
    longest = max(SIZE)
    return 0.5 + (x - SIZE[0] / 2) / longest, 0.5 + (SIZE[1] / 2 - y) / longest


def comp(scene: Any, clip: Any) -> Any:
    """Make the comp: the objects keep their colours in front of a grey, blurred plate."""
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()

    def node(kind: str, x: int, y: int, label: str = "") -> Any:
        made = tree.nodes.new(kind)
        made.location, made.label = (x, y), label
        return made

    plate = node("CompositorNodeMovieClip", 0, 300)
    plate.clip = clip
    grey = node("CompositorNodeHueSat", 190, 290, "Grey")
    grey.inputs["Saturation"].default_value = 0.0
    grey.inputs["Value"].default_value = 0.45
    blur = node("CompositorNodeBlur", 190, 240, "Out of focus")
    blur.filter_type, blur.size_x, blur.size_y = "GAUSS", 6, 6
    both = node("CompositorNodeMath", 280, 50, "Goat or stone")
    both.operation = "MAXIMUM"
    grey.hide = blur.hide = both.hide = True
    mix = node("CompositorNodeMixRGB", 410, 250, "Comp")
    end = node("CompositorNodeComposite", 600, 270)
    viewer = node("CompositorNodeViewer", 600, 120)
    link = tree.links.new
    link(plate.outputs["Image"], grey.inputs["Image"])
    link(grey.outputs["Image"], blur.inputs["Image"])
    link(blur.outputs["Image"], mix.inputs[1])
    link(plate.outputs["Image"], mix.inputs[2])
    link(both.outputs[0], mix.inputs[0])
    link(mix.outputs[0], end.inputs[0])
    link(mix.outputs[0], viewer.inputs[0])
    return tree


def view(tree: Any, socket: Any) -> None:
    """Put something into the viewer."""
    viewer = next(each for each in tree.nodes if each.bl_idname == "CompositorNodeViewer")
    tree.links.new(socket, viewer.inputs[0])


def seen() -> float:
    """Return the mean of what the viewer shows, or -1."""
    image = bpy.data.images.get("Viewer Node")
    if image is None or not image.has_data or len(image.pixels) == 0:
        return -1.0
    values = image.pixels[:]
    return round(sum(values[0::4]) / (len(values) // 4), 5)


# The story


def story() -> Iterator[Step]:
    """What the artist does."""
    view_settings = bpy.context.preferences.view
    view_settings.show_splash = False
    view_settings.smooth_view = 0
    yield 1.0
    done = bpy.ops.extensions.package_install_files(
        filepath=os.environ["STMATTE_ZIP"], repo="user_default", enable_on_install=True
    )
    say("installed", done)
    bpy.ops.wm.save_as_mainfile(filepath=str(SHOT / "goat.blend"))
    scene = bpy.context.scene
    clip = bpy.data.movieclips.load(str(SHOT / "plate" / "plate.1001.jpg"))
    clip.name = "plate"
    scene.active_clip = clip
    scene.frame_start, scene.frame_end = 1, 24
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.view_settings.view_transform = "Standard"
    window().workspace = bpy.data.workspaces["Compositing"]
    yield 1.0
    for area in window().screen.areas:
        say("area", area.ui_type, area.x, area.y, area.width, area.height)

    # Draw and key the mask.
    mask = bpy.data.masks.new("roto")
    goat, stone = mask.layers.new(name="goat"), mask.layers.new(name="stone")
    work = area_of("")
    work.ui_type = "IMAGE_EDITOR"
    space = work.spaces.active
    space.mode, space.mask = "MASK", mask
    for frame in GOAT:
        scene.frame_set(frame)
        for layer, outlines in ((goat, GOAT), (stone, STONE)):
            draw(layer, outlines[frame])
            mask.layers.active = layer
            with over(work):
                say("key", layer.name, frame, bpy.ops.mask.shape_key_insert())
    space.mode = "VIEW"
    work.ui_type = "CLIP_EDITOR"
    space = work.spaces.active
    space.clip, space.mode, space.mask = clip, "MASK", mask
    space.show_region_toolbar = space.show_region_ui = False
    space.show_gizmo = False
    timeline = area_of("DOPESHEET")
    timeline.spaces.active.ui_mode = "MASK"
    timeline.spaces.active.dopesheet.show_only_selected = False
    scene.frame_current = 1
    for area in [
        each for each in window().screen.areas if each.ui_type in ("PROPERTIES", "OUTLINER")
    ]:
        with over(area):
            bpy.ops.screen.area_close()
        yield 0.5
    work, timeline = area_of("CLIP_EDITOR"), area_of("DOPESHEET")
    yield 1.0
    with over(work):
        bpy.ops.clip.view_all(fit_view=True)
    with over(timeline):
        bpy.ops.anim.channels_expand(all=True)
        bpy.ops.action.view_all()
    yield 2.0
    shoot("keys", work, timeline)

    # The node, in a comp.
    with over(timeline):
        bpy.ops.screen.area_close()
    yield 0.5
    work = area_of("CLIP_EDITOR")
    work.ui_type = "CompositorNodeTree"
    tree = comp(scene, clip)
    space = work.spaces.active
    space.show_backdrop = False
    yield 1.0
    with over(work):
        say("add", bpy.ops.stmatte.add_node(take="goat", mask="roto"))
    node = tree.nodes.active
    node.location = (30, 60)
    group = node.node_tree
    both = tree.nodes["Math"]
    tree.links.new(node.outputs["goat"], both.inputs[0])
    tree.links.new(node.outputs["stone"], both.inputs[1])
    sidebar(work)
    with over(work):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.36)
    yield 0.5
    areas = sorted(
        (each for each in window().screen.areas if each.ui_type == "CompositorNodeTree"),
        key=lambda each: each.x,
    )
    picture, work = areas[0], areas[1]
    picture.ui_type = "IMAGE_EDITOR"
    sidebar(work)
    yield 1.0
    fit_nodes(work)
    view(tree, node.outputs["goat"])
    yield 1.0
    picture.spaces.active.image = bpy.data.images.get("Viewer Node")
    picture.spaces.active.show_region_ui = False
    picture.spaces.active.show_region_toolbar = False
    picture.spaces.active.show_gizmo = False
    yield 1.0
    with over(picture):
        bpy.ops.image.view_all(fit_view=True)
    shown = part("shown").of(group.session_uid)

    # What a press will touch, then press.
    with over(work):
        say("refresh", bpy.ops.stmatte.refresh())
    yield lambda: bool(shown.forecast) or bool(shown.error)
    with over(picture):
        bpy.ops.image.view_all(fit_view=True)
    fit_nodes(work)
    yield 1.0
    say("before", shown.touched, shown.forecast, shown.error, shown.notes, shown.strip)
    scene.frame_current = 9
    yield 1.0
    with over(work):
        say("propagate", bpy.ops.stmatte.propagate())
    last, began, shots = None, time.monotonic(), 0
    while True:
        yield 0.25
        now = (shown.line, seen())
        if now != last:
            say("while", *now, shown.running)
        if shown.running and shown.share > 0.5 and not shots:
            shots = 1
            shoot("node", picture, work, width=1400)
        last = now
        if not shown.running and time.monotonic() - began > 3:
            break
    yield 3.0
    say("after", shown.line, shown.error, shown.notes, shown.forecast, shown.strip, shown.keys)
    say("viewer", seen())
    assert not shown.error, shown.error

    # The viewer follows the playhead.
    for frame in (1, 6, 12, 18, 24):
        scene.frame_current = frame
        yield 1.0
        say("frame", frame, seen())

    # Mattes and comp.
    scene.frame_current = 12
    pictures = []
    for name in ("goat", "stone", "Uncertainty"):
        view(tree, node.outputs[name])
        yield 1.5
        with over(picture):
            bpy.ops.image.view_all(fit_view=True)
        yield 0.5
        pictures.append(shoot(f"part_{name}", picture, inside=(0.0, 0.0, 1.0, 1.0)))
    joined = SHOT / "pictures" / "mattes.png"
    subprocess.run(
        [
            "convert",
            *pictures,
            "-bordercolor",
            "#303030",
            "-border",
            "3",
            "+append",
            "-strip",
            "-resize",
            "1200",
            "-dither",
            "None",
            "-colors",
            "240",
            f"png8:{joined}",
        ],
        check=True,
    )
    for path in pictures:
        path.unlink()
    view(tree, tree.nodes["Mix"].outputs[0])
    yield 2.0
    fit_nodes(work)
    yield 1.0
    shoot("comp", picture, inside=(0.0, 0.0, 1.0, 1.0))

    # Correct, look, press again.
    with over(work):
        say("next key", bpy.ops.stmatte.next_key())
    yield lambda: bool(shown.advice) or bool(shown.error)
    yield 1.0
    say("advice", shown.advice, scene.frame_current, shown.error)
    shoot("next", work)

    # How it looks elsewhere: not for the README.
    picture.ui_type = "CLIP_EDITOR"
    picture.spaces.active.clip = clip
    picture.spaces.active.show_region_ui = True
    yield 1.5
    sidebar(picture)
    yield 1.5
    shoot("../clip_editor", picture)
    with over(work):
        bpy.ops.stmatte.settings("INVOKE_DEFAULT", group=group.name)
    yield 1.5
    shoot("../dialog", picture, work, width=1600)
    picture.ui_type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "STMatte"
    bpy.ops.preferences.addon_expand(module=MODULE)
    yield 1.5
    shoot("../preferences", picture, work, width=1600)

    # Undo and redo, save, and leave.
    with over(work):
        bpy.ops.ed.undo_push(message="before")
        say("mark", bpy.ops.stmatte.mark(object="goat", kind="absent", first=3, last=4))
        bpy.ops.ed.undo_push(message="mark")
    yield 1.0
    say("users", mask.users, clip.users)
    assert clip.users > 0, "the plate counts as unused and would not be saved"
    with over(work):
        bpy.ops.ed.undo()
    yield 1.0
    again = next(iter(part("group").our_groups()))
    state = part("state")
    say("marks after undo", state.state_of(again).marks, state.mask_of(again))
    picture.ui_type = "IMAGE_EDITOR"
    picture.spaces.active.image = bpy.data.images["Viewer Node"]
    yield 1.0
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(SHOT / "goat.blend"))
    yield 2.0
    again = next(iter(part("group").our_groups()))
    assert (state.mask_of(again).name, state.plate_of(again).name) == ("roto", "plate")
    say("opened again", state.state_of(again).marks, seen())
    bpy.context.scene.frame_current = 6
    yield 2.0
    say("frame 6", seen())


def main() -> None:
    """Step through the story on Blender's own timer, and leave."""
    steps = story()
    waits: list[Any] = [None, 0.0]

    def tick() -> float | None:
        try:
            waiting, since = waits
            if waiting is not None:
                if not waiting():
                    assert time.monotonic() - since < ENOUGH, "it took too long"
                    return 0.2
                waits[0] = None
            asked = next(steps)
            if callable(asked):
                waits[:] = [asked, time.monotonic()]
                return 0.2
            return asked
        except StopIteration:
            (SHOT / "done").touch()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        say("leaving")
        bpy.ops.wm.quit_blender()
        return None

    bpy.app.timers.register(tick, first_interval=1.0, persistent=True)


main()
