# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import nuke
import seat
from checks import refused

from stmatte_nuke import state
from stmatte_nuke.state import NodeObject


def node() -> Any:
    return nuke.createNode("STMatte")


def objects(group: Any, *names: str) -> None:
    for row, name in enumerate(names, 1):
        group[f"object{row}_name"].setValue(name)


def test_a_fresh_node_says_nothing_but_what_the_engine_takes_by_itself(script: seat.Seat) -> None:
    group = node()

    assert state.rows(group) == ()
    assert state.settings(group) == {}


def test_only_what_differs_from_the_engine_is_said(script: seat.Seat) -> None:
    group = node()
    group["reach"].setValue("all")
    group["edges"].setValue("matting")
    group["working_height"].setValue(720)
    group["steady"].setValue(True)
    group["adapt"].setValue(80)
    group["precision"].setValue("bfloat16")

    assert state.settings(group, "/p.####.exr", "ACES - ACEScg") == {
        "reach": "all",
        "edges": "matting",
        "working_height": 720,
        "steady": True,
        "adapt": 80,
        "precision": "bfloat16",
        "colorspace": "ACES - ACEScg",
    }
    group["reach"].setValue("3")
    group["colorspace"].setValue("Output - Rec.709")
    assert state.settings(group, "", "ACES - ACEScg")["reach"] == 3
    assert state.settings(group, "", "ACES - ACEScg")["colorspace"] == "Output - Rec.709"


def test_an_exposure_counts_for_the_plate_that_it_was_measured_on(script: seat.Seat) -> None:
    group = node()

    state.keep_exposure(group, 1.25, "/a.####.exr")
    state.keep_exposure(group, 3.0, "/a.####.exr")  # later frames must not change it

    assert state.settings(group, "/a.####.exr") == {"exposure": 1.25}
    assert state.settings(group, "/b.####.exr") == {}
    state.keep_exposure(group, 3.0, "/b.####.exr")
    assert state.settings(group, "/b.####.exr") == {"exposure": 3.0}


def test_rows_are_objects_in_their_order_and_a_row_without_a_name_is_none(
    script: seat.Seat,
) -> None:
    group = node()
    objects(group, "hero", "", "car")
    group["object2_source"].setValue("matte1")
    group["object3_source"].setValue(" shape Layer1/car ")
    group["object3_on"].setValue(False)

    assert state.rows(group) == (
        NodeObject(1, "hero"),
        NodeObject(3, "car", "shape Layer1/car", on=False),
    )


def test_a_typed_name_is_taken_as_it_is_or_refused(script: seat.Seat) -> None:
    group = node()
    objects(group, "hero_1", "hero 1")
    with refused('Object name "hero 1" cannot be used'):
        state.rows(group)
    objects(group, "Héro", "")
    with refused('for instance "Hero"'):
        state.rows(group)
    objects(group, "hero", "Hero")
    with refused('it differs from "hero" in capitals only'):
        state.rows(group)
    objects(group, "main", "")
    with refused('the script has a view "main"'):
        state.rows(group)


def test_rows_are_written_without_gaps_and_one_more_is_shown(script: seat.Seat) -> None:
    group = node()
    objects(group, "", "", "car")

    state.put_rows(group, (*state.rows(group), NodeObject(0, "hero", "shape hero", on=False)))

    assert state.rows(group) == (
        NodeObject(1, "car"),
        NodeObject(2, "hero", "shape hero", on=False),
    )
    shown = [row for row in range(1, 6) if group[f"object{row}_name"].visible()]
    assert shown == [1, 2, 3]
    with refused("21 objects are more than a node has room for"):
        state.put_rows(group, [NodeObject(0, f"o{number}") for number in range(21)])
    assert len(state.rows(group)) == 2


def test_the_range_is_the_plates_the_projects_or_the_artists(script: seat.Seat) -> None:
    group = node()
    assert state.shot_range(group, 1001, 1100) == (1001, 1100)

    group["range"].setValue("project")  # 1001-1010, see lent.script
    assert state.shot_range(group, 1005, 1100) == (1005, 1010)

    group["range"].setValue("custom")
    group["first"].setValue(1020)
    group["last"].setValue(1200)
    assert state.shot_range(group, 1001, 1100) == (1020, 1100)


def test_a_project_that_has_none_of_the_plates_frames_is_refused_in_words(
    script: seat.Seat,
) -> None:
    nuke.root()["first_frame"].setValue(1)
    nuke.root()["last_frame"].setValue(100)
    group = node()
    group["range"].setValue("project")

    with refused(
        "The project has frames 1-100, and the plate has none of them: the plate has frames "
        "1001-1100. Set the node's range to plate, or correct the range in Project Settings."
    ):
        state.shot_range(group, 1001, 1100)


def test_frames_that_run_backwards_or_begin_before_zero_are_refused(script: seat.Seat) -> None:
    group = node()
    with refused("The shot begins at frame -8"):
        state.shot_range(group, -8, 100)
    group["range"].setValue("custom")
    group["first"].setValue(1100)
    group["last"].setValue(1001)
    with refused("Frames 1100-1001 run backwards"):
        state.shot_range(group, 1001, 1100)


def test_the_mattes_are_read_in_the_shots_range_but_a_typed_one_stays(script: seat.Seat) -> None:
    group = node()
    state.keep_range(group, 1001, 1100)
    assert (group["first"].value(), group["last"].value()) == (1001, 1100)

    group["range"].setValue("custom")
    state.keep_range(group, 1010, 1020)
    assert (group["first"].value(), group["last"].value()) == (1001, 1100)


def test_what_is_set_already_does_not_modify_the_script(script: seat.Seat) -> None:
    group = node()
    state.put_rows(group, [NodeObject(1, "hero")])
    state.keep_range(group, 1001, 1100)
    nuke.root().setModified(False)

    state.put_rows(group, state.rows(group))
    state.keep_range(group, 1001, 1100)

    assert not nuke.root().modified()
