# SPDX-License-Identifier: Apache-2.0
"""The files of mattes in a node group: which are shown on which frame, and that they are new.

One Image node in the group shows the sequence. Its outputs are named by the file's layers, and
a link outlives its layer; so each link is made once, with a stand-in where there is no file
yet, and is right as soon as the engine writes one, on machines without the add-on, too.
Nothing is kept here: group and images are looked up each time, so undo finds nothing stale.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy

from . import held, images, sockets
from .images import CRYPTO
from .numbering import Numbers, numbers_for
from .state import NodeState, known_state
from .stmatte_host import EngineError

LAYER = "uncertainty"
"""The layer that says where mattes are doubtful."""

OFFSET, CRYPTO_IMAGE = "stmatte_offset", "stmatte_crypto"
"""ID properties of a group: plate frame minus scene frame; the Cryptomatte's image."""

_NODE = "Mattes"
_CRYPTO_NODE = "CompositorNodeCryptomatteV2"


def folder_of(group: Any) -> Path:
    """Return the folder of a node's mattes, absolute.

    Raises EngineError where // leads nowhere, for the .blend was never saved.
    """
    state = known_state(group)
    if not state.out:
        raise EngineError(
            f'Mattes of "{state.take}" have no folder', repair="Choose a folder in the panel"
        )
    if state.out.startswith("//") and not bpy.data.filepath and group.library is None:
        raise EngineError(
            f'Mattes of "{state.take}" go to "{state.out}", beside a file that was never saved',
            repair="Save the file, or choose another folder in the panel",
        )
    return on_disk(state.out, group.library)


def on_disk(said: str, library: Any = None) -> Path:
    """Return the absolute path that Blender means; // is the folder of the file it comes from."""
    return Path(os.path.abspath(bpy.path.abspath(said, library=library)))  # noqa: PTH100  takes .. out


def out_pattern(group: Any) -> str:
    """Return the pattern of the mattes' files. Raises EngineError as `folder_of` does."""
    return str(folder_of(group) / f"{known_state(group).take}.####.exr")


def crypto_pattern(group: Any) -> str:
    """Return the pattern of the Cryptomatte's files. Raises EngineError as `folder_of` does."""
    return str(folder_of(group) / f"{_crypto_stem(known_state(group))}.####.exr")


def image_node(group: Any) -> Any:
    """Return the Image node in a group; it is made where there is none."""
    nodes = [node for node in group.nodes if node.bl_idname == "CompositorNodeImage"]
    found = next((node for node in nodes if node.name == _NODE), None) or next(iter(nodes), None)
    if found is None:
        found = group.nodes.new("CompositorNodeImage")
        found.name, found.label = _NODE, "Mattes"
    return found


def show_mattes(group: Any, folder: Any, stem: str, offset: int, first: int, last: int) -> None:
    """Have the node show the mattes of a folder; frames beyond the range show the nearest.

    folder       where the files lie; it may begin with //
    stem         what their names begin with: the take
    offset       plate frame minus scene frame
    first, last  scene frames

    Raises EngineError if Blender cannot count so far.
    """
    numbers = numbers_for(first, last, offset)
    said = _said(group, str(folder))
    node = image_node(group)
    path = f"{said}/{stem}.{first + offset:04d}.exr"
    image = images.sequence(node.image, f"STMatte {stem}", path, [LAYER])
    if node.image != image:
        node.image = image
    _count(node, numbers)
    link(group)
    if group.get(OFFSET) != offset:
        group[OFFSET] = offset
    crypto = group.get(CRYPTO_IMAGE)
    if crypto is not None:
        images.sequence(crypto, crypto.name, f"{said}/{stem}_crypto.{first + offset:04d}.exr")
        for node in _crypto_nodes(crypto):
            _count(node, numbers)


def refresh(group: Any) -> None:
    """Show what lies on the disk now, after files have changed."""
    node = image_node(group)
    crypto = group.get(CRYPTO_IMAGE)
    for image in (node.image, crypto):
        if image is not None:
            image.reload()
    link(group)
    # A reload alone does not bring a viewer up to date; that a setting was changed does.
    node.frame_offset = node.frame_offset
    for shown in _crypto_nodes(crypto) if crypto is not None else ():
        _choose(shown)
        shown.frame_offset = shown.frame_offset


def link(group: Any) -> None:
    """Link every layer to its output inside the group, whether it is in the files yet or not."""
    state = known_state(group)
    wanted = [(each.name, each.socket) for each in state.objects]
    if state.uncertainty_socket:
        wanted.append((LAYER, state.uncertainty_socket))
    node = image_node(group)
    if node.image is None:
        node.image = images.sequence(None, f"STMatte {state.take}", "", [LAYER])
    open_ends = [
        (layer, end)
        for layer, socket in wanted
        if (end := sockets.end_of(group, socket)) is not None and not _is_from(end, node, layer)
    ]
    if all(node.outputs.get(layer) is not None for layer, _ in open_ends):
        _link(group, node, open_ends)
        return
    with images.stand_in(node.image, [layer for layer, _ in wanted]):
        node.frame_offset = node.frame_offset
        _link(group, node, open_ends)
    node.frame_offset = node.frame_offset


def frame_arrived(group: Any, frame: int, first: int, last: int) -> None:
    """Show a frame that the engine has just written, also in place of those not there yet.

    frame, first, last  plate frames: the one that arrived, and those of the shot
    """
    state, folder = known_state(group), folder_of(group)
    for stem in _stems(state):
        held.hold(folder, stem, range(first, last + 1), frame)
    refresh(group)


def release_held(group: Any) -> tuple[int, ...]:
    """Remove what stands for frames that are not there; return these, plate frames."""
    state = known_state(group)
    try:
        folder = folder_of(group)
    except EngineError:
        return ()
    frames = {frame for stem in _stems(state) for frame in held.release(folder, stem)}
    if frames:
        refresh(group)
    return tuple(sorted(frames))


def missing_frames(group: Any, frames: Iterable[int]) -> tuple[int, ...]:
    """Return the scene frames whose mattes are not there; others may stand in for them."""
    there = held.finished_in(folder_of(group), known_state(group).take)
    offset = int(group.get(OFFSET, 0))
    return tuple(frame for frame in frames if frame + offset not in there)


def crypto_image(group: Any) -> Any:
    """Return the image of the Cryptomatte beside the mattes; it is made at the first time."""
    image = group.get(CRYPTO_IMAGE)
    if image is None:
        node = image_node(group)
        path = "" if node.image is None else node.image.filepath
        name = f"STMatte {known_state(group).take} crypto"
        image = images.sequence(None, name, _crypto_path(known_state(group), path))
        group[CRYPTO_IMAGE] = image
    return image


def add_crypto_node(tree: Any, group: Any) -> Any:
    """Add the node that picks objects of the Cryptomatte by name; it is set to all of them."""
    image = crypto_image(group)
    source, node = image_node(group), tree.nodes.new(_CRYPTO_NODE)
    node.source, node.image = "IMAGE", image
    node.label = f"STMatte {known_state(group).take}"
    _count(node, Numbers(source.frame_start, source.frame_offset, source.frame_duration))
    with images.stand_in(image, []):
        _choose(node)
    node.matte_id = ",".join(each.name for each in known_state(group).objects)
    return node


def _crypto_stem(state: NodeState) -> str:
    return f"{state.take}_crypto"


def _stems(state: NodeState) -> tuple[str, ...]:
    return (state.take, _crypto_stem(state))


def _crypto_path(state: NodeState, path: str) -> str:
    before, name, after = path.rpartition(f"{state.take}.")
    return f"{before}{_crypto_stem(state)}.{after}" if name else path


def _said(group: Any, folder: str) -> str:
    """Return a folder as the node's state says it, which may begin with //."""
    out = known_state(group).out
    plain = out.replace("\\", "/").rstrip("/") if len(out) > 2 else out
    with suppress(EngineError):
        if on_disk(folder) == folder_of(group):
            return plain
    return folder.replace("\\", "/").rstrip("/")


def _count(node: Any, numbers: Numbers) -> None:
    said = {
        "frame_start": numbers.start,
        "frame_offset": numbers.offset,
        "frame_duration": numbers.duration,
        "use_cyclic": False,
        "use_auto_refresh": True,
    }
    for name, value in said.items():
        if getattr(node, name) != value:
            setattr(node, name, value)


def _is_from(end: Any, node: Any, layer: str) -> bool:
    return any(
        made.from_node == node and made.from_socket.name == layer
        for made in end.id_data.links
        if made.to_socket == end
    )


def _link(group: Any, node: Any, ends: Sequence[tuple[str, Any]]) -> None:
    for layer, end in ends:
        group.links.new(node.outputs[layer], end)


def _crypto_nodes(image: Any) -> Iterator[Any]:
    for tree in sockets.trees():
        for node in tree.nodes:
            if node.bl_idname == _CRYPTO_NODE and node.source == "IMAGE" and node.image == image:
                yield node


def _choose(node: Any) -> None:
    """Choose the layers in the file; a file that is not there offers none, and keeps the choice."""
    with suppress(TypeError):
        if node.layer_name != CRYPTO:
            node.layer_name = CRYPTO
