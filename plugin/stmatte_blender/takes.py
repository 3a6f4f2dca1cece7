# SPDX-License-Identifier: Apache-2.0
"""No two nodes write the same files.

A copied group, by a duplicated scene, "make single user" or append, knows what its original
knows: take and folder, too. The copy gets a take of its own, and the mattes that are there
under the new name, so that it goes on showing what it showed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy

from . import held, mattes, sockets
from .state import STATE, NodeState, keep_state, state_of
from .stmatte_host import EngineError
from .stmatte_host.names import take_name


def our_groups() -> list[Any]:
    """Return the groups of STMatte in this file that can be changed; linked ones cannot."""
    return [group for group, _ in _all() if group.library is None]


def taken(out: str) -> list[str]:
    """Return the takes that go to a folder."""
    place = _place(out, None)
    return [state.take for group, state in _all() if _place(state.out, group.library) == place]


def settle_takes() -> list[str]:
    """Give every copy a take of its own, and return what was done, as sentences.

    The original is what is linked from another file, else the older one.
    """
    first: dict[tuple[str, str], Any] = {}
    told = []
    for group, state in sorted(_all(), key=lambda found: _age(found[0])):
        mine = (_place(state.out, group.library), state.take.lower())
        if mine not in first:
            first[mine] = group
        elif group.library is None:
            told.append(_move(group, state))
    return told


def _move(group: Any, state: NodeState) -> str:
    take = take_name(state.take, taken(state.out))
    keep_state(group, replace(state, take=take))
    node = mattes.image_node(group)
    crypto = group.get(mattes.CRYPTO_IMAGE)
    try:
        folder = mattes.folder_of(group)
        held.copy_mattes(folder, state.take, folder, take)
        held.copy_mattes(folder, f"{state.take}_crypto", folder, f"{take}_crypto")
    except EngineError:
        pass  # there is no folder yet, and so no mattes
    if node.image is not None:
        node.image = _own(node.image, state.take, take)
    if crypto is not None:
        group[mattes.CRYPTO_IMAGE] = _own(crypto, state.take, take)
    mattes.refresh(group)
    return (
        f'"{group.name}" is a copy and would have written over the mattes of take '
        f'"{state.take}": its take is "{take}" now.'
    )


def _own(image: Any, before: str, take: str) -> Any:
    """Return a copy of an image that shows the same frames of another take."""
    mine = image.copy()
    mine.name = image.name.replace(before, take)
    folder, name, rest = image.filepath.rpartition(before)
    if name:
        mine.filepath = f"{folder}{take}{rest}"
    return mine


def _all() -> list[tuple[Any, NodeState]]:
    found = [
        (group, state_of(group))
        for group in bpy.data.node_groups
        if group.bl_idname == sockets.TREE and STATE in group
    ]
    return [(group, state) for group, state in found if state is not None]


def _age(group: Any) -> tuple[bool, int, str]:
    # Blender numbers what it makes or reads: what is there longer has the smaller number.
    return group.library is None, group.session_uid, group.name


def _place(out: str, library: Any) -> str:
    return str(mattes.on_disk(out, library)).lower()
