# SPDX-License-Identifier: Apache-2.0
"""A script that is rendered from is afterwards as it was, whatever happens within."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import paths  # noqa: F401
import seat
from checks import refused

from stmatte_nuke.untouched import as_it_was, temporary


class Broken(Exception):  # noqa: N818
    pass


def state() -> tuple[Any, ...]:
    """All that an artist could find changed."""
    nodes = nuke.allNodes(recurseGroups=True)
    root: Any = nuke.root()
    return (
        sorted((node.fullName(), node.isSelected()) for node in nodes),
        root.modified(),
        root["proxy"].value(),
        nuke.frame(),
        nuke.Undo.undoSize(),
        nuke.Undo.disabled(),
    )


def scene() -> nuke.Node:
    """Two nodes, one of them chosen, and a group with a chosen node in it; in proxy mode."""
    root: Any = nuke.root()
    node, other = nuke.nodes.Blur(name="A"), nuke.nodes.Blur(name="B")
    other.setSelected(True)
    group = nuke.nodes.Group(name="G")
    with group:
        nuke.nodes.Blur(name="C").setSelected(True)
    root["proxy"].setValue(True)
    root.setModified(False)
    nuke.frame(1005)
    return node


def test_all_comes_back_after_rendering(script: seat.Seat) -> None:
    node = scene()
    before = state()
    root: Any = nuke.root()

    with as_it_was(), temporary(node) as make:
        made = make("Dot", node)
        made.setSelected(True)
        nuke.toNode("B").setSelected(False)
        nuke.frame(1009)
        assert not root["proxy"].value()  # a proxy has another format
        assert nuke.exists(made.name())

    assert state() == before


def test_all_comes_back_when_something_fails(script: seat.Seat) -> None:
    node = scene()
    before = state()

    with refused("", Broken), as_it_was(), temporary(node) as make:
        make("Dot", make("NoOp", node))
        nuke.frame(1002)
        raise Broken

    assert state() == before


def test_a_script_that_was_modified_still_is(script: seat.Seat) -> None:
    node = scene()
    nuke.root().setModified(True)

    with as_it_was(), temporary(node) as make:
        make("Dot", node)

    assert nuke.root().modified()


def test_one_may_stand_within_another(script: seat.Seat) -> None:
    node = scene()
    before = state()

    with as_it_was():
        for _ in range(2):
            with as_it_was(), temporary(node) as make:
                make("Dot", node)
        assert nuke.Undo.disabled()

    assert state() == before


def test_there_is_nothing_to_undo_afterwards(script: seat.Seat) -> None:
    node = nuke.nodes.Blur(size=3)
    node["size"].setValue(5)
    steps = nuke.Undo.undoSize()

    with as_it_was(), temporary(node) as make:
        make("Dot", node)

    assert nuke.Undo.undoSize() == steps


def test_nodes_are_made_beside_a_node_that_lies_in_a_group(script: seat.Seat) -> None:
    scene()
    inner = nuke.toNode("G.C")

    with as_it_was(), temporary(inner) as make:
        assert make("Dot", inner).fullName().startswith("G.")

    assert [node.name() for node in nuke.toNode("G").nodes()] == ["C"]


def test_a_studios_own_callbacks_are_not_ours(script: seat.Seat) -> None:
    nuke.knobDefault("Write.beforeRender", "publish()")
    node = scene()

    with as_it_was(), temporary(node) as make:
        assert make("Write", node)["beforeRender"].value() == ""


def test_a_node_that_the_artist_deleted_meanwhile_does_no_harm(
    script: seat.Seat, tmp_path: Path
) -> None:
    node = scene()

    with as_it_was(), temporary(node) as make:
        nuke.delete(make("Dot", node))
        nuke.delete(nuke.toNode("B"))

    assert sorted(each.name() for each in nuke.allNodes()) == ["A", "G"]
