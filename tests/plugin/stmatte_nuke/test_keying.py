# SPDX-License-Identifier: Apache-2.0
"""On which frames an object is keyed, through what stands above the node's inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import paths  # noqa: F401
import seat
from checks import refused
from drawn import BOX, box, files, layer, roto

from stmatte_nuke.keying import found_keys
from stmatte_nuke.sources import parse


def node_on(*inputs: Any) -> nuke.Node:
    """An STMatte node with plate, roto, matte1... connected."""
    group: nuke.Node = nuke.nodes.STMatte()
    for number, each in enumerate(inputs):
        group.setInput(number, each)
    return group


def below(kind: str, *inputs: Any, **knobs: object) -> Any:
    node = getattr(nuke.nodes, kind)(**knobs)
    for number, each in enumerate(inputs):
        node.setInput(number, each)
    return node


def animated(node: nuke.Node, name: str, *frames: float) -> None:
    node[name].fromScript("{{curve " + " ".join(f"x{each} {each}" for each in frames) + "}}")


def hero() -> Any:
    node = roto()
    box(node, "hero", {1001: BOX, 1050: BOX})
    return node


def frames(group: nuke.Node, source: str = "") -> tuple[int, ...]:
    return found_keys(group, parse(source)).frames


def test_the_roto_that_is_connected_is_asked_through_dots(script: seat.Seat) -> None:
    assert frames(node_on(None, below("Dot", below("NoOp", hero())))) == (1001, 1050)


def test_a_disabled_node_only_passes_on(script: seat.Seat) -> None:
    blur = below("Blur", hero(), disable=True)
    animated(blur, "size", 1010, 1020)

    assert frames(node_on(None, blur)) == (1001, 1050)


def test_keys_of_any_knob_above_count(script: seat.Seat) -> None:
    moved = below("Transform", hero())
    animated(moved, "rotate", 1010, 1020)
    blur = below("Blur", moved)
    animated(blur, "size", 1030)  # one key is no motion

    assert frames(node_on(None, blur)) == (1001, 1010, 1020, 1050)


def test_a_knob_that_follows_an_expression_is_said(script: seat.Seat) -> None:
    moved = below("Transform", hero(), name="Follow")
    moved["rotate"].setExpression("frame * 2")

    found = found_keys(node_on(None, moved), parse(""))

    assert found.frames == (1001, 1050)
    said = '"rotate" of "Follow" follows an expression, whose motion has no keys of its own. '
    assert found.notes == (said + "Key other frames by Key here.",)


def test_the_plate_and_what_grades_it_is_not_asked(script: seat.Seat) -> None:
    grade = below("Grade", nuke.nodes.Read())
    animated(grade, "multiply", 1003, 1004)
    keyer = below("Blur", grade)
    animated(keyer, "size", 1010, 1020)
    shape = hero()
    shape.setInput(0, grade)

    assert frames(node_on(grade, keyer)) == (1010, 1020)
    assert frames(node_on(grade, shape)) == (1001, 1050)


def test_what_a_roto_draws_over_counts_only_where_it_is_a_roto(script: seat.Seat) -> None:
    first = hero()
    denoised = below("Blur", first)
    animated(denoised, "size", 1003, 1004)
    second = roto()
    box(second, "car", {1010: BOX, 1020: BOX})
    second.setInput(0, denoised)

    assert frames(node_on(None, second)) == (1001, 1010, 1020, 1050)


def test_of_several_rotos_those_count_that_draw_into_the_channel(script: seat.Seat) -> None:
    nuke.Layer("hero", ["hero.alpha"])
    nuke.Layer("car", ["car.alpha"])
    first, second = hero(), roto()
    first["output"].setValue("hero")
    box(second, "car", {1010: BOX, 1020: BOX})
    second["output"].setValue("car")
    second.setInput(0, first)
    group = node_on(None, second)

    assert frames(group, "channel hero.alpha") == (1001, 1050)
    assert frames(group, "channel car.alpha") == (1010, 1020)


def test_a_channel_that_is_only_copied_has_the_keys_of_what_is_copied(script: seat.Seat) -> None:
    nuke.Layer("hero", ["hero.alpha"])
    copied = below("Copy", nuke.nodes.Constant(), hero(), from0="rgba.alpha", to0="hero.alpha")

    assert frames(node_on(None, copied), "channel hero.alpha") == (1001, 1050)


def test_a_roto_within_a_group_is_found(script: seat.Seat) -> None:
    group = nuke.nodes.Group()
    with group:
        inner = hero()
        below("Output", below("Blur", inner))

    assert frames(node_on(None, group)) == (1001, 1050)


def test_a_node_within_a_group_finds_the_roto_outside(script: seat.Seat) -> None:
    group = nuke.nodes.Group()
    with group:
        entry = nuke.nodes.Input()
        inner = node_on(None, entry)
    group.setInput(0, hero())

    assert frames(inner) == (1001, 1050)


def test_an_offset_in_time_moves_the_keys_that_are_above_it(script: seat.Seat) -> None:
    assert frames(node_on(None, below("TimeOffset", hero(), time_offset=5))) == (1006, 1055)


def test_other_nodes_that_move_time_are_said(script: seat.Seat) -> None:
    found = found_keys(node_on(None, below("Retime", hero(), name="Slow")), parse(""))

    assert found.frames == (1001, 1050)
    assert found.notes[0].startswith('"Slow" moves time: keys above it are taken on the frames')


def test_one_shape_is_asked_alone(script: seat.Seat) -> None:
    node = hero()
    box(node, "car", {1010: BOX, 1020: BOX}, layer(node, "cars"))
    group = node_on(None, node)

    assert frames(group, "shape cars/car") == (1010, 1020)
    assert frames(group, "shape cars") == (1010, 1020)
    assert frames(group, "shape hero") == (1001, 1050)


def test_a_shape_needs_the_roto_itself(script: seat.Seat) -> None:
    with refused('The source "shape hero" needs a Roto, and "Soft" is none'):
        frames(node_on(None, below("Blur", hero(), name="Soft")), "shape hero")


def test_an_input_that_is_missing_is_named(script: seat.Seat) -> None:
    with refused('Nothing is connected to the input "matte2" of "STMatte1"'):
        frames(node_on(None, hero()), "matte2")


def test_mattes_on_the_disk_are_keys_where_their_files_are(
    script: seat.Seat, tmp_path: Path
) -> None:
    read = nuke.nodes.Read(file=files(tmp_path / "m", "hero", (1001, 1010, 1050)), name="Keys")
    found = found_keys(node_on(None, hero(), below("Dot", read)), parse("matte1"))

    assert found.frames == (1001, 1010, 1050)
    assert found.notes == ('"Keys" has files for 1001, 1010, 1050: these are its keys.',)


def test_a_whole_sequence_of_mattes_says_not_which_are_keys(
    script: seat.Seat, tmp_path: Path
) -> None:
    read = nuke.nodes.Read(file=files(tmp_path / "m", "hero", range(1001, 1031)), name="All")
    found = found_keys(node_on(None, read), parse(""))

    assert found.frames == ()
    assert found.notes[0].startswith('"All" has files for 1001-1030: which of them are keys only')


def test_nothing_of_the_script_is_changed_by_asking(script: seat.Seat) -> None:
    group = node_on(None, below("Blur", hero()))
    nuke.root().setModified(False)
    before = [(node.fullName(), node.isSelected()) for node in nuke.allNodes(recurseGroups=True)]

    frames(group)

    after = [(node.fullName(), node.isSelected()) for node in nuke.allNodes(recurseGroups=True)]
    assert after == before
    assert not nuke.root().modified()
