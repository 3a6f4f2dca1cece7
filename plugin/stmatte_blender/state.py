# SPDX-License-Identifier: Apache-2.0
"""What a STMatte node knows, kept on its node group as plain ID properties.

One JSON string, so that the file opens, renders and is saved without the add-on and nothing of
it is lost; the mask and the plate are pointers, which survive renaming. They are properties of a
node inside the group and not of the group: of that, a window's compositor takes one user away
each time it runs, until the mask counts as unused and is not saved (seen in 4.3). What a newer
STMatte wrote is left as it is and told. Knows no Blender: a group is anything that holds
properties, and nodes that do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .stmatte_host import EngineError
from .stmatte_host.marking import NodeMark

STATE, MASK, PLATE = "stmatte", "stmatte_mask", "stmatte_plate"
"""Names of the ID properties."""

FORMAT = "stmatte.node/1"

KINDS = ("absent", "locked", "ignored")
"""Marks that a node of Blender's carries; their frames are scene frames."""


@dataclass(frozen=True)
class NodeObject:
    """An object: a layer of the mask, and an output of the node.

    name    the engine's name and the channel's, fixed for the object's life
    layer   name of the mask's layer
    socket  identifier of the group's output; its label is the artist's
    on      whether it is propagated
    """

    name: str
    layer: str
    socket: str
    on: bool = True


@dataclass(frozen=True)
class NodeState:
    """All that a node knows.

    take                     first part of the mattes' file names
    out                      folder of the mattes; // at its start is the .blend's folder
    objects, marks           in the artist's order
    settings                 what differs from the engine's own
    first, last              scene frames; None is the scene's own
    uncertainty              whether there is an output that says where mattes are doubtful
    uncertainty_socket       identifier of that output
    cryptomatte              whether there is a Cryptomatte beside
    propagate_before_render  whether a render propagates first
    """

    take: str
    out: str
    objects: tuple[NodeObject, ...] = ()
    marks: tuple[NodeMark, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    uncertainty: bool = True
    cryptomatte: bool = True
    propagate_before_render: bool = False
    uncertainty_socket: str = ""

    def object(self, name: str) -> NodeObject | None:
        """Return the object of a name, or None."""
        return next((found for found in self.objects if found.name == name), None)

    def with_object(self, changed: NodeObject) -> NodeState:
        """Return the state with an object in the place of that of its name, or at the end."""
        if self.object(changed.name) is None:
            return replace(self, objects=(*self.objects, changed))
        return replace(
            self, objects=tuple(changed if o.name == changed.name else o for o in self.objects)
        )

    def without_object(self, name: str) -> NodeState:
        """Return the state without an object, and without what was said of it."""
        return replace(
            self,
            objects=tuple(found for found in self.objects if found.name != name),
            marks=tuple(mark for mark in self.marks if mark.object != name),
        )


def state_of(group: Any) -> NodeState | None:
    """Return what a node group knows; None if it is none of ours, or if it cannot be read."""
    found = _read(group)
    return found if isinstance(found, NodeState) else None


def known_state(group: Any) -> NodeState:
    """Return what a node group knows. Raises EngineError if it is none of ours, or unreadable."""
    state = state_of(group)
    if state is None:
        raise EngineError(f'"{group.name}" is no STMatte node that this version can change')
    return state


def why_unread(group: Any) -> str:
    """Return why what a group knows cannot be read, as a sentence; "" if nothing is wrong."""
    found = _read(group)
    return str(found) if isinstance(found, EngineError) else ""


def keep_state(group: Any, state: NodeState) -> None:
    """Keep a state on a group. What is not ours in there stays.

    Raises EngineError if what stands there was written by another version, and changes nothing.
    """
    there = _read(group)
    if isinstance(there, EngineError):
        raise there
    known = {**(json.loads(group[STATE]) if there else {}), **asdict(state), "format": FORMAT}
    text = json.dumps(known, sort_keys=True)
    if there is None or group[STATE] != text:  # a change would make an undo step of nothing
        group[STATE] = text


def mask_of(group: Any) -> Any:
    """Return the Mask, or None if none was chosen or it was removed."""
    return _pointed(group, MASK)


def plate_of(group: Any) -> Any:
    """Return the MovieClip or the Image, or None if none was chosen or it was removed."""
    return _pointed(group, PLATE)


def set_mask(group: Any, mask: Any) -> None:
    """Choose the Mask; None for none."""
    _point(group, MASK, mask)


def set_plate(group: Any, plate: Any) -> None:
    """Choose the MovieClip or the Image; None for none."""
    _point(group, PLATE, plate)


def _point(group: Any, name: str, block: Any) -> None:
    if block is not None and not len(group.nodes):
        raise EngineError(
            "The node has nothing left inside", repair="Undo that, or add another one"
        )
    for node in group.nodes:
        if name in node:
            del node[name]
    if block is not None:
        ends = (node for node in group.nodes if node.bl_idname == "NodeGroupOutput")
        next(ends, group.nodes[0])[name] = block


def _pointed(group: Any, name: str) -> Any:
    return next((node[name] for node in group.nodes if name in node), None)


def _read(group: Any) -> NodeState | EngineError | None:
    text = group.get(STATE)
    if text is None:
        return None
    try:
        return _state(json.loads(text))
    except (TypeError, ValueError, KeyError, AttributeError):
        whose = f'What node "{getattr(group, "name", "STMatte")}" knows'
        return EngineError(
            f"{whose} was written by another version of STMatte, and is kept as it is",
            allowed=f"this version reads {FORMAT}",
            repair="Install a newer STMatte to change it; its mattes still render",
        )


def _state(said: Any) -> NodeState:
    if said["format"] != FORMAT:
        raise ValueError(said["format"])
    objects = tuple(_made(NodeObject, entry) for entry in said.get("objects", ()))
    marks = tuple(_made(NodeMark, entry) for entry in said.get("marks", ()))
    if any(mark.kind not in KINDS for mark in marks):
        raise ValueError(marks)
    settings = dict(said.get("settings", {}))
    return _made(NodeState, {**said, "objects": objects, "marks": marks, "settings": settings})


def _made(kind: type, said: Mapping[str, Any]) -> Any:
    """Return a noun from what is known of it; what a later version has added is passed over."""
    names = {entry.name for entry in fields(kind)}
    return kind(**{name: value for name, value in said.items() if name in names})
