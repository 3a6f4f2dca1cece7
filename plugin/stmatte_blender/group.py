# SPDX-License-Identifier: Apache-2.0
"""The STMatte node: a group of Blender's own nodes, with an output for every object.

A class of node of our own would crash the file on machines without the add-on; this opens and
renders anywhere. Objects come and go one by one. What files it shows is `mattes`'. Keeps no
reference to anything of Blender's, so that undo and loading find nothing stale.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy

from . import sockets, takes
from .mattes import (
    add_crypto_node,
    crypto_image,
    crypto_pattern,
    folder_of,
    frame_arrived,
    image_node,
    link,
    missing_frames,
    out_pattern,
    refresh,
    release_held,
    show_mattes,
)
from .state import STATE, NodeObject, NodeState, keep_state, known_state, mask_of, state_of
from .stmatte_host.names import object_name, take_name
from .takes import our_groups, settle_takes

__all__ = [
    "active_group",
    "add_crypto_node",
    "add_object",
    "crypto_image",
    "crypto_pattern",
    "folder_of",
    "frame_arrived",
    "gone",
    "group_of",
    "missing_frames",
    "new_group",
    "our_groups",
    "out_pattern",
    "refresh",
    "release_held",
    "remove_object",
    "rename",
    "settle_takes",
    "show_mattes",
    "show_uncertainty",
    "sync_objects",
]

OUT = "//mattes"
"""Where mattes go unless the artist says."""

UNCERTAINTY = "Uncertainty"
"""What the output is called that says where mattes are doubtful."""


def new_group(take: str, out: str = OUT) -> Any:
    """Return a new group for a take, without objects yet.

    take  what its files are to be called; made a file's name, and another than the takes' that
          are there
    """
    name = take_name(take, takes.taken(out))
    group = bpy.data.node_groups.new(f"STMatte {name}", sockets.TREE)
    group.nodes.new("NodeGroupOutput").location = (300, 0)
    image_node(group).location = (-100, 0)
    keep_state(group, NodeState(name, out))
    show_uncertainty(group, True)
    return group


def group_of(uid: int) -> Any:
    """Return the group whose `session_uid` was remembered; None if it went away."""
    return next((group for group in our_groups() if group.session_uid == uid), None)


def active_group(context: Any) -> Any:
    """Return the group that is meant: of the active node, else the only one, else None.

    Who looks inside a group means that one.
    """
    space = getattr(context, "space_data", None)
    tree = getattr(space, "edit_tree", None)
    if _is_ours(tree):
        return tree
    found = getattr(getattr(tree, "nodes", None), "active", None)
    shown = getattr(found, "node_tree", None)
    if _is_ours(shown):
        return shown
    groups = our_groups()
    return groups[0] if len(groups) == 1 else None


def add_object(group: Any, layer: str) -> NodeObject:
    """Add an object for a mask layer, with an output above the uncertainty, and return it.

    If there is one for that layer already, it is returned.
    """
    state = known_state(group)
    there = next((each for each in state.objects if each.layer == layer), None)
    if there is not None:
        return there
    name = object_name(layer, [each.name for each in state.objects])
    socket = sockets.add(group, layer, before=state.uncertainty_socket)
    made = NodeObject(name, layer, socket)
    keep_state(group, state.with_object(made))
    link(group)
    return made


def rename(group: Any, name: str, text: str) -> None:
    """Call an object's output something else; its name in files stays."""
    found = known_state(group).object(name)
    if found is not None:
        sockets.relabel(group, found.socket, text)


def remove_object(group: Any, name: str) -> None:
    """Remove an object with its output, and what was said of it."""
    state = known_state(group)
    found = state.object(name)
    if found is not None:
        sockets.remove(group, found.socket)
        keep_state(group, state.without_object(name))


def show_uncertainty(group: Any, on: bool) -> None:
    """Have the output that says where mattes are doubtful, or not."""
    state = known_state(group)
    there = sockets.item_of(group, state.uncertainty_socket) is not None
    if on and not there:
        socket = sockets.add(group, UNCERTAINTY)
        keep_state(group, replace(state, uncertainty=True, uncertainty_socket=socket))
        link(group)
    elif not on:
        sockets.remove(group, state.uncertainty_socket)
        keep_state(group, replace(state, uncertainty=False, uncertainty_socket=""))


def gone(group: Any) -> tuple[NodeObject, ...]:
    """Return the objects whose layer is not in the mask; () if there is no mask at all."""
    mask = _mask(group)
    if mask is None:
        return ()
    layers = {layer.name for layer in mask.layers}
    return tuple(each for each in known_state(group).objects if each.layer not in layers)


def sync_objects(group: Any) -> bool:
    """Have the objects follow the mask's layers, and return whether anything changed.

    A new layer becomes an object. A layer that was renamed, which shows by another one in its
    place, keeps its object, and the output's label follows unless the artist changed it. An
    object whose layer went away goes too, unless its output is used: what is linked stays.
    An output that was removed by hand comes back. Without a mask, or with one from a file that
    is not there, nothing happens.
    """
    mask = _mask(group)
    if mask is None:
        return False
    before = known_state(group)
    layers = [layer.name for layer in mask.layers]
    _follow_renamed(group, layers)
    for each in gone(group):
        if not sockets.is_linked(group, each.socket):
            remove_object(group, each.name)
    _mend(group)
    for layer in layers:
        add_object(group, layer)
    return before != known_state(group)


def _follow_renamed(group: Any, layers: list[str]) -> None:
    """Give objects without a layer those layers without an object that took their place."""
    state = known_state(group)
    known = {each.layer for each in state.objects}
    lost = [each for each in state.objects if each.layer not in layers]
    new = [layer for layer in layers if layer not in known]
    for each in lost:
        place = state.objects.index(each)
        if place >= len(layers) or layers[place] not in new or len(state.objects) != len(layers):
            continue
        layer = layers[place]
        if sockets.label(group, each.socket) == each.layer:
            sockets.relabel(group, each.socket, layer)
        state = state.with_object(replace(each, layer=layer))
    keep_state(group, state)


def _mend(group: Any) -> None:
    """Bring back outputs that somebody has removed by hand."""
    state = known_state(group)
    for each in state.objects:
        if sockets.item_of(group, each.socket) is None:
            socket = sockets.add(group, each.layer, before=state.uncertainty_socket)
            state = state.with_object(replace(each, socket=socket))
    keep_state(group, state)
    if state.uncertainty:
        show_uncertainty(group, True)
    link(group)


def _mask(group: Any) -> Any:
    """Return the mask; None if it is in a file that is not there, for then it looks empty."""
    mask = mask_of(group)
    return None if mask is None or mask.is_missing else mask


def _is_ours(tree: Any) -> bool:
    return tree is not None and STATE in tree and state_of(tree) is not None
