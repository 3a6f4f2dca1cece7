# SPDX-License-Identifier: Apache-2.0
"""What happens when Blender renders, loads, saves or sees a mask edited.

Renders that have no node of ours are left alone, and so are those by which keys are rasterised.
Nothing here stops a render: Blender can't be stopped from a handler, so that what is wrong is
said before it begins.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bpy
from bpy.app.handlers import persistent

from . import engine, plates, rasterise, shots, shown, versions
from . import group as groups
from .state import keep_state, mask_of, plate_of, state_of
from .stmatte_host import EngineError, words

ASKED = "stmatte_propagate"
"""Custom property of a scene: if it is true, command-line renders propagate first."""

_moved: dict[int, str] = {}  # session_uid -> the folder as it was said before a save elsewhere


def groups_in(scene: bpy.types.Scene) -> Iterator[bpy.types.NodeTree]:
    """Yield the node groups of ours that a scene's compositor uses, those in groups included."""
    ours = {each.session_uid: each for each in groups.our_groups()}
    waiting = [versions.scene_tree(scene)]
    seen: set[int] = set()
    while waiting:
        tree = waiting.pop()
        if tree is None or tree.session_uid in seen:
            continue
        seen.add(tree.session_uid)
        if tree.session_uid in ours:
            yield ours[tree.session_uid]
            continue
        waiting += [getattr(n, "node_tree", None) for n in tree.nodes if n.type == "GROUP"]


def propagate_before(scene: bpy.types.Scene, always: bool = False) -> None:
    """Propagate the nodes of a scene that want to be before it is rendered, and wait for it.

    always  the scene asks for all of them

    Raises nothing: what goes wrong is said, and the render has the mattes that are there.
    """
    for group in groups_in(scene):
        state = state_of(group)
        if state is None or not (always or state.propagate_before_render):
            continue
        try:
            port = engine.port_of(group)
            port.propagate(scene)
            engine.wait_for(port)
        except EngineError as error:
            shown.of(group.session_uid).error = str(error)
            _say(str(error))


@persistent
def before_render(scene: bpy.types.Scene, *_: object) -> None:
    """Load the newest mattes, and say which are missing or stale."""
    if rasterise.busy():
        return
    propagate_before(scene, always=bpy.app.background and bool(scene.get(ASKED)))
    for group in groups_in(scene):
        groups.refresh(group)
        shown.of(group.session_uid).lacking = lacking = _lacking(group, scene)
        if lacking:
            _say(f"{group.name}: {lacking}")


@persistent
def before_load(*_: object) -> None:
    """End what is under way: the file it was for goes."""
    engine.forget()


@persistent
def after_load(*_: object) -> None:
    """Without a window, propagate where a scene asks for it: a farm's render comes next."""
    _moved.clear()
    for group in groups.our_groups():
        groups.release_held(group)  # of a Blender that ended in the middle
    if bpy.app.background:
        for scene in bpy.data.scenes:
            if scene.get(ASKED):
                propagate_before(scene, always=True)


@persistent
def before_save(path: object = "", *_: object) -> None:
    """Let folders beside the .blend mean the same place when it is saved elsewhere."""
    _moved.clear()
    old, new = _folder(bpy.data.filepath), _folder(path)
    if not old or not new or old == new:
        return
    for group in groups.our_groups():
        state = state_of(group)
        if state is not None and state.out.startswith("//"):
            _moved[group.session_uid] = state.out
            keep_state(group, replace(state, out=_seen_from(new, bpy.path.abspath(state.out))))


@persistent
def after_save(path: object = "", *_: object) -> None:
    """Take that back where only a copy was saved, so that this session is where it was."""
    if _moved and _folder(path) != _folder(bpy.data.filepath):
        for group in groups.our_groups():
            state = state_of(group)
            if state is not None and group.session_uid in _moved:
                keep_state(group, replace(state, out=_moved[group.session_uid]))
    _moved.clear()


@persistent
def after_edit(_: bpy.types.Scene, graph: bpy.types.Depsgraph) -> None:
    """Note that a mask was edited: the panel says that what it shows may not hold."""
    if rasterise.busy():
        return
    edited = {u.id.original for u in graph.updates if isinstance(u.id, bpy.types.Mask)}
    for group in groups.our_groups() if edited else ():
        if mask_of(group) in edited:
            shown.of(group.session_uid).edited = True


def _lacking(group: bpy.types.NodeTree, scene: bpy.types.Scene) -> str:
    """Say which frames of a render have no matte, or one that is known to be stale."""
    state = state_of(group)
    if state is None:
        return ""
    try:
        plate = plates.plate_from(plate_of(group), scene)
        first, last = shots.frame_range(state, plate, scene)
        there = set(shots.frames_there(group, plate, first, last))
    except EngineError as error:
        return str(error)
    old = {f for frames in shown.of(group.session_uid).stale.values() for f in frames}
    absent = words.missing(f for f in range(first, last + 1) if f not in there)
    return " ".join(each for each in (absent, words.stale(old & there)) if each)


def _say(sentence: str) -> None:
    print(f"STMatte: {sentence}", flush=True)  # noqa: T201  a farm keeps what is printed


def _folder(path: object) -> str:
    """Return the folder of a .blend; "" if it was never saved, or nobody says where."""
    return os.path.normpath(Path(path).parent) if isinstance(path, str) and path else ""


def _seen_from(folder: str, path: str) -> str:
    """Return a path relative to a .blend in `folder`, or as it is where there is no way."""
    try:
        return "//" + os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return path


_HANDLERS = (
    ("render_init", before_render),
    ("load_pre", before_load),
    ("load_post", after_load),
    ("save_pre", before_save),
    ("save_post", after_save),
    ("depsgraph_update_post", after_edit),
)


def register() -> None:
    """Hang everything in."""
    for name, call in _HANDLERS:
        getattr(bpy.app.handlers, name).append(call)


def unregister() -> None:
    """Take it out again."""
    for name, call in _HANDLERS:
        hung = getattr(bpy.app.handlers, name)
        if call in hung:
            hung.remove(call)
    _moved.clear()
