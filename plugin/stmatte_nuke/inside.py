# SPDX-License-Identifier: Apache-2.0
"""Brings the inside of an STMatte node to what its objects need, by the smallest change.

Where it is so already, nothing is touched: the viewer renders nothing anew and the script stays
unmodified. Nodes that somebody else put in there are left alone. Main thread only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import nuke

from . import knobs
from .knob_list import NO_OBJECT
from .tcl import value
from .wiring import CRYPTO_FILES, MATTES, PAIRS, InsideNode, inside, is_ours, layers


def arrange(
    group: nuke.Node,
    objects: Sequence[str],
    *,
    uncertainty: bool = False,
    crypto_levels: int = 0,
) -> None:
    """Make a node carry these objects; the object chosen stays chosen, by its name.

    objects  engine's names, in their order; the rest is as in wiring.inside

    Raises EngineError if the node lacks a knob.
    """
    knobs.show_rows(group)
    known = layers(objects, uncertainty=uncertainty, crypto_levels=crypto_levels)
    wanted = inside(objects, uncertainty=uncertainty, crypto_levels=crypto_levels)
    offered = tuple(objects) or (NO_OBJECT,)
    inner = cast(nuke.Group, group)
    lacking = [layer for layer in known if not set(nuke.channels()).issuperset(layer[1:])]
    if not lacking and _offers(group) == offered and _is_so(inner, wanted):
        return
    nuke.Undo.begin("STMatte's objects")
    try:
        for name, *channels in lacking:  # before a node names one of them
            cast(Any, nuke.Layer)(name, channels)
        _offer(group, offered)
        _bring(inner, wanted)
    finally:
        nuke.Undo.end()


def refresh(group: nuke.Node) -> None:
    """Read the mattes from the disk again."""
    for name in (MATTES, CRYPTO_FILES):
        read = cast(nuke.Group, group).node(name)
        if read is not None:
            cast(Any, read["reload"]).execute()


def chosen_after(before: Sequence[str], chosen: str, after: Sequence[str]) -> str:
    """Return which object is chosen when the objects change.

    The one that was, if it is still there. Else it may have a new name: then what stands in
    its place and wasn't there before. Else the first.
    """
    if chosen in after:
        return chosen
    if chosen in before and len(before) == len(after):
        renamed = after[list(before).index(chosen)]
        if renamed not in before:
            return renamed
    return after[0]


def _offers(group: nuke.Node) -> tuple[str, ...]:
    return tuple(cast(Any, group.knob("object")).values())


def _offer(group: nuke.Node, objects: Sequence[str]) -> None:
    before, chosen = _offers(group), knobs.text(group, "object")
    if before != tuple(objects):
        cast(Any, group["object"]).setValues(list(objects))
    knobs.put(group, "object", chosen_after(before, chosen, objects))


def _is_so(group: nuke.Group, wanted: Sequence[InsideNode]) -> bool:
    """Whether a group has just these nodes of ours, connected and copying so."""
    names = {node.name for node in wanted}
    if any(is_ours(there.name()) and there.name() not in names for there in group.nodes()):
        return False
    for node in wanted:
        there = group.node(node.name)
        if there is None or there.Class() != node.kind or _sources(there) != node.inputs:
            return False
        if any(_said(there, name) != channel for name, channel in _channels(node)):
            return False
    return True


def _sources(there: nuke.Node) -> tuple[str | None, ...]:
    """The names of what is connected; inputs that are empty at the end don't count."""
    found = [there.input(number) for number in range(there.inputs())]
    while found and found[-1] is None:
        found.pop()
    return tuple(source.name() if source else None for source in found)


def _channels(node: InsideNode) -> list[tuple[str, str]]:
    """What a Copy copies: of all knobs inside, these alone depend on the objects."""
    if node.kind != "Copy":
        return []
    names = [f"{way}{number}" for number in range(PAIRS) for way in ("from", "to")]
    return [(name, node.knobs.get(name, "none")) for name in names]


def _said(there: nuke.Node, name: str) -> str:
    """A channel that a knob says, as a script has it: Nuke says "alpha" of rgba.alpha."""
    channel = knobs.text(there, name) or "none"
    return f"rgba.{channel}" if channel in ("red", "green", "blue", "alpha") else channel


def _bring(group: nuke.Group, wanted: Sequence[InsideNode]) -> None:
    names = {node.name for node in wanted}
    for node in wanted:
        there = group.node(node.name)
        if there is not None and there.Class() != node.kind:
            there.setName(f"{node.name}_yours")  # somebody else's; the name is ours
            there = None
        if there is None:
            _make(group, node)
        else:
            for name, channel in _channels(node):
                if _said(there, name) != channel:
                    knobs.put(there, name, channel)
    for node in wanted:
        _connect(group, node)
    for there in group.nodes():
        if is_ours(there.name()) and there.name() not in names:
            nuke.delete(there)


def _make(group: nuke.Group, node: InsideNode) -> None:
    """Make a node as the gizmo's file would: nothing is connected to what is selected."""
    with group:
        made = getattr(nuke.nodes, node.kind)()
        made.setName(node.name)
        made.readKnobs("\n".join(f"{name} {value(text)}" for name, text in node.knobs.items()))


def _connect(group: nuke.Group, node: InsideNode) -> None:
    there = cast(nuke.Node, group.node(node.name))
    for number in reversed(range(len(node.inputs), there.inputs())):
        if there.input(number) is not None:
            there.setInput(number, None)
    for number, name in enumerate(node.inputs):
        source = group.node(name) if name else None
        now = there.input(number)
        if (now.name() if now else None) != name:
            there.setInput(number, source)
