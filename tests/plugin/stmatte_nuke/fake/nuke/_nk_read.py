# SPDX-License-Identifier: Apache-2.0
"""From .nk text to nodes, by the rules of Nuke's stack."""

from __future__ import annotations

from functools import partial

from . import _classes
from ._group import Group
from ._nk_knobs import knob_of
from ._nk_text import Statement, pairs, statements
from ._node import Node
from ._seat import seat
from ._tcl_list import TclError, Word

Stack = list


def read(text: str, around: Group, first: Node | None = None) -> list[Node]:
    """Make the nodes of a text inside a group; `first` lies on the stack at the beginning.

    Returns the nodes of the outermost floor, in the order of the text.
    """
    return _Reading(around, first).all(statements(text))


class _Reading:
    def __init__(self, around: Group, first: Node | None) -> None:
        self.floors: list[tuple[Group, list[Node | None], list[Node | None]]] = []
        self.around = around
        self.stack: list[Node | None] = [first] if first is not None else []
        self.above: list[Node | None] = []
        self.names: dict[str, Node | None] = {}
        self.outer: list[Node] = []

    def all(self, lines: list[Statement]) -> list[Node]:
        for line in lines:
            try:
                self.one(line)
            except RuntimeError as wrong:  # noqa: PERF203 (the line is said)
                raise type(wrong)(f"line {line.line}: {wrong}") from wrong
        if self.floors:
            raise TclError("a Group lacks its end_group")
        return self.outer

    def one(self, line: Statement) -> None:
        texts = [word.text for word in line.rest]
        if line.head == "set" and len(texts) in (2, 3):
            if [part.strip("[]") for part in texts[1:]] != ["stack", "0"]:
                raise TclError(f"set {' '.join(texts)} is not read here")
            self.names[texts[0]] = self.stack[-1] if self.stack else None
        elif line.head == "push" and len(texts) == 1:
            self.push(texts[0])
        elif line.head in ("version", "define_window_layout_xml"):
            return
        elif line.head == "add_layer":
            name, *channels = texts[0].split()
            kept = seat().layers.setdefault(name, [])
            kept += [channel for channel in channels if channel not in kept]
        elif line.head == "end_group":
            self.close()
        elif line.head == "Root":
            for name, word in pairs(texts[0], line.line):
                give(seat().root, name, word)
            seat().frame = int(seat().root._knobs["frame"]._at(0, 0))  # type: ignore[attr-defined]
        elif len(line.rest) == 1 and line.rest[0].how == "braced":
            self.node(line.head, texts[0], line.line)
        else:
            raise TclError(f'invalid command name "{line.head}"')

    def push(self, what: str) -> None:
        if what == "0":
            self.stack.append(None)
        elif what.startswith("$") and what[1:] in self.names:
            self.stack.append(self.names[what[1:]])
        else:
            raise TclError(f'can\'t read "{what.lstrip("$")}": no such variable')

    def close(self) -> None:
        if not self.floors:
            raise TclError("end_group without a Group")
        group = self.around
        self.around, self.stack, above = self.floors.pop()
        self.connect(group, above)
        self.stack.append(group)

    def node(self, kind: str, body: str, line: int) -> None:
        if kind == "Gizmo":
            raise RuntimeError("Gizmo: a render farm does not know it; the file must say Group")
        if kind not in _classes.STOCK:
            raise RuntimeError(f"{kind}: Unknown command")
        found = pairs(body, line)
        given = {name: word.text for name, word in found}
        count = _inputs(given.get("inputs"), kind)
        above = [self.stack.pop() if self.stack else None for _ in range(count)]
        from ._making import added

        node = added(kind, self.around)
        if not self.floors:
            self.outer.append(node)
        called = given.get("name", kind)
        node._knobs["name"]._restore("")
        node._knobs["name"]._restore(_name(self.around, called, node))
        for name, word in found:
            if name not in ("inputs", "name"):
                give(node, name, word)
        if isinstance(node, Group):
            self.floors.append((self.around, self.stack, above))
            self.around, self.stack = node, []
        else:
            self.connect(node, above)
            self.stack.append(node)

    def connect(self, node: Node, above: list[Node | None]) -> None:
        for number, each in enumerate(above):
            if each is not None:
                node.setInput(number, each)


def _name(around: Group, wanted: str, node: Node) -> str:
    """Return the name, or where another node has it, the next free one."""
    taken = around._child(wanted)
    return wanted if taken is None or taken is node else around._free_name(wanted)


def _inputs(said: str | None, kind: str) -> int:
    if said is None:
        # Sources take none although nothing says so: they have no input.
        return 0 if _classes.STOCK[kind].most == 0 and kind != "Group" else 1
    return sum(int(part) for part in said.split("+"))


def give(node: Node, name: str, word: Word) -> None:
    """Take over one value of a node's body."""
    if name == "addUserKnob":
        knob = knob_of(word.text)
        if knob._name in node._knobs:
            raise RuntimeError(f"there are two knobs named {knob._name}")
        node._put_knob(knob)
        return
    knob_there = node._knobs.get(name)
    if knob_there is None:
        raise RuntimeError(f"{node._called()} has no knob {name}")
    knob_there._read(word.text, word.how)


def read_knobs(node: Node, text: str) -> None:
    """Take over `knob value` pairs, as `Node.readKnobs` and `createNode`'s second argument do."""
    for name, word in pairs(text, 1):
        if name == "name":
            node.setName(word.text)
            continue
        knob = node._knobs.get(name)
        if knob is None or name == "addUserKnob":
            before = set(node._knobs)
            give(node, name, word)
            for fresh in set(node._knobs) - before:
                added_knob = node._knobs[fresh]
                seat().touched(
                    partial(node._drop_knob, added_knob), partial(node._put_knob, added_knob)
                )
            continue
        state = knob._state()
        knob._read(word.text, word.how)
        after = knob._state()
        knob._restore(state)
        if after != state:
            knob._change(after)
