# SPDX-License-Identifier: Apache-2.0
"""Keys as pictures: one layer of a mask on one frame, exactly as Blender renders it alone.

A scene of our own renders a copy of the mask as an animation, which poses it without moving the
artist's frame. Knows scenes and files. Touches no setting, no selection and no data-block of the
artist, leaves nothing behind, and doesn't know why a key is wanted.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy

from . import key_copies, versions
from .disk_words import no_room, not_written
from .mask_keys import layer_of
from .stmatte_host import EngineError
from .stmatte_host.frames import runs
from .whole_exr import is_whole

SMALLEST = 4
"""Pixels that Blender renders at least, in width and height."""

CHANNEL = versions.GREY_CHANNEL
"""The channel of a key's file."""

_PACKED = 4
"""Keys are mostly flat: ZIP leaves a seventh of a feathered one, and less of others."""

_busy = False


@dataclass(frozen=True)
class Blur:
    """Motion blur, as on a Mask node.

    samples  poses that are averaged, 2 or more
    shutter  frames on either side of the key, 0 to 1
    """

    samples: int = 16
    shutter: float = 0.5


def busy() -> bool:
    """Whether a render is one of ours: handlers must leave it alone."""
    return _busy


def rasterise(
    mask: bpy.types.Mask,
    wanted: Iterable[tuple[str, int, Path]],
    size: tuple[int, int],
    *,
    half: bool = False,
    blur: Blur | None = None,
) -> None:
    """Render keys to files, each whole or not there at all.

    wanted  (layer, scene frame, where to), in any order; frames may be negative
    size    width and height of the plate
    half    write half floats, else floats
    blur    motion blur; None for none

    A file has the one channel `CHANNEL` (in 4.2 three more that are to be ignored). Folders are
    made. The same key is the same bytes each time.
    Raises EngineError where Blender renders already, a layer is missing, the size can't be
    rendered, or the files can't be written.
    """
    rows = sorted((layer, frame, Path(path)) for layer, frame, path in wanted)
    if not rows:
        return
    _check(mask, rows, size)
    for layer in sorted({layer for layer, _, _ in rows}):
        for folder in sorted({path.parent for each, _, path in rows if each == layer}):
            paths: dict[int, list[Path]] = {}
            for each, frame, path in rows:
                if each == layer and path.parent == folder:
                    paths.setdefault(frame, []).append(path)
            _layer(mask, layer, folder, paths, size, half, blur)


def _check(
    mask: bpy.types.Mask, rows: Sequence[tuple[str, int, Path]], size: tuple[int, int]
) -> None:
    if _busy or bpy.app.is_job_running("RENDER"):
        raise EngineError(
            "Blender is rendering, so that keys can't be rasterised now",
            repair="Wait until the render is done, or cancel it",
        )
    if min(size) < SMALLEST:
        raise EngineError(
            "The plate is {}x{} pixels".format(*size),
            allowed=f"Blender renders no picture below {SMALLEST}x{SMALLEST}",
            repair="Choose another plate",
        )
    for layer in sorted({layer for layer, _, _ in rows}):
        layer_of(mask, layer)


def _layer(
    mask: bpy.types.Mask,
    layer: str,
    folder: Path,
    paths: dict[int, list[Path]],
    size: tuple[int, int],
    half: bool,
    blur: Blur | None,
) -> None:
    """Render one layer into one folder: beside the goal, then renamed, which no disk tears."""
    count = sum(len(each) for each in paths.values())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        no_room(folder, size[0] * size[1] * (2 if half else 4) * count // _PACKED)
        beside = Path(tempfile.mkdtemp(prefix=".keys-", dir=folder))
    except OSError as error:
        raise not_written(folder, error) from error
    try:
        lowest = min(paths)
        later = -lowest if lowest < 0 and not versions.RENDERS_BELOW_ZERO else 0
        with (
            _rendering(),
            key_copies.alone(mask, layer, later) as copy,
            _scene(copy, size, half, blur) as scene,
        ):
            scene.render.filepath = str(beside / "key.####")
            for first, last in runs(frame + later for frame in paths):
                _render(scene, first, last, folder)
            made = {f: Path(scene.render.frame_path(frame=f + later)) for f in paths}
        _place(made, paths, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _render(scene: bpy.types.Scene, first: int, last: int, folder: Path) -> None:
    try:
        versions.render_frames(scene, first, last)
    except RuntimeError as error:  # Blender's own words, with what was reported
        raise not_written(folder, error) from None


def _place(made: dict[int, Path], paths: dict[int, list[Path]], folder: Path) -> None:
    """Give the files their names. Raises EngineError if one was not rendered, or not wholly."""
    missing = sorted(frame for frame, path in made.items() if not path.is_file())
    if missing:
        raise EngineError(
            f"Blender stopped before the keys on frames {_named(missing)} were rasterised",
            repair="Propagate again, without pressing Esc",
        )
    torn = sorted(frame for frame, path in made.items() if not is_whole(path))
    if torn:
        raise EngineError(
            f'The keys on frames {_named(torn)} were cut off in "{folder}"',
            allowed="that happens where the disk is full, which Blender doesn't report",
            repair="Make room there, or choose another folder for the mattes",
        )
    try:
        for frame, goals in paths.items():
            for goal in goals[1:]:
                again = made[frame].with_name(f"{goal.name}.part")
                shutil.copyfile(made[frame], again)
                again.replace(goal)
            made[frame].replace(goals[0])
    except OSError as error:
        raise not_written(folder, error) from error


def _named(frames: Sequence[int]) -> str:
    return ", ".join(map(str, frames[:5])) + (" and more" if len(frames) > 5 else "")


@contextmanager
def _rendering() -> Iterator[None]:
    global _busy
    _busy = True
    try:
        yield
    finally:
        _busy = False


@contextmanager
def _scene(
    mask: bpy.types.Mask, size: tuple[int, int], half: bool, blur: Blur | None
) -> Iterator[bpy.types.Scene]:
    """Yield a scene that renders a mask and nothing else; it is removed afterwards."""
    scene = bpy.data.scenes.new("STMatte keys")
    tree = None
    try:
        render = scene.render
        render.engine = "BLENDER_WORKBENCH"
        render.resolution_x, render.resolution_y = size
        render.resolution_percentage = 100
        render.compositor_device = "CPU"
        render.compositor_precision = "FULL"
        render.use_file_extension = True
        for each in render.bl_rna.properties:  # the time of rendering would make other bytes
            if each.identifier.startswith("use_stamp") and not each.is_readonly:
                setattr(render, each.identifier, False)
        versions.write_as_exr(scene, grey=True)
        render.image_settings.color_depth = "16" if half else "32"
        tree = versions.only_tree(scene)
        node = tree.nodes.new("CompositorNodeMask")
        node.mask = mask
        chosen = blur or Blur(1, 0.0)
        versions.blur_mask(node, chosen.samples, chosen.shutter)
        tree.links.new(node.outputs[0], versions.final_input(tree))
        yield scene
    finally:
        owned = None if tree is None or tree.is_embedded_data else tree
        bpy.data.scenes.remove(scene)
        if owned is not None:
            bpy.data.node_groups.remove(owned)
