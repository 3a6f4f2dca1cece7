# SPDX-License-Identifier: Apache-2.0
"""The outputs of a node group, one by one, so that what the artist has linked stays linked.

An output is known by its identifier, which stays as long as it lives; its label is the
artist's. The interface is never built anew. Knows nothing of mattes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from . import versions

TREE = "CompositorNodeTree"


def item_of(group: Any, identifier: str) -> Any:
    """Return the interface's item of an output, or None."""
    return next((item for item in _items(group) if item.identifier == identifier), None)


def add(group: Any, label: str, before: str = "") -> str:
    """Add an output of floats from 0 to 1, and return its identifier.

    before  identifier of the output above which it goes; at the end without
    """
    item = group.interface.new_socket(label, in_out="OUTPUT", socket_type="NodeSocketFloat")
    item.subtype = "FACTOR"
    item.min_value, item.max_value, item.default_value = 0, 1, 0
    identifier: str = item.identifier
    below = item_of(group, before) if before else None
    if below is not None:
        group.interface.move(item, below.position)
    return identifier


def label(group: Any, identifier: str) -> str:
    """Return what an output is called; "" if there is none of that identifier."""
    item = item_of(group, identifier)
    return "" if item is None else item.name


def relabel(group: Any, identifier: str, text: str) -> None:
    """Call an output something else."""
    item = item_of(group, identifier)
    if item is not None and item.name != text:
        item.name = text


def remove(group: Any, identifier: str) -> None:
    """Remove an output, and with it what is linked to it."""
    item = item_of(group, identifier)
    if item is not None:
        group.interface.remove(item)


def end_of(group: Any, identifier: str) -> Any:
    """Return the socket inside the group at which an output begins, or None."""
    ends = [node for node in group.nodes if node.bl_idname == "NodeGroupOutput"]
    ends.sort(key=lambda node: not node.is_active_output)
    sockets = (socket for node in ends[:1] for socket in node.inputs)
    return next((socket for socket in sockets if socket.identifier == identifier), None)


def trees() -> Iterator[Any]:
    """Yield every tree of compositor nodes in the file: of scenes, and groups."""
    for scene in bpy.data.scenes:
        tree = versions.scene_tree(scene)
        if tree is not None and tree.is_embedded_data:
            yield tree
    yield from (tree for tree in bpy.data.node_groups if tree.bl_idname == TREE)


def nodes_of(group: Any) -> Iterator[Any]:
    """Yield the nodes that show a group."""
    for tree in trees():
        for node in tree.nodes:
            if node.bl_idname == "CompositorNodeGroup" and node.node_tree == group:
                yield node


def is_linked(group: Any, identifier: str) -> bool:
    """Return whether the artist uses an output anywhere."""
    return any(
        socket.is_linked
        for node in nodes_of(group)
        for socket in node.outputs
        if socket.identifier == identifier
    )


def _items(group: Any) -> Iterator[Any]:
    for item in group.interface.items_tree:
        if item.item_type == "SOCKET" and item.in_out == "OUTPUT":
            yield item
