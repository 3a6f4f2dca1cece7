# SPDX-License-Identifier: Apache-2.0
"""From nodes to .nk text. What is not to be written is not: `DO_NOT_WRITE`, values of default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from ._flags import DO_NOT_WRITE
from ._group import Group
from ._nk_knobs import line_of
from ._node import Node
from ._seat import seat
from ._text_knobs import Script_Knob, Text_Knob


def script() -> str:
    """Return the whole script."""
    here = seat()
    lines = ["version 15.1 v4", "Root {"]
    lines += [f" {line}" for line in knob_lines(here.root, user=True)]
    lines += ["}", *_layers()]
    return "\n".join([*lines, *_floor(here.root._children, "")]) + "\n"


def some(nodes: Iterable[Node]) -> str:
    """Return the text of some nodes of one floor, as copying makes it."""
    head = ["set cut_paste_input [stack 0]", "version 15.1 v4", "push $cut_paste_input"]
    return "\n".join([*head, *_layers(), *_floor(list(nodes), "")]) + "\n"


def _layers() -> list[str]:
    # Nuke leaves out channels that no knob names; all are written here but its own.
    own = ("rgba", "depth", "mask")
    layers = seat().layers.items()
    return [f"add_layer {{{name} {' '.join(kept)}}}" for name, kept in layers if name not in own]


def _floor(nodes: list[Node], indent: str, numbers: Iterator[int] | None = None) -> Iterator[str]:
    """Yield the nodes of one floor: those above first, each pushing what it hears."""
    order = _sorted(nodes)
    numbers = count(4096) if numbers is None else numbers  # no name twice, on whatever floor
    names = {id(node): f"N{next(numbers):x}" for node in order}
    for node in order:
        heard = [each if id(each) in names else None for each in _heard(node)]
        for each in reversed(heard):
            yield indent + (f"push ${names[id(each)]}" if each is not None else "push 0")
        yield f"{indent}{node._kind} {{"
        yield f"{indent} inputs {len(heard)}"
        for line in knob_lines(node, user=True):
            yield f"{indent} {line}"
        yield f"{indent}}}"
        if isinstance(node, Group):
            yield from _floor(node._children, indent + " ", numbers)
            yield f"{indent}end_group"
        yield f"{indent}set {names[id(node)]} [stack 0]"


def _heard(node: Node) -> list[Node | None]:
    heard = list(node._inputs)
    while heard and heard[-1] is None:
        heard.pop()
    return heard


def _sorted(nodes: list[Node]) -> list[Node]:
    done: dict[int, Node] = {}
    inside = {id(node) for node in nodes}

    def visit(node: Node) -> None:
        if id(node) in done or id(node) not in inside:
            return
        for above in node._inputs:
            if above is not None:
                visit(above)
        done[id(node)] = node

    for node in nodes:
        visit(node)
    return list(done.values())


def knob_lines(node: Node, *, user: bool, everything: bool = False) -> list[str]:
    """Return the `knob value` lines of a node; `user` adds the lines that make its own knobs."""
    lines = []
    for name, knob in node._knobs.items():
        if knob._user and user:
            lines.append(f"addUserKnob {{{line_of(knob)}}}")
        if name == "selected" and not everything:
            if node.isSelected():
                lines.append("selected true")
            continue
        if knob._flags & DO_NOT_WRITE or (
            isinstance(knob, (Text_Knob, Script_Knob)) and knob._user
        ):
            continue
        if (name == "name" and node is not seat().root) or not knob._is_default() or everything:
            text = knob._text()
            if text:
                lines.append(f"{name} {text}")
    return lines
