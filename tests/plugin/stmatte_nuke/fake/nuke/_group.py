# SPDX-License-Identifier: Apache-2.0
"""A group: a node with nodes inside; and the root, the group that is the script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ._node import Node
from ._seat import seat


class Group(Node):
    """A group. Its inputs are the Inputs inside it."""

    def __init__(self, kind: str = "Group", parent: Group | None = None) -> None:
        self._children: list[Node] = []
        super().__init__(kind, parent)

    def __iter__(self) -> Iterator[Node]:
        raise TypeError("'Group' object is not iterable: its nodes are group.nodes()")

    # -- kept for the fake's own files

    def _child(self, name: str) -> Node | None:
        return next((node for node in self._children if node._called() == name), None)

    def _find(self, path: str) -> Node | None:
        first, _, rest = path.partition(".")
        found = self._child(first)
        if not rest or found is None:
            return found
        return found._find(rest) if isinstance(found, Group) else None

    def _all(self) -> Iterator[Node]:
        for node in self._children:
            yield node
            if isinstance(node, Group):
                yield from node._all()

    def _free_name(self, wanted: str) -> str:
        """Return the name, or the name with the next free number."""
        if wanted[-1:].isdigit() and self._child(wanted) is None:
            return wanted
        stem = re.sub(r"\d+\Z", "", wanted)
        number = 1
        while self._child(f"{stem}{number}") is not None:
            number += 1
        return f"{stem}{number}"

    def _doors(self) -> list[Node]:
        """Return the Inputs inside, in the order of their numbers."""
        doors = [node for node in self._children if node._kind == "Input"]
        return sorted(doors, key=lambda door: door._knobs["number"]._at(0, 0))  # type: ignore[attr-defined]

    def canSetInput(self, i: int, node: Node) -> bool:
        self._most = len(self._doors())
        return super().canSetInput(i, node)

    def maximumInputs(self) -> int:
        return len(self._doors())

    def maxInputs(self) -> int:
        return len(self._doors())

    # -- Nuke's own

    def begin(self) -> Group:
        seat().groups.append(self)
        return self

    def end(self) -> None:
        if len(seat().groups) > 1:
            seat().groups.pop()

    def __enter__(self) -> Group:
        return self.begin()

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        self.end()

    def node(self, s: str) -> Node | None:
        return self._find(s)

    def nodes(self) -> list[Node]:
        return list(self._children)

    def numNodes(self) -> int:
        return len(self._children)

    def output(self) -> Node | None:
        return next((node for node in self._children if node._kind == "Output"), None)

    def selectedNodes(self) -> list[Node]:
        return [node for node in self._children if node.isSelected()]

    def selectedNode(self) -> Node | None:
        found = self.selectedNodes()
        return found[-1] if found else None


class Gizmo(Group):
    """Never made here: a file with `Gizmo {` is refused, because no farm renders it."""


class Root(Group):
    """The script."""

    def __init__(self) -> None:
        super().__init__("Root", None)

    def _called(self) -> str:
        return "root"

    def name(self) -> str:
        # The script's path, "Root" while it was never saved; the knob is empty then.
        return str(self._knobs["name"]._state()) or "Root"

    def fullName(self) -> str:
        return "root"

    def firstFrame(self) -> int:
        return int(self._knobs["first_frame"]._at(0, 0))  # type: ignore[attr-defined]

    def lastFrame(self) -> int:
        return int(self._knobs["last_frame"]._at(0, 0))  # type: ignore[attr-defined]

    def fps(self) -> int:
        return int(self.realFps())

    def realFps(self) -> float:
        return float(self._knobs["fps"]._at(0, 0))  # type: ignore[attr-defined]

    def modified(self) -> bool:
        return seat().modified

    def setModified(self, modified: bool) -> None:
        seat().modified = bool(modified)

    def proxy(self) -> bool:
        return bool(self._knobs["proxy"]._at(0, 0))  # type: ignore[attr-defined]

    def setProxy(self, proxy: bool) -> None:
        self._knobs["proxy"].setValue(bool(proxy))  # type: ignore[attr-defined]

    def setFrame(self, frame: int) -> None:
        from . import _script

        _script.frame(frame)

    def layers(self) -> list[str]:
        return list(seat().layers)

    def addView(self, name: str) -> None:
        if name in seat().views:
            raise ValueError(f"there is a view {name} already")
        seat().views.append(name)

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        raise ValueError("the root cannot be renamed")

    def setInput(self, i: int, node: Node | None) -> bool:
        raise ValueError("the root has no inputs")


def current() -> Group:
    """Return the group in which nodes are made and looked for just now."""
    return seat().groups[-1]
