# SPDX-License-Identifier: Apache-2.0
"""What an artist has said on a node's knobs: objects, settings, the range.

The knobs are all the state there is: what is not on them does not exist, so undo, copying and
saving need no help. What Nuke or the engine would understand differently is refused here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import nuke

from stmatte_host import EngineError

from . import knobs
from .knob_list import ROWS, row_names
from .object_names import check_names

DEFAULTS: dict[str, Any] = {
    "model": "stmatte-s",
    "reach": 1,
    "edges": "guided",
    "focus": "off",
    "steady": False,
    "adapt": 0,
    "precision": "float32",
}
"""What the engine takes where a node says nothing."""


@dataclass(frozen=True)
class NodeObject:
    """An object of a node.

    row     of the table, 1 to `ROWS`
    name    the engine's name and the layer's
    source  where its keys come from, as it was written; see `sources`
    on      whether mattes are made for it
    """

    row: int
    name: str
    source: str = ""
    on: bool = True


def rows(group: nuke.Node) -> tuple[NodeObject, ...]:
    """Return the objects of a node; a row without a name is none.

    Raises EngineError for a name that Nuke would not show as it is, or that stands twice.
    """
    found = []
    for row in range(1, ROWS + 1):
        on, name, source = row_names(row)
        said = knobs.text(group, name).strip()
        if said:
            text = knobs.text(group, source).strip()
            found.append(NodeObject(row, said, text, knobs.flag(group, on)))
    check_names((each.name for each in found), nuke.views())
    return tuple(found)


def put_rows(group: nuke.Node, objects: Iterable[NodeObject]) -> None:
    """Write objects into the table, one below the other, and show one row more than they need.

    Raises EngineError if there are more than the table has rows, and changes nothing.
    """
    kept = tuple(objects)
    if len(kept) > ROWS:
        raise EngineError(
            f"{len(kept)} objects are more than a node has room for",
            allowed=f"a node has up to {ROWS}",
            repair="Group shapes in layers of the Roto, or add a second STMatte node",
        )
    for row in range(1, ROWS + 1):
        each = kept[row - 1] if row <= len(kept) else NodeObject(row, "")
        on, name, source = row_names(row)
        knobs.put(group, on, each.on)
        knobs.put(group, name, each.name)
        knobs.put(group, source, each.source)
    knobs.show_rows(group, len(kept))


def settings(group: nuke.Node, plate: str = "", colorspace: str = "") -> dict[str, Any]:
    """Return how mattes are made, as far as it differs from the engine's own.

    plate       pattern of the plate: an exposure that was measured on another one is left out
    colorspace  the plate's, as Nuke says; what the knob says counts more
    """
    reach = knobs.text(group, "reach")
    said: dict[str, Any] = {
        "model": knobs.text(group, "model"),
        "reach": int(reach) if reach.isdigit() else "all",
        "edges": knobs.text(group, "edges"),
        "focus": knobs.text(group, "focus"),
        "steady": knobs.flag(group, "steady"),
        "adapt": knobs.number(group, "adapt"),
        "precision": knobs.text(group, "precision"),
    }
    differing = {name: value for name, value in said.items() if value != DEFAULTS[name]}
    height = knobs.number(group, "working_height")
    if height:
        differing["working_height"] = height
    space = knobs.text(group, "colorspace").strip() or colorspace
    if space:
        differing["colorspace"] = space
    stops = _exposure(group, plate)
    if stops is not None:
        differing["exposure"] = stops
    return differing


def keep_exposure(group: nuke.Node, stops: float, plate: str) -> None:
    """Keep what the engine measured on a plate, so that it stays whatever frames the shot gets."""
    if _exposure(group, plate) is None:
        knobs.put(group, "stm_exposure", repr(stops))
        knobs.put(group, "stm_plate", plate)


def wished_range(group: nuke.Node) -> tuple[int, int] | None:
    """Return first and last frame that were asked for; None means all of the plate.

    Raises EngineError if they run backwards.
    """
    how = knobs.text(group, "range")
    if how == "plate":
        return None
    if how == "project":
        root = nuke.root()
        return int(root.firstFrame()), int(root.lastFrame())
    first, last = knobs.number(group, "first"), knobs.number(group, "last")
    if first > last:
        raise EngineError(
            f"Frames {first}-{last} run backwards",
            allowed="the first frame comes before the last",
            repair="Correct first and last in the node, or set its range to plate",
        )
    return first, last


def shot_range(group: nuke.Node, plate_first: int, plate_last: int) -> tuple[int, int]:
    """Return first and last frame of the shot: what was asked for and the plate has.

    Raises EngineError if that is nothing, or lies before frame 0.
    """
    first, last = wished_range(group) or (plate_first, plate_last)
    inside = max(first, plate_first), min(last, plate_last)
    if inside[0] > inside[1]:
        project = knobs.text(group, "range") == "project"
        raise EngineError(
            f"{'The project has' if project else 'The node asks for'} frames {first}-{last}, and "
            "the plate has none of them",
            allowed=f"the plate has frames {plate_first}-{plate_last}",
            repair="Set the node's range to plate"
            + (", or correct the range in Project Settings" if project else ""),
        )
    if inside[0] < 0:
        raise EngineError(
            f"The shot begins at frame {inside[0]}",
            allowed="Nuke writes numbers below 0 in another way than the files of the mattes",
            repair="Begin at frame 0 or later, or move the plate with a TimeOffset",
        )
    return inside


def keep_range(group: nuke.Node, first: int, last: int) -> None:
    """Have the node read mattes from first to last; a range that was typed stays as it is."""
    if knobs.text(group, "range") != "custom":
        knobs.put(group, "first", first)
        knobs.put(group, "last", last)


def _exposure(group: nuke.Node, plate: str) -> float | None:
    """Return the exposure that was measured on a plate; None if none was, or on another one."""
    if not plate or knobs.text(group, "stm_plate") != plate:
        return None
    try:
        return float(knobs.text(group, "stm_exposure"))
    except ValueError:
        return None
