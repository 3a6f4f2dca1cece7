# SPDX-License-Identifier: Apache-2.0
"""Programs of the user that Nuke runs: what buttons say, and callbacks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ._seat import seat

if TYPE_CHECKING:
    from ._group import Group
    from ._knob import Knob
    from ._node import Node


@contextlib.contextmanager
def speaking(node: Node, knob: Knob | None) -> Iterator[None]:
    """Make a node and a knob nuke's own while something runs; one step of undo.

    Whether a group's button finds itself inside the group is not known: it does, or otherwise.
    """
    from ._group import Group

    here = seat()
    around: Group = node._parent if node._parent is not None else here.root
    here.groups.append(node if isinstance(node, Group) and not here.otherwise else around)
    depth = len(here.groups)
    here.nodes.append(node)
    if knob is not None:
        here.knobs.append(knob)
    here.history.begin(f"{node._called()}.{knob._name}" if knob is not None else "")
    try:
        yield
    finally:
        here.history.end()
        if knob is not None:
            here.knobs.pop()
        here.nodes.pop()
        del here.groups[depth - 1 :]


def run(node: Node, knob: Knob, program: str) -> None:
    """Run what a button says. Nuke would show an error; here it reaches the test."""
    with speaking(node, knob):
        exec(compile(program, f"<{node._called()}.{knob._name}>", "exec"), {"__name__": "__main__"})


def callbacks(event: str, node: Node, knob: Knob | None = None) -> None:
    """Run a node's own program for an event, then those that were added for its class and for *."""
    own = node._knobs.get(event)
    program = str(own._state()) if own is not None else ""
    added = seat().callbacks.get(event, {})
    calls = [*added.get(node._kind, []), *added.get("*", [])]
    if (not program and not calls) or (node in seat().nodes and event == "knobChanged"):
        return  # not recursive
    with speaking(node, knob):
        if program:
            exec(compile(program, f"<{node._called()}.{event}>", "exec"), {"__name__": "__main__"})
        for call in calls:
            call()
