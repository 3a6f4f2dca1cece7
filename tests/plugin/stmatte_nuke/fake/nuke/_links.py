# SPDX-License-Identifier: Apache-2.0
"""What a node is connected to: inputs, and what its expressions speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from . import _expressions, _flags, _references
from ._knob import Knob
from ._number_knobs import Array_Knob
from ._seat import seat
from ._threads import Guarded

if TYPE_CHECKING:
    from ._group import Group
    from ._node import Node


class Linked(Guarded):
    """The links of a node; `Node` is the one class below."""

    _parent: Group | None
    _knobs: dict[str, Knob]
    _inputs: list[Node | None]
    _least: int
    _most: int

    def _path(self) -> str:
        raise NotImplementedError

    def inputs(self) -> int:
        found = [number for number, node in enumerate(self._inputs) if node is not None]
        return found[-1] + 1 if found else 0

    def input(self, index: int) -> Node | None:
        if not isinstance(index, int):
            raise TypeError("input takes an int")
        return self._inputs[index] if 0 <= index < len(self._inputs) else None

    def minimumInputs(self) -> int:
        return self._least

    def minInputs(self) -> int:
        return self._least

    def maximumInputs(self) -> int:
        return self._most

    def maxInputs(self) -> int:
        return self._most

    def optionalInput(self) -> int:
        return self._least

    def canSetInput(self, i: int, node: Node) -> bool:
        node._stand()
        same_place = node._parent is self._parent
        return 0 <= i < self._most and same_place and not node._hears(cast("Node", self))

    def setInput(self, i: int, node: Node | None) -> bool:
        if (
            isinstance(i, bool)
            or not isinstance(i, int)
            or not (node is None or isinstance(node, Linked))
        ):
            raise TypeError("setInput takes an int and a node or None")
        if node is not None and not self.canSetInput(i, node):
            # Nuke returns False where it can't, or links across groups by name; nobody should
            # rely on either, so it is refused.
            raise ValueError(f"{self._path()} cannot take {node._path()} as input {i}")
        before = list(self._inputs)
        after = before + [None] * (i + 1 - len(before))
        if node is None and i >= len(before):
            return True
        after[i] = node
        self._relink(after)
        seat().touched(lambda: self._relink(before), lambda: self._relink(after))
        return True

    def connectInput(self, i: int, node: Node | None) -> bool:
        return self.setInput(i, node)

    def _relink(self, inputs: list[Node | None]) -> None:
        self._inputs = list(inputs)

    def _hears(self, other: Node) -> bool:
        """Whether another node lies above this one, or is it."""
        waiting, seen = [self], set()
        while waiting:
            node = waiting.pop()
            if node is other:
                return True
            if id(node) not in seen:
                seen.add(id(node))
                waiting += [above for above in node._inputs if above is not None]
        return False

    def dependencies(
        self, mask: int = _flags.INPUTS | _flags.HIDDEN_INPUTS | _flags.EXPRESSIONS
    ) -> list[Node]:
        found: list[Node] = []
        if mask & (_flags.INPUTS | _flags.HIDDEN_INPUTS):
            found += [node for node in self._inputs if node is not None]
        if mask & _flags.EXPRESSIONS:
            found += [node for node in self._expression_nodes() if node is not self]
        return list(dict.fromkeys(found))

    def _expression_nodes(self) -> Iterator[Node]:
        for knob in self._knobs.values():
            for text in _expressions_of(knob):
                for name in text:
                    found = _references.find(name, cast("Node", self))
                    if found is not None and found.knob._node is not None:
                        yield found.knob._node

    def dependent(
        self,
        mask: int = _flags.INPUTS | _flags.HIDDEN_INPUTS | _flags.EXPRESSIONS,
        forceEvaluate: bool = True,
    ) -> list[Node]:
        around = self._parent._children if self._parent is not None else []
        return [node for node in around if self in node.dependencies(mask)]


def _expressions_of(knob: Knob) -> Iterator[list[str]]:
    from ._text_knobs import EvalString_Knob

    if isinstance(knob, Array_Knob):
        for channel in knob._channels:
            if channel.expression:
                yield _expressions.names(channel.expression)
    elif isinstance(knob, EvalString_Knob):
        yield re.findall(r"\[value ([\w.]+)\]", knob._value)
