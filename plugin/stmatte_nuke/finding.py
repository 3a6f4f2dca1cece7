# SPDX-License-Identifier: Apache-2.0
"""Find objects: rows of the table from what is connected to a node.

Each layer at the top of a Roto is an object, and each shape outside a layer; any other node is one
object, its alpha. Rows that are there stay. Names are folded here, where the artist sees the row
that comes of it, and whatever is not taken as it is called is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import nuke

from stmatte_host import EngineError
from stmatte_host.names import object_name

from . import above, rotos, sources, state
from .knob_list import ROWS
from .sources import MATTES, ROTO, Source
from .state import NodeObject


@dataclass(frozen=True)
class _Found:
    """Something that may be an object, and what the artist calls it."""

    called: str
    source: Source


def find_if_none(group: nuke.Node) -> tuple[str, ...]:
    """Find objects where the node has none; return what an artist should know, as sentences."""
    return () if state.rows(group) else find_objects(group)


def find_objects(group: nuke.Node) -> tuple[str, ...]:
    """Add a row for each object that is connected and has none; return sentences of what was done.

    Raises EngineError if nothing is connected that could be one.
    """
    kept = list(state.rows(group))
    known = [source for each in kept if (source := _source(each)) is not None]
    notes: list[str] = []
    new: list[NodeObject] = []
    for found in _connected(group, notes):
        if found.source in known:
            continue
        name = object_name(found.called, [*(each.name for each in (*kept, *new)), *nuke.views()])
        new.append(NodeObject(0, name, found.source.text))
        known.append(found.source)
        if name != found.called:
            notes.append(f'"{found.called}" is the object "{name}": so Nuke can name its layer.')
    room = ROWS - len(kept)
    if len(new) > room:
        left = ", ".join(each.name for each in new[room:])
        notes.append(f"A node has up to {ROWS} objects: {left} would need another STMatte node.")
        new = new[:room]
    state.put_rows(group, (*kept, *new))
    names = ", ".join(each.name for each in new)
    return (f"Found: {names}." if new else "Nothing was found that is not there yet.", *notes)


def _connected(group: nuke.Node, notes: list[str]) -> Iterator[_Found]:
    """Yield what is connected, and note what of it cannot be an object."""
    there = [number for number in range(ROTO, ROTO + MATTES + 1) if group.input(number)]
    if not there:
        raise EngineError(
            'Nothing is connected to the input "roto"',
            allowed="objects come from a Roto, or from any node with an alpha",
            repair="Connect one",
        )
    for number in there:
        node = group.input(number)
        roto = rotos.roto_behind(node) if number == ROTO else None
        if roto is not None:
            yield from _drawn(roto, notes)
        else:
            seen = above.seen_through(node) or node
            yield _Found(str(seen.name()), Source(number))  # type: ignore[union-attr]


def _drawn(roto: nuke.Node, notes: list[str]) -> Iterator[_Found]:
    offered = rotos.shapes(roto)
    if not offered:
        notes.append(f'The Roto "{roto.name()}" has no shape yet. Draw one, and press again.')
    paths = [each.path for each in offered]
    for each in offered:
        if paths.count(each.path) > 1 or not _is_reachable(each):
            sentence = f'The {each.kind} "{each.path}" of the Roto was left out: ' + (
                "another one is called so too. Rename one of them."
                if paths.count(each.path) > 1
                else "its name has slashes or spaces at an end. Rename it."
            )
            if sentence not in notes:
                notes.append(sentence)
        else:
            yield _Found(each.path, Source(ROTO, each.path))


def _is_reachable(found: rotos.ShapeFound) -> bool:
    """Return whether a source can say this path."""
    return "/" not in found.path and sources.parse(f"shape {found.path}").shape == found.path


def _source(each: NodeObject) -> Source | None:
    """Return where an object's keys come from; None if that cannot be read."""
    try:
        return sources.parse(each.source)
    except EngineError:
        return None
