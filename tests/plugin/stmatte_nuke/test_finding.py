# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import paths
import seat
from checks import refused
from triangles import layer, shape

from stmatte_nuke import finding, state
from stmatte_nuke.state import NodeObject


def node(roto: Any = None) -> Any:
    group: Any = nuke.createNode("STMatte")
    if roto is not None:
        group.setInput(1, roto)
    return group


def test_each_top_layer_and_each_lone_shape_of_a_roto_is_an_object(script: seat.Seat) -> None:
    roto: Any = nuke.nodes.Roto()
    layer(roto, "hero", "arm", "leg")
    layer(roto, "empty")
    shape(roto, "car")
    group = node(roto)

    told = finding.find_objects(group)

    rows = state.rows(group)
    assert sorted((each.name, each.source) for each in rows) == [
        ("car", "shape car"),
        ("hero", "shape hero"),
    ]
    assert told[0].startswith("Found: ")


def test_names_that_nuke_would_fold_are_folded_here_and_told(script: seat.Seat) -> None:
    roto: Any = nuke.nodes.Roto()
    for name in ("hero-1", "hero 1", "Héro", "main", "depth", "01"):
        shape(roto, name)
    group = node(roto)

    told = finding.find_objects(group)

    by_source = {each.source: each.name for each in state.rows(group)}
    assert set(by_source) == {
        "shape hero-1",
        "shape hero 1",
        "shape Héro",
        "shape main",
        "shape depth",
        "shape 01",
    }
    assert len({name.lower() for name in by_source.values()}) == 6
    assert {by_source["shape hero-1"], by_source["shape hero 1"]} == {"hero_1", "hero_1_2"}
    assert by_source["shape Héro"] == "Hero"
    assert by_source["shape depth"] == "depth_object"
    assert '"Héro" is the object "Hero": so Nuke can name its layer.' in told


def test_a_name_of_a_view_is_no_name_of_an_object(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "s.nk", views=("left", "cyclops"), plugin_path=[paths.GIZMO])
    roto: Any = nuke.nodes.Roto()
    shape(roto, "cyclops")
    group = node(roto)

    finding.find_objects(group)

    assert [each.name for each in state.rows(group)] == ["cyclops_2"]


def test_rows_that_are_there_stay_as_they_are(script: seat.Seat) -> None:
    roto: Any = nuke.nodes.Roto()
    shape(roto, "one")
    group = node(roto)
    finding.find_objects(group)
    group["object1_name"].setValue("hero")
    group["object1_on"].setValue(False)
    shape(roto, "hero")

    finding.find_objects(group)

    assert state.rows(group) == (
        NodeObject(1, "hero", "shape one", on=False),
        NodeObject(2, "hero_2", "shape hero"),
    )
    assert finding.find_objects(group) == ("Nothing was found that is not there yet.",)


def test_shapes_that_no_source_can_name_are_left_out_and_told(script: seat.Seat) -> None:
    roto: Any = nuke.nodes.Roto()
    for name in ("twin", "twin", "a/b", "car"):
        shape(roto, name)
    group = node(roto)

    told = finding.find_objects(group)

    assert [each.name for each in state.rows(group)] == ["car"]
    assert sorted(each for each in told if "left out" in each) == [
        (
            'The shape "a/b" of the Roto was left out: its name has slashes or spaces at an end. '
            "Rename it."
        ),
        (
            'The shape "twin" of the Roto was left out: another one is called so too. '
            "Rename one of them."
        ),
    ]


def test_any_other_node_is_one_object_and_so_is_each_matte_input(script: seat.Seat) -> None:
    keyer: Any = nuke.nodes.Constant(name="Keyer1")
    matte: Any = nuke.nodes.Read(name="Matte2")
    group = node()
    group.setInput(1, nuke.nodes.Dot(inputs=[keyer]))
    group.setInput(3, matte)

    finding.find_objects(group)

    assert state.rows(group) == (
        NodeObject(1, "Keyer1", "roto"),
        NodeObject(2, "Matte2", "matte2"),
    )


def test_a_row_without_a_source_is_the_rotos_alpha_already(script: seat.Seat) -> None:
    group = node(nuke.nodes.Constant(name="Keyer1"))
    group["object1_name"].setValue("hero")

    assert finding.find_if_none(group) == ()
    finding.find_objects(group)

    assert state.rows(group) == (NodeObject(1, "hero"),)


def test_with_nothing_connected_it_says_what_to_connect(script: seat.Seat) -> None:
    with refused('Nothing is connected to the input "roto": objects come from a Roto'):
        finding.find_if_none(node())


def test_more_shapes_than_rows_are_told_by_name(script: seat.Seat) -> None:
    roto: Any = nuke.nodes.Roto()
    for number in range(22):
        shape(roto, f"s{number}")
    group = node(roto)

    told = finding.find_objects(group)

    assert len(state.rows(group)) == 20
    assert any("A node has up to 20 objects: " in each for each in told)
