# SPDX-License-Identifier: Apache-2.0
"""Reading and setting the knobs of an STMatte node, by name and by what they mean.

A knob is set only where its value differs: setting one makes Nuke render anew and the script
modified. Knows no knob's meaning; must be called from Nuke's main thread.
"""

from __future__ import annotations

from typing import Any, Union

import nuke

from stmatte_host import EngineError

from .knob_list import ROWS, ROWS_AT_FIRST, row_names

Value = Union[str, int, float, bool]


def text(node: nuke.Node, name: str) -> str:
    """Return what a knob says: a string as it was typed, of an enumeration the chosen item.

    Raises EngineError if the node has no such knob; so do the others here.
    """
    value = _knob(node, name).value()
    return "" if value is None else str(value)


def number(node: nuke.Node, name: str) -> int:
    """Return the whole number that a knob holds at the current frame."""
    return round(float(_knob(node, name).value()))


def real(node: nuke.Node, name: str) -> float:
    """Return the number that a knob holds at the current frame."""
    return float(_knob(node, name).value())


def flag(node: nuke.Node, name: str) -> bool:
    """Return whether a box is ticked."""
    return bool(_knob(node, name).value())


def put(node: nuke.Node, name: str, value: Value) -> None:
    """Set a knob; one that holds the value already is left alone."""
    knob = _knob(node, name)
    if knob.value() != value:
        knob.setValue(value)


def show_text(node: nuke.Node, name: str, sentence: str) -> None:
    """Show a text in the panel; a node without a place for it shows none.

    sentence  "" shows nothing
    """
    knob: Any = node.knob(name)
    shown = sentence or " "  # an empty text would be drawn as a dividing line
    if knob is not None and knob.value() != shown:
        knob.setValue(shown)


def show_rows(node: nuke.Node, used: int | None = None) -> None:
    """Show the rows of the table of objects that are used, and one for the next object.

    used  number of the last row that says anything; None looks at them
    """
    last = _last_row(node) if used is None else used
    for row in range(1, ROWS + 1):
        for name in row_names(row):
            knob = _knob(node, name)
            if knob.visible() != (row <= max(last + 1, ROWS_AT_FIRST)):
                knob.setVisible(not knob.visible())


def _last_row(node: nuke.Node) -> int:
    rows = range(ROWS, 0, -1)
    return next((row for row in rows if any(text(node, name) for name in row_names(row)[1:])), 0)


def _knob(node: nuke.Node, name: str) -> Any:
    knob = node.knob(name)
    if knob is None:
        raise EngineError(
            f'Node "{node.name()}" has no knob "{name}"',
            allowed="it was made by another version of STMatte, or is no STMatte node",
            repair="Press Update this node, in its group Engine",
        )
    return knob
