# SPDX-License-Identifier: Apache-2.0
"""Update this node: a fresh one takes the place of an older one, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import paths  # noqa: F401  (it puts what follows on the path)
import seat
from checks import refused

from stmatte_host import EngineError
from stmatte_nuke import inside, knobs, updating
from stmatte_nuke.version import VERSION


def older() -> Any:
    """A node in use, as an older STMatte made it: without a knob, and with other buttons."""
    node: Any = nuke.createNode("STMatte", "", False)
    inside.arrange(node, ["hero", "car"], uncertainty=True)
    for name, value in {
        "object": "car",
        "object1_name": "hero",
        "object2_name": "car",
        "object2_on": False,
        "object2_source": "shape Layer1/car",
        "object5_source": "matte1",
        "marks": "hero: absent 1030-1044",
        "out": "[file dirname [value root.name]]/mattes/a/a_v002.####.exr",
        "show": "overlay",
        "uncertainty": True,
        "tolerance": 2.5,
        "first": 1001,
        "last": 1044,
        "stm_identity": "abc",
        "stm_version": "0.0.1",
    }.items():
        knobs.put(node, name, value)
    node["tint"].setValue([0.0, 1.0, 0.5])
    node["propagate"].setValue("print('an old script')")
    node.removeKnob(node["steady"])
    return node


def test_all_that_the_artist_said_is_taken_over(script: seat.Seat) -> None:
    node = older()
    before = {name: node[name].value() for name in updating.KEPT if node.knob(name)}

    fresh: Any = updating.update(node)

    assert {name: fresh[name].value() for name in before} == before
    assert list(fresh["object"].values()) == ["hero", "car"]
    assert fresh["stm_version"].value() == VERSION
    assert fresh["steady"].value() is False
    assert "stmatte_nuke.press" in fresh["propagate"].value()
    assert fresh.node("Pick2") is not None
    assert fresh["object6_name"].visible()
    assert not fresh["object7_name"].visible()


def test_it_is_connected_named_and_placed_as_before(script: seat.Seat) -> None:
    plate, roto, mask = nuke.nodes.Dot(), nuke.nodes.Dot(), nuke.nodes.Dot()
    node = older()
    for number, source in ((0, plate), (1, roto), (3, mask)):
        node.setInput(number, source)
    below = nuke.nodes.Dot(inputs=[node])
    both = nuke.nodes.Copy(inputs=[plate, node])
    node.setXYpos(120, -40)
    node.setName("STMatte_hero")
    node["label"].setValue("the hero")

    fresh = updating.update(node)

    assert fresh.name() == "STMatte_hero"
    assert [fresh.input(i) for i in range(4)] == [plate, roto, None, mask]
    assert below.input(0) == fresh
    assert [both.input(0), both.input(1)] == [plate, fresh]
    assert (fresh.xpos(), fresh.ypos()) == (120, -40)
    assert fresh["label"].value() == "the hero"
    assert [each.name() for each in nuke.allNodes("Group")] == ["STMatte_hero"]


def test_what_moves_goes_on_moving(script: seat.Seat) -> None:
    node = older()
    node["tolerance"].setExpression("frame / 10")

    fresh: Any = updating.update(node)

    assert fresh["tolerance"].hasExpression()
    nuke.frame(1010)
    assert fresh["tolerance"].value() == 101.0


def test_a_knob_of_the_artists_own_comes_along(script: seat.Seat) -> None:
    node = older()
    note = nuke.String_Knob("review", "review")
    node.addKnob(note)
    note.setValue("ask Ada")

    fresh: Any = updating.update(node)

    assert fresh["review"].value() == "ask Ada"


def test_what_was_selected_stays_selected(script: seat.Seat) -> None:
    node = older()
    dot = nuke.nodes.Dot()
    for each in nuke.allNodes():
        each.setSelected(each == dot)

    fresh = updating.update(node)

    assert nuke.selectedNodes() == [dot]
    assert dot.inputs() == 0
    assert fresh.input(0) is None


def test_one_undo_brings_the_older_node_back(script: seat.Seat) -> None:
    node = older()
    plate = nuke.nodes.Dot()
    node.setInput(0, plate)
    name = node.name()

    updating.update(node)
    nuke.undo()

    (back,) = nuke.allNodes("Group")
    assert back.name() == name
    assert back.input(0) == plate
    assert back["stm_version"].value() == "0.0.1"


def test_without_the_gizmo_the_older_node_stays(script: seat.Seat, tmp_path: Path) -> None:
    node = older()
    seat.now().plugin_path[:] = [str(tmp_path)]

    with refused("STMatte.gizmo is not found", EngineError):
        updating.update(node)

    assert nuke.allNodes("Group") == [node]
    assert node["marks"].value() == "hero: absent 1030-1044"


def test_another_node_is_refused(script: seat.Seat) -> None:
    with refused("is not an STMatte node", EngineError):
        updating.update(nuke.nodes.Dot())


def test_a_node_in_a_group_is_updated_there(script: seat.Seat) -> None:
    outer: Any = nuke.nodes.Group()
    with outer:
        node = older()

    fresh = updating.update(node)

    assert fresh.parent() == outer
    assert [each.Class() for each in nuke.allNodes()] == ["Group"]
