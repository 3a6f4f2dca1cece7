# SPDX-License-Identifier: Apache-2.0
"""A script that is rendered from, and is afterwards as it was.

Selection, modified flag, undo, proxy mode and current frame come back whatever happens, and nodes
that were needed meanwhile are gone. Must be called from Nuke's main thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import nuke

from stmatte_host import EngineError

from .quiet import quietly

Make = Callable[..., nuke.Node]
"""`make(kind, *inputs, **knobs)` returns a new node that is gone at the end."""

_PYTHON = ("beforeRender", "beforeFrameRender", "afterFrameRender", "afterRender")


@contextmanager
def as_it_was() -> Iterator[None]:
    """Render within; the script is as it was afterwards. May stand within another one.

    Proxy mode is off within, for proxies have another format than the plate.
    """
    with full_size():
        selected = _selected()
        frame = nuke.frame()
        try:
            yield
        finally:
            if nuke.frame() != frame:
                nuke.frame(frame)
            _select(selected)


@contextmanager
def full_size() -> Iterator[None]:
    """Have proxy mode off within, unseen; where it is off nothing is touched."""
    proxy: Any = nuke.root()["proxy"]
    with quietly():
        in_proxy = bool(proxy.value())
        try:
            if in_proxy:
                proxy.setValue(False)
            yield
        finally:
            if in_proxy:
                proxy.setValue(True)


@contextmanager
def temporary(group: nuke.Node) -> Iterator[Make]:
    """Yield what makes nodes beside a node; they are gone at the end, whatever happens.

    Raises EngineError where Nuke lets none be made there.
    """
    made: list[nuke.Node] = []

    def make(kind: str, *inputs: nuke.Node, **knobs: object) -> nuke.Node:
        try:
            node: nuke.Node = getattr(nuke.nodes, kind)()
        except (RuntimeError, ValueError) as error:
            raise _not_made(group, error) from None
        made.append(node)
        for number, each in enumerate(inputs):
            node.setInput(number, each)
        for name in _PYTHON:  # a studio's default for its own Writes is not meant for ours
            if name in node.knobs() and node[name].value():
                node[name].setValue("")
        for name, value in knobs.items():
            node[name].setValue(value)
        return node

    try:
        with group.parent():
            yield make
    finally:
        for node in reversed(made):
            with suppress(RuntimeError, ValueError):  # the artist closed the script meanwhile
                nuke.delete(node)


def _selected() -> list[nuke.Node]:
    return [node for node in nuke.allNodes(recurseGroups=True) if node.isSelected()]


def _select(wanted: list[nuke.Node]) -> None:
    """Select these nodes and no other, setting only what differs."""
    now = _selected()
    for node in now:
        if node not in wanted:
            node.setSelected(False)
    for node in wanted:
        if node not in now:
            with suppress(RuntimeError, ValueError):
                node.setSelected(True)


def _not_made(group: nuke.Node, error: Exception) -> EngineError:
    where = group.parent()
    inside = "" if where.Class() == "Root" else f' in "{where.fullName()}"'
    return EngineError(
        f'Nothing can be rendered beside "{group.name()}"{inside}',
        allowed=f"STMatte makes a Write there for a moment; Nuke says: {error}",
        repair="Unlock the group, or make the gizmo a group (Copy gizmo to group)",
    )
