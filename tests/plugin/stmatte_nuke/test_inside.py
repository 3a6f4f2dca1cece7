# SPDX-License-Identifier: Apache-2.0
"""A node in a script is brought to its objects, by the smallest change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nuke
import paths  # noqa: F401  (it puts what follows on the path)
import seat

from stmatte_nuke import inside, knobs
from stmatte_nuke.knob_list import NO_OBJECT
from stmatte_nuke.wiring import PAIRS
from stmatte_nuke.wiring import inside as described


def fresh() -> Any:
    return nuke.createNode("STMatte", "", False)


def found(group: Any) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """What is in a group: class, names of inputs, channels that a Copy copies."""
    return {
        node.name(): (
            node.Class(),
            tuple(node.input(i).name() for i in range(node.inputs())),
            tuple(node[name].toScript() for name in _pairs()) if node.Class() == "Copy" else (),
        )
        for node in group.nodes()
    }


def wanted(objects: Sequence[str], **carried: Any) -> dict[str, Any]:
    return {
        node.name: (
            node.kind,
            node.inputs,
            tuple(node.knobs.get(name, "none") for name in _pairs()) if node.kind == "Copy" else (),
        )
        for node in described(objects, **carried)
    }


def _pairs() -> list[str]:
    return [f"{way}{number}" for number in range(PAIRS) for way in ("from", "to")]


def test_a_fresh_node_is_as_described_for_no_object(script: seat.Seat) -> None:
    group = fresh()

    assert found(group) == wanted(())
    assert knobs.text(group, "object") == NO_OBJECT


def test_objects_come_and_go_and_it_is_always_as_described(script: seat.Seat) -> None:
    group = fresh()
    many = [f"object_{number}" for number in range(1, 21)]

    for objects, doubt, levels in (
        (["hero"], False, 0),
        (["hero", "car"], True, 1),
        (many, True, 3),
        (many[:5], False, 3),
        (["car"], False, 0),
        ([], False, 0),
    ):
        inside.arrange(group, objects, uncertainty=doubt, crypto_levels=levels)
        assert found(group) == wanted(objects, uncertainty=doubt, crypto_levels=levels)
        assert list(group["object"].values()) == (objects or [NO_OBJECT])


def test_what_is_so_already_is_not_touched(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero", "car"], uncertainty=True, crypto_levels=1)
    before = {id(node) for node in group.nodes()}
    nuke.root().setModified(False)

    inside.arrange(group, ["hero", "car"], uncertainty=True, crypto_levels=1)

    assert not nuke.root().modified()
    assert {id(node) for node in group.nodes()} == before


def test_one_more_object_leaves_the_nodes_of_the_others(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero"])
    before = {node.name(): node for node in group.nodes()}

    inside.arrange(group, ["hero", "car"])

    after = {node.name(): node for node in group.nodes()}
    assert set(after) - set(before) == {"Pick2"}
    assert all(after[name] == node for name, node in before.items())


def test_files_are_read_safely_also_where_the_node_was_made_live(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero"], crypto_levels=1)
    knobs.put(group, "first", 1001)
    knobs.put(group, "last", 1044)

    for name in ("Mattes", "CryptoFiles"):
        read = group.node(name)
        said = {knob: read[knob].value() for knob in ("before", "after", "on_error", "raw")}
        assert said == {"before": "black", "after": "black", "on_error": "black", "raw": True}
        assert (read["first"].value(), read["last"].value()) == (1001, 1044)


def test_the_script_knows_the_layers(script: seat.Seat) -> None:
    inside.arrange(fresh(), ["hero", "car"], uncertainty=True, crypto_levels=1)

    assert {"hero.alpha", "car.alpha", "uncertainty.alpha", "CryptoSTMatte00.blue"} <= set(
        nuke.channels()
    )


def test_a_layer_that_a_render_has_too_keeps_its_channels(script: seat.Seat) -> None:
    nuke.Layer("hero", ["hero.red", "hero.green"])

    inside.arrange(fresh(), ["hero"])

    assert {"hero.red", "hero.green", "hero.alpha"} <= set(nuke.channels())


def test_the_chosen_object_stays_chosen_by_its_name(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero", "car", "sky"])
    knobs.put(group, "object", "car")

    for objects, chosen in (
        (["sky", "hero", "car"], "car"),  # another order
        (["sky", "hero", "van"], "van"),  # renamed
        (["sky", "hero"], "sky"),  # removed
        ([], NO_OBJECT),
        (["boy"], "boy"),
    ):
        inside.arrange(group, objects)
        assert knobs.text(group, "object") == chosen


def test_one_undo_takes_a_change_of_the_objects_back(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero"])
    before = found(group)

    inside.arrange(group, ["hero", "car"], crypto_levels=1)
    nuke.undo()

    assert found(group) == before
    assert list(group["object"].values()) == ["hero"]


def test_what_somebody_else_put_inside_is_left_alone(script: seat.Seat) -> None:
    group = fresh()
    with group:
        nuke.nodes.Dot(name="Mine")
        nuke.nodes.Dot(name="Pick1")  # a name of ours

    inside.arrange(group, ["hero"])

    names = {node.name(): node.Class() for node in group.nodes()}
    assert names["Mine"] == "Dot"
    assert names["Pick1"] == "Copy"
    assert names["Pick1_yours"] == "Dot"


def test_nothing_selected_is_connected_or_unselected(script: seat.Seat) -> None:
    group = fresh()
    dot = nuke.nodes.Dot()
    dot.setSelected(True)

    inside.arrange(group, ["hero"])

    assert dot.isSelected()
    assert dot.inputs() == 0


def test_mattes_are_read_again_on_asking(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero"], crypto_levels=1)

    inside.refresh(group)  # both files; a node that has one alone is as good
    inside.arrange(group, ["hero"])
    inside.refresh(group)


def test_a_saved_script_opens_the_same(script: seat.Seat) -> None:
    group = fresh()
    inside.arrange(group, ["hero", "car"], uncertainty=True, crypto_levels=1)
    knobs.put(group, "object", "car")
    knobs.put(group, "marks", "hero: absent 1030-1044\ncar: key 1010")
    knobs.show_rows(group, 4)
    before = found(group)

    nuke.scriptSave()
    path = nuke.root()["name"].value()
    nuke.scriptClear()
    nuke.scriptOpen(path)
    again: Any = nuke.toNode("STMatte1")

    assert found(again) == before
    assert knobs.text(again, "object") == "car"
    assert knobs.text(again, "marks") == "hero: absent 1030-1044\ncar: key 1010"
    shown = [row for row in range(1, 21) if again[f"object{row}_name"].visible()]
    assert shown == [1, 2, 3, 4, 5]  # the four in use, and one for the next


def test_there_is_always_a_row_for_the_next_object(script: seat.Seat) -> None:
    group = fresh()
    shown = [row for row in range(1, 21) if group[f"object{row}_name"].visible()]
    assert shown == [1, 2, 3]

    knobs.put(group, "object3_name", "sky")
    inside.arrange(group, ["sky"])

    assert [row for row in range(1, 21) if group[f"object{row}_source"].visible()] == [1, 2, 3, 4]
