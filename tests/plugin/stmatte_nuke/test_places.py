# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import paths
import seat
from checks import refused

from stmatte_nuke import places


def node() -> Any:
    return nuke.createNode("STMatte")


def test_mattes_go_beside_the_script(script: seat.Seat, tmp_path: Path) -> None:
    group = node()

    out = places.out_of(group)

    folder = nuke.root()["name"].value().rpartition("/")[0]
    assert out.pattern == f"{folder}/mattes/STMatte/STMatte.####.exr"


def test_a_script_that_was_never_saved_has_no_place_beside_it() -> None:
    seat.new_script(plugin_path=[paths.GIZMO])
    group = node()

    with refused("This script was never saved, and its mattes are to go beside it. Save"):
        places.out_of(group)

    group["out"].setValue("/shots/mattes/hero.####.exr")
    assert places.out_of(group).pattern == "/shots/mattes/hero.####.exr"


def test_a_script_on_another_drive_is_no_different() -> None:
    seat.new_script("C:/shots/sc010/comp_v001.nk", plugin_path=[paths.GIZMO])

    assert places.out_of(node()).pattern == "C:/shots/sc010/mattes/STMatte/STMatte.####.exr"


def test_a_relative_path_lies_in_the_project_directory(script: seat.Seat) -> None:
    nuke.root()["project_directory"].setValue("[file dirname [value root.name]]")
    group = node()
    group["out"].setValue("m/hero.####.exr")

    folder = nuke.root()["name"].value().rpartition("/")[0]
    assert places.out_of(group).pattern == f"{folder}/m/hero.####.exr"


def test_an_expression_that_fails_is_told_with_the_text(script: seat.Seat) -> None:
    group = node()
    group["out"].setValue("[shotdir]/hero.####.exr")

    with refused('The path "[shotdir]/hero.####.exr" cannot be evaluated ('):
        places.out_of(group)


def test_a_node_is_for_one_view_and_says_so_where_there_are_two() -> None:
    seat.new_script("/s/comp.nk", views=("left", "right"), plugin_path=[paths.GIZMO])
    group = node()
    assert places.view_of(group) == "left"

    group["view"].setValue("right")
    with refused("the script has the views left, right"):
        places.out_of(group)
    group["out"].setValue("[file dirname [value root.name]]/%V/hero_%v.####.exr")
    assert places.out_of(group).pattern == "/s/right/hero_r.####.exr"

    group["view"].setValue("centre")
    with refused('The script has no view "centre": its views are left, right'):
        places.out_of(group)
