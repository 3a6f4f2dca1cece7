# SPDX-License-Identifier: Apache-2.0
"""The text by which a key or a plate is known to look as before, or differently."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nuke
import nuke.rotopaint as rp
import paths  # noqa: F401
import seat
from drawn import BOX, box, curves, files, layer, roto

from stmatte_nuke.sources import parse
from stmatte_nuke.upstream import digest, read, said_upstream

OTHER = (11.0, 10.0, 20.0, 20.0)


def below(kind: str, *inputs: Any, **knobs: object) -> Any:
    node = getattr(nuke.nodes, kind)(**knobs)
    for number, each in enumerate(inputs):
        node.setInput(number, each)
    return node


def said(node: nuke.Node) -> str:
    return said_upstream(node, "main")


def node_on(shown: nuke.Node) -> nuke.Node:
    group: nuke.Node = nuke.nodes.STMatte()
    group.setInput(1, shown)
    return group


def test_a_knob_of_any_node_above_counts_and_its_place_in_the_graph_does_not(
    script: seat.Seat,
) -> None:
    grade = nuke.nodes.Grade(name="G")
    node = below("Blur", below("Dot", grade))
    before = said(node)

    node.setXYpos(500, 300)
    grade.setSelected(True)
    grade["label"].setValue("mine")
    grade["tile_color"].setValue(255)
    assert said(node) == before

    grade["multiply"].setValue(2)
    assert said(node) != before


def test_what_is_connected_counts(script: seat.Seat) -> None:
    grade, other = nuke.nodes.Grade(), nuke.nodes.Grade()
    merge = below("Merge2", grade, other)
    before = said(merge)

    merge.setInput(0, other)
    merge.setInput(1, grade)

    assert said(merge) != before


def test_nodes_within_groups_count(script: seat.Seat) -> None:
    group = nuke.nodes.Group()
    with group:
        inner = below("Blur", nuke.nodes.Input())
        below("Output", inner)
    before = said(group)

    inner["size"].setValue(7)

    assert said(group) != before


def test_a_node_that_an_expression_names_counts(script: seat.Seat) -> None:
    control = nuke.nodes.Blur(name="Control")
    node = nuke.nodes.Blur()
    node["size"].setExpression("Control.size")
    before = said(node)

    control["size"].setValue(7)

    assert said(node) != before


def test_a_key_of_a_node_that_an_expression_names_counts(script: seat.Seat) -> None:
    control: Any = nuke.nodes.Blur(name="Control")
    control["size"].fromScript("{{curve x1001 1 x1010 2}}")
    node = nuke.nodes.Blur()
    node["size"].setExpression("Control.size")
    before = said(node)

    control["size"].fromScript("{{curve x1001 1 x1010 3}}")  # at frame 0 it is 1 as before

    assert said(node) != before


def test_files_count_by_their_size_and_age(script: seat.Seat, tmp_path: Path) -> None:
    node = nuke.nodes.Read(file=files(tmp_path, "plate", range(1001, 1004)))
    before = said(node)
    assert said(node) == before

    os.utime(tmp_path / "plate.1002.exr", (1, 1))
    older = said(node)
    (tmp_path / "plate.1003.exr").write_bytes(b"more")

    assert len({before, older, said(node)}) == 3


def test_a_still_counts_by_its_age_too(script: seat.Seat, tmp_path: Path) -> None:
    still = tmp_path / "still.exr"
    still.touch()
    node = nuke.nodes.Read(file=f"exr:{still.as_posix()}")
    before = said(node)

    os.utime(still, (1, 1))

    assert said(node) != before


def test_the_projects_format_and_colours_count_and_its_name_does_not(script: seat.Seat) -> None:
    root: Any = nuke.root()
    node = nuke.nodes.Constant()
    before = said(node)

    root["name"].setValue("/shot/shot_v002.nk")
    assert said(node) == before

    root["fps"].setValue(12)
    assert said(node) != before


def test_a_view_is_another_picture(script: seat.Seat) -> None:
    node = nuke.nodes.Constant()

    assert said_upstream(node, "left") != said_upstream(node, "right")


def test_a_key_that_is_moved_makes_only_its_own_frame_new(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1010: BOX, 1050: BOX})
    group = node_on(below("Dot", node))
    before = read(group, parse(""), "main")
    old = {frame: before.drawn(frame) for frame in (1001, 1010, 1050)}

    shape[0].center.addPositionKey(1010, rp.CVec3(12, 10, 1))
    after = read(group, parse(""), "main")

    assert [frame for frame in old if after.drawn(frame) != old[frame]] == [1010]


def test_tangents_opacity_and_a_layers_transform_make_a_frame_new(script: seat.Seat) -> None:
    node = roto()
    upper = layer(node, "body")
    shape = box(node, "hero", {1001: BOX, 1050: BOX}, upper)
    group = node_on(node)
    seen = {read(group, parse("shape body/hero"), "main").drawn(1001)}

    shape[0].featherLeftTangent.addPositionKey(1001, rp.CVec3(1, 0, 0))
    seen.add(read(group, parse("shape body/hero"), "main").drawn(1001))
    shape.getAttributes().getCurve("opc", "main").addKey(1001, 0.5)
    seen.add(read(group, parse("shape body/hero"), "main").drawn(1001))
    upper.getTransform().addTranslationKey(1001, 5, 0, 0)
    seen.add(read(group, parse("shape body/hero"), "main").drawn(1001))
    shape.setFlag(rp.FlagType.eOpenFlag, True)
    seen.add(read(group, parse("shape body/hero"), "main").drawn(1001))
    node["output"].setValue("rgba")
    seen.add(read(group, parse("shape body/hero"), "main").drawn(1001))

    assert len(seen) == 6


def test_a_shape_that_is_meant_alone_does_not_hear_of_its_neighbour(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {1001: BOX, 1050: BOX})
    other = box(node, "car", {1001: BOX, 1050: BOX})
    group = node_on(node)
    alone = read(group, parse("shape hero"), "main").drawn(1001)
    whole = read(group, parse(""), "main").drawn(1001)

    other[0].center.addPositionKey(1001, rp.CVec3(12, 10, 1))

    assert read(group, parse("shape hero"), "main").drawn(1001) == alone
    assert read(group, parse(""), "main").drawn(1001) != whole


def test_with_motion_blur_the_frames_beside_it_count_too(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1010: BOX})
    shape.getAttributes().getCurve("mbo", "main").constantValue = 1
    group = node_on(node)
    before = read(group, parse(""), "main").drawn(1001)

    shape[0].center.addPositionKey(1010, rp.CVec3(12, 10, 1))

    assert read(group, parse(""), "main").drawn(1001) != before


def test_behind_another_node_every_key_of_a_roto_counts(script: seat.Seat) -> None:
    node = roto()
    shape = box(node, "hero", {1001: BOX, 1010: BOX})
    group = node_on(below("Blur", node))
    before = read(group, parse(""), "main").drawn(1001)

    shape[0].center.addPositionKey(1010, rp.CVec3(12, 10, 1))

    assert read(group, parse(""), "main").drawn(1001) != before


def test_two_sources_of_one_roto_have_texts_of_their_own(script: seat.Seat) -> None:
    node = roto()
    box(node, "hero", {1001: BOX})
    group = node_on(node)
    texts = [read(group, parse(text), "main").drawn(1001) for text in ("", "shape hero")]

    assert texts[0] != texts[1]
    assert len(digest(texts[0])) == 16
    assert curves(node).rootLayer[0].name == "hero"


def test_a_new_key_leaves_no_noise_on_the_old_ones(script: seat.Seat) -> None:
    node = roto()
    flat = {1001: (0.0, -0.0, 8.0, 8.0), 1010: (0.0, 0.0, 8.0, 8.0)}
    shape = box(node, "hero", flat)
    group = node_on(node)
    before = read(group, parse(""), "main").drawn(1010)

    shape[0].center.addPositionKey(1010, rp.CVec3(-0.0, 1e-7, 1))

    assert read(group, parse(""), "main").drawn(1010) == before


def test_the_current_frame_makes_nothing_new(script: seat.Seat, tmp_path: Path) -> None:
    files(tmp_path, "plate", range(1001, 1004))
    read_node = nuke.nodes.Read(file="[file dirname [value root.name]]/plate.####.exr")
    node = below("Blur", read_node)
    node["size"].setExpression("frame * 2")
    nuke.frame(1001)
    before = said(node)

    nuke.frame(1003)

    assert said(node) == before


def test_what_the_text_of_a_file_means_counts(script: seat.Seat) -> None:
    root: Any = nuke.root()
    node = nuke.nodes.Read(file="[file dirname [value root.name]]/plate.####.exr")
    before = said(node)

    root["name"].setValue("/moved/shot_v001.nk")

    assert said(node) != before
