# SPDX-License-Identifier: Apache-2.0
"""Nodes are made and deleted."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import _classes, _running
from ._group import Group, current
from ._node import Node
from ._seat import seat
from ._threads import Guarded, check, main_only


def added(kind: str, around: Group, name: str | None = None) -> Node:
    """Put a fresh node of a stock class into a group."""
    if kind not in _classes.STOCK:
        raise RuntimeError(f"{kind}: Unknown command")
    node = Group("Group", around) if kind == "Group" else Node(kind, around)
    for asked, value in seat().knob_defaults.items():
        kind_asked, _, knob = asked.rpartition(".")
        if kind_asked in ("", "*", kind) and knob in node._knobs:
            node._knobs[knob]._read(value, "quoted")
            node._knobs[knob]._default = node._knobs[knob]._state()
    named = name if name and around._child(name) is None else around._free_name(name or kind)
    node._knobs["name"]._restore(named)
    put_in(node, around)
    seat().touched(lambda: take_out(node), lambda: put_in(node, around))
    return node


def put_in(node: Node, around: Group) -> None:
    """Attach a node; what is inside it comes along."""
    around._children.append(node)
    _attach(node, True)


def take_out(node: Node) -> None:
    """Detach a node; what is inside it goes along."""
    assert node._parent is not None
    node._parent._children.remove(node)
    _attach(node, False)


def _attach(node: Node, attached: bool) -> None:
    for each in [node, *(node._all() if isinstance(node, Group) else ())]:
        each._attached = attached


@main_only
def createNode(typ: str, knobs: str = "", inpanel: bool = True) -> Node:
    """Make a node as a person does: below the selected one, selected, its panel open."""
    if not isinstance(typ, str) or not isinstance(knobs, str):
        raise TypeError("createNode takes the class and the knobs, both str")
    from . import _nk_files

    around = current()
    above = [node for node in around._children if node.isSelected()][-1:]
    # A file that pastes a group may lie on the path.
    node = added(typ, around) if typ in _classes.STOCK else _nk_files.from_file(typ, around)
    if knobs:
        node.readKnobs(knobs)
    ends = ("Viewer", "Output", "BackdropNode", "StickyNote")
    if above and node.maximumInputs() and above[0]._kind not in ends:
        node.setInput(0, above[0])
    for other in around._children:
        other.setSelected(other is node)
    if inpanel and seat().gui:
        node._panel = True
    _running.callbacks("onCreate", node)
    return node


class NodeConstructor(Guarded):
    """What `nuke.nodes.Blur` is: it makes a node that is neither linked nor selected."""

    def __init__(self, kind: str) -> None:
        self._of = kind

    def __call__(self, **knobs: Any) -> Node:
        check(f"nuke.nodes.{self._of}")
        inputs = knobs.pop("inputs", [])
        name = knobs.pop("name", None)
        from . import _nk_files

        if self._of in _classes.STOCK:
            node = added(self._of, current(), name)
        else:
            node = _nk_files.from_file(self._of, current())
        for number, above in enumerate(inputs):
            node.setInput(number, above)
        for knob, value in knobs.items():
            node[knob].setValue(value)  # type: ignore[attr-defined]
        _running.callbacks("onCreate", node)
        return node


class Nodes:
    """`nuke.nodes`: a constructor for each class."""

    def __getattr__(self, item: str) -> NodeConstructor:
        if item.startswith("__"):
            raise AttributeError(item)
        return NodeConstructor(item)


@main_only
def delete(n: Node) -> None:
    """Delete a node; those below it are left without that input."""
    # Nuke deletes a second time with the same complaint as any use of a node that is gone.
    if not isinstance(n, Node):
        raise TypeError("delete takes a node")
    n._stand()
    if n._parent is None:
        raise ValueError("the root cannot be deleted")
    if seat().executing:
        raise RuntimeError("Cannot delete a node while something is executing")
    around = n._parent
    seat().history.begin(f"delete {n._called()}")
    try:
        # Whether Nuke joins what is below to what is above, as for a person who deletes, is not
        # known: here the input falls away, or otherwise.
        instead = n.input(0) if seat().otherwise else None
        for below in around._children:
            for number, above in enumerate(list(below._inputs)):
                if above is n:
                    before = list(below._inputs)
                    after = [instead if i == number else each for i, each in enumerate(before)]
                    below._relink(after)
                    seat().touched(partial(below._relink, before), partial(below._relink, after))
        take_out(n)
        seat().touched(lambda: put_in(n, around), lambda: take_out(n))
    finally:
        seat().history.end()
