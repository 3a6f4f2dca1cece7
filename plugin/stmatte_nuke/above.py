# SPDX-License-Identifier: Apache-2.0
"""Which nodes stand above a node, through Dots, into Groups and out of them.

Knows connections only, and none of what the nodes do.
"""

from __future__ import annotations

from collections.abc import Iterator

import nuke

_SEEN_THROUGH = ("Dot", "NoOp", "PostageStamp")

ROTOS = ("Roto", "RotoPaint")


def inputs(node: nuke.Node) -> tuple[nuke.Node, ...]:
    """Return what is connected to a node, in the order of its inputs.

    Above an Input node inside a Group stands what is connected to the Group from outside.
    """
    if node.Class() == "Input":
        outside = _outside(node)
        return () if outside is None else (outside,)
    found = (node.input(number) for number in range(node.inputs()))
    return tuple(each for each in found if each is not None)


def seen_through(node: nuke.Node | None) -> nuke.Node | None:
    """Return the node whose picture is seen: Dots, NoOps and disabled nodes only pass it on."""
    known: set[str] = set()
    while node is not None and node.fullName() not in known:
        known.add(node.fullName())
        if node.Class() == "Input":
            node = _outside(node)
        elif node.Class() in _SEEN_THROUGH or (node.inputs() and is_off(node)):
            node = node.input(0)
        else:
            return node
    return None


def is_off(node: nuke.Node) -> bool:
    """Return whether a node is disabled, on every frame."""
    knob = node.knob("disable")
    return (
        knob is not None
        and bool(knob.value())
        and not knob.isAnimated()
        and not knob.hasExpression()
    )


def walk(
    node: nuke.Node | None, *, stop: tuple[str, ...] = (), not_into: tuple[str, ...] = ()
) -> Iterator[nuke.Node]:
    """Yield a node and all above it, each once, and the nodes within Groups.

    stop      full names of nodes that are left out, with what only they lead to
    not_into  classes of nodes that are yielded, while what stands above them is not asked for
    """
    waiting = [] if node is None else [node]
    known = set(stop)
    while waiting:
        each = waiting.pop(0)
        if each.fullName() in known:
            continue
        known.add(each.fullName())
        yield each
        if isinstance(each, nuke.Group):
            waiting.extend(inner for inner in each.nodes() if inner.Class() != "Viewer")
        if each.Class() not in not_into:
            waiting.extend(inputs(each))


def _outside(node: nuke.Node) -> nuke.Node | None:
    """Return what is connected to the input of a Group that an Input node stands for."""
    knob = node.knob("number")
    number = 0 if knob is None else int(knob.value())
    return node.parent().input(number)
