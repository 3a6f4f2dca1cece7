# SPDX-License-Identifier: Apache-2.0
"""The plate that an artist chose, as files that the engine can read.

A movie clip says itself which file it shows on which frame. An Image says so through the Image
node that shows it; without one it is taken to begin at scene frame 1, as Blender opens it.
What is on no disk, or is no sequence, is refused with what to do.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import imbuf

from . import sockets, versions
from .exr_header import read_header
from .mattes import on_disk
from .numbering import Numbers, file_name
from .stmatte_host import EngineError


@dataclass(frozen=True)
class Plate:
    """A plate on the disk.

    pattern      absolute, with # in place of the number; of a movie, its own path
    size         width and height
    offset       plate frame minus scene frame; a movie's frames count from 1
    first, last  scene frames that exist; there may be gaps between
    """

    pattern: str
    size: tuple[int, int]
    offset: int
    first: int
    last: int


def plate_from(source: Any, scene: Any) -> Plate:
    """Return the plate that a MovieClip or an Image is.

    scene   whose compositor says which frame of an Image is shown when

    Raises EngineError if there is none, if it is packed, generated, a single picture or not on
    the disk, or if its numbers are below 0, which Blender cannot read.
    """
    if source is None:
        raise EngineError(
            "There is no plate", repair="Choose the movie clip or the image sequence in the panel"
        )
    clip = isinstance(source, bpy.types.MovieClip)
    _check_kind(source, clip)
    path = on_disk(source.filepath, source.library)
    shown = None if clip else _shown(source, scene)
    if source.source == "MOVIE":
        return _movie(source, path, shown)
    name = file_name(path.name)
    if name is None:
        raise _no_sequence(path)
    if name.negative:
        raise EngineError(
            f'Plate "{path.name}" has a number below 0',
            allowed="Blender takes the minus for a part of the name, and counts the wrong way",
            repair="Renumber the files from 0 or above",
        )
    names = _names(source, path)
    there = name.numbers(names)
    if not there:
        raise _not_there(source, path)
    if clip:
        offset = name.number - source.frame_start + source.frame_offset
    else:
        offset = min(there) - 1 if shown is None else shown.plate_offset
    first, last = _within(source, [number - offset for number in there], shown)
    return Plate(str(path.parent / name.pattern(names)), _size(source, path), offset, first, last)


def _check_kind(source: Any, clip: bool) -> None:
    whose = f'Plate "{source.name}"'
    if not clip and (source.packed_file is not None or len(source.packed_files)):
        raise EngineError(
            f"{whose} is packed into the .blend",
            allowed="the engine reads files on the disk",
            repair="Unpack it (File, External Data), then choose it again",
        )
    if source.source not in ("SEQUENCE", "MOVIE"):
        said = {"GENERATED": "was generated", "VIEWER": "is a render", "TILED": "is of tiles"}
        raise EngineError(
            f"{whose} {said.get(source.source, 'is a single picture')}",
            allowed="a plate is an image sequence or a movie on the disk",
            repair="Write it out as a sequence, or set its source to Image Sequence",
        )
    if not source.filepath:
        raise EngineError(f"{whose} has no file", repair="Write it out, then choose it again")
    library = source.library
    if source.filepath.startswith("//") and not bpy.data.filepath and library is None:
        raise EngineError(
            f'{whose} is "{source.filepath}", beside a file that was never saved',
            repair="Save the file",
        )


def _shown(image: Any, scene: Any) -> Numbers | None:
    """Return the numbers by which the scene's compositor shows an image; None if it does not."""
    nodes = list(_image_nodes(versions.scene_tree(scene), image))
    nodes.sort(key=lambda node: (node.mute, not any(s.is_linked for s in node.outputs)))
    for node in nodes[:1]:
        return Numbers(node.frame_start, node.frame_offset, node.frame_duration)
    return None


def _image_nodes(tree: Any, image: Any, depth: int = 8) -> Any:
    for node in tree.nodes if tree is not None and depth else ():
        if node.bl_idname == "CompositorNodeImage" and node.image == image:
            yield node
        elif node.bl_idname == "CompositorNodeGroup":
            inside = node.node_tree
            if inside is not None and inside.bl_idname == sockets.TREE:
                yield from _image_nodes(inside, image, depth - 1)


def _movie(source: Any, path: Path, shown: Numbers | None) -> Plate:
    if not path.is_file():
        raise _not_there(source, path)
    length = source.frame_duration
    if length < 1:
        raise EngineError(
            f'Plate "{path}" cannot be read', repair="Convert it to an image sequence"
        )
    offset = 0 if shown is None else shown.plate_offset
    if isinstance(source, bpy.types.MovieClip):
        offset = 1 - source.frame_start + source.frame_offset
    first, last = _within(source, range(1 - offset, length - offset + 1), shown)
    return Plate(str(path), _size(source, path), offset, first, last)


def _within(source: Any, frames: Any, numbers: Numbers | None) -> tuple[int, int]:
    """Return the first and last scene frame, of those that a node does not clamp."""
    if numbers is not None:
        frames = [f for f in frames if 1 <= f - numbers.start + 1 <= numbers.duration]
    if not frames:
        raise EngineError(
            f'The Image node of plate "{source.name}" shows none of its files',
            repair="Correct Frames, Start Frame and Offset on that node",
        )
    return min(frames), max(frames)


def _names(source: Any, path: Path) -> list[str]:
    try:
        return [each.name for each in path.parent.iterdir()]
    except OSError:
        raise _not_there(source, path) from None


def _size(source: Any, path: Path) -> tuple[int, int]:
    """Return the size; of an EXR the header says it, for Blender has none for one of layers."""
    if path.suffix.lower() == ".exr" and path.is_file():
        with suppress(EngineError, OSError, KeyError):
            return read_header(path).size
    width, height = source.size
    if not (width and height) and source.source == "SEQUENCE":
        with suppress(OSError):  # a sequence that nothing has shown yet has no size
            width, height = imbuf.load(str(path)).size
    if not (width and height):
        raise EngineError(
            f'Plate "{path}" cannot be read',
            allowed="its first file says how large it is",
            repair="Check that the file is whole, or choose another first file",
        )
    return width, height


def _no_sequence(path: Path) -> EngineError:
    return EngineError(
        f'Plate "{path.name}" has no number in its name',
        allowed="files of a sequence are numbered, such as plate.0001.exr",
        repair="Choose the first file of a sequence",
    )


def _not_there(source: Any, path: Path) -> EngineError:
    return EngineError(
        f'Plate "{source.name}" is not on the disk',
        allowed=f'it was at "{path}"',
        repair="Find it again (File, External Data, Find Missing Files)",
    )
