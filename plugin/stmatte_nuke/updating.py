# SPDX-License-Identifier: Apache-2.0
"""Update this node: a node of the STMatte that is installed takes the place of an older one.

Values, connections, name, place and the artist's own knobs are taken over; it is one step of
undo. The pressed node goes: call it when its button's script is over. Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import nuke

from stmatte_host import EngineError

from . import inside, knobs
from .gizmo_text import CLASS
from .knob_list import KEPT, NAMED, NO_OBJECT
from .wiring import crypto_levels_for

_LOOKS = (
    *("label", "tile_color", "gl_color", "note_font", "note_font_size", "note_font_color"),
    *("hide_input", "disable", "cached", "postage_stamp", "bookmark", "dope_sheet"),
    *("useLifetime", "lifetimeStart", "lifetimeEnd", "autolabel"),
)
"""What every node has and an artist may have set."""


def update(node: nuke.Node) -> nuke.Node:
    """Put a fresh STMatte node in the place of an older one, and return it.

    Raises EngineError if STMatte.gizmo isn't found, or the node is none that it made; the older
    node then stays as it was.
    """
    if node.knob("stm_version") is None:
        raise EngineError(
            f'Node "{node.name()}" is not an STMatte node',
            allowed="nodes that were made with STMatte are updated",
            repair="Choose one of them",
        )
    nuke.Undo.begin("Update STMatte")
    try:
        with node.parent():
            fresh = _fresh()
            try:
                _take_values(fresh, node)
                _take_connections(fresh, node)
            except Exception:
                nuke.delete(fresh)
                raise
            return _take_place(fresh, node)
    finally:
        nuke.Undo.end()


def _fresh() -> nuke.Node:
    """Make a node from the file; what was selected stays selected and is connected to nothing."""
    selected = nuke.selectedNodes()
    _select(())
    try:
        fresh = nuke.createNode(CLASS, "", False)
    except RuntimeError as error:
        raise EngineError(
            "STMatte.gizmo is not found",
            allowed="the folder nuke_gizmo is on NUKE_PATH",
            repair="Put it there and start Nuke again",
        ) from error
    finally:
        _select(selected)
    return fresh


def _select(nodes: Iterable[nuke.Node]) -> None:
    for each in nuke.selectedNodes():
        each.setSelected(False)
    for each in nodes:
        each.setSelected(True)


def _take_values(fresh: nuke.Node, node: nuke.Node) -> None:
    """Take over all that the artist chose, and the inside that belongs to it."""
    said = [name for name in cast(Any, node.knob("object")).values() if name != NO_OBJECT]
    levels = crypto_levels_for(len(said)) if _ticked(node, "cryptomatte") else 0
    inside.arrange(fresh, said, uncertainty=_ticked(node, "uncertainty"), crypto_levels=levels)
    for name in (*KEPT, *_LOOKS):
        if node.knob(name) is not None and fresh.knob(name) is not None:
            _take(fresh[name], node[name])
    for name, knob in node.knobs().items():
        if fresh.knob(name) is None and name not in NAMED:
            _adopt(fresh, knob)
    knobs.show_rows(fresh)


def _ticked(node: nuke.Node, name: str) -> bool:
    return node.knob(name) is not None and knobs.flag(node, name)


def _take(new: nuke.Knob, old: nuke.Knob) -> None:
    """Take a knob's value: an animation or an expression as it is, else what it holds."""
    try:
        moving = bool(old.isAnimated() or old.hasExpression())
    except (AttributeError, RuntimeError, TypeError):  # kinds that cannot be animated
        moving = False
    if moving:
        new.fromScript(old.toScript())
    elif new.value() != old.value():
        new.setValue(old.value())


def _adopt(fresh: nuke.Node, knob: nuke.Knob) -> None:
    """Give the new node a knob that the artist added to the old one."""
    kind = getattr(nuke, knob.Class(), None)
    if kind is None:
        return  # of a kind that Python cannot make
    made = kind(knob.name(), knob.label())
    values = getattr(knob, "values", None)
    if values is not None:
        made.setValues(list(values()))
    fresh.addKnob(made)
    if not isinstance(knob, nuke.Tab_Knob):
        _take(made, knob)


def _take_connections(fresh: nuke.Node, node: nuke.Node) -> None:
    for number in range(node.inputs()):
        fresh.setInput(number, node.input(number))
    for below in node.dependent(nuke.INPUTS | nuke.HIDDEN_INPUTS):
        for number in range(below.inputs()):
            if below.input(number) == node:
                below.setInput(number, fresh)


def _take_place(fresh: nuke.Node, node: nuke.Node) -> nuke.Node:
    name, shown, selected = node.name(), node.shown(), node.isSelected()
    fresh.setXYpos(node.xpos(), node.ypos())
    nuke.delete(node)
    fresh.setName(name)
    fresh.setSelected(selected)
    if shown and nuke.GUI:
        fresh.showControlPanel()
    return fresh
