# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nuke
import paths
import seat
from checks import refused

from stmatte_nuke import identity, known, places


def node(name: str = "") -> Any:
    group = nuke.createNode("STMatte")
    if name:
        group.setName(name)
    return group


def make_mattes(group: Any, *frames: int) -> None:
    out = places.out_of(group)
    out.folder.mkdir(parents=True, exist_ok=True)
    for frame in frames:
        out.path(frame).write_bytes(b"matte")


def copy_of(group: Any) -> Any:
    for each in nuke.allNodes():
        each.setSelected(False)
    group.setSelected(True)
    nuke.nodeCopy("%clipboard%")
    group.setSelected(False)
    return nuke.nodePaste("%clipboard%")


def takes(*groups: Any) -> list[str]:
    return [places.out_of(group).take for group in groups]


def test_the_first_press_gives_a_node_a_take_of_its_own_name(script: seat.Seat) -> None:
    first, second = node("Hero"), node("Car")

    assert identity.settle(first) == ()
    assert identity.settle(second) == ()

    assert takes(first, second) == ["Hero", "Car"]
    assert first["out"].value() == "[file dirname [value root.name]]/mattes/Hero/Hero.####.exr"
    assert first["stm_identity"].value() != second["stm_identity"].value()


def test_a_press_in_an_unsaved_script_is_refused_and_leaves_the_node_fresh(tmp_path: Path) -> None:
    seat.new_script(plugin_path=[paths.GIZMO])
    group = node("Hero")
    with refused("This script was never saved"):
        identity.settle(group)

    nuke.scriptSaveAs((tmp_path / "s.nk").as_posix(), 1)
    assert identity.settle(group) == ()

    assert takes(group) == ["Hero"]


def test_in_a_script_of_several_views_a_fresh_node_names_them(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "s.nk", views=("left", "right"), plugin_path=[paths.GIZMO])
    group = node("Hero")

    assert identity.settle(group) == ()

    said = "[file dirname [value root.name]]/mattes/Hero/Hero_%V.####.exr"
    assert group["out"].value() == said
    assert takes(group) == ["Hero_left"]


def test_settling_twice_changes_nothing(script: seat.Seat) -> None:
    group = node()
    identity.settle(group)
    before = {name: knob.toScript() for name, knob in group.knobs().items()}
    nuke.root().setModified(False)

    assert identity.settle(group) == ()

    assert {name: knob.toScript() for name, knob in group.knobs().items()} == before
    assert not nuke.root().modified()


def test_a_fresh_node_never_takes_the_files_of_one_that_was_deleted(script: seat.Seat) -> None:
    gone = node("Hero")
    identity.settle(gone)
    make_mattes(gone, 1001)
    nuke.delete(gone)
    fresh = node("Hero")

    identity.settle(fresh)

    assert takes(fresh) == ["Hero_2"]
    assert places.out_of(fresh).files() == {}


def test_a_path_of_the_artists_stays(script: seat.Seat, tmp_path: Path) -> None:
    group = node()
    group["out"].setValue(f"{tmp_path.as_posix()}/m/a.%04d.exr")

    assert identity.settle(group) == ()

    assert group["out"].value() == f"{tmp_path.as_posix()}/m/a.%04d.exr"


def test_a_copy_gets_files_of_its_own_and_goes_on_showing_its_originals(
    script: seat.Seat,
) -> None:
    hero = node("Hero")
    identity.settle(hero)
    make_mattes(hero, 1001, 1002)
    copy = copy_of(hero)
    assert copy["out"].value() == hero["out"].value()  # so it shows the mattes before any press

    told = identity.settle(copy)

    assert told == (
        (
            f'"{copy.name()}" is a copy and would have written over the mattes of "Hero": '
            f"its own go to {places.out_of(copy).pattern} now."
        ),
    )
    assert takes(hero, copy) == ["Hero", copy.name()]
    assert sorted(places.out_of(copy).files()) == [1001, 1002]
    assert copy["stm_identity"].value() != hero["stm_identity"].value()
    assert identity.settle(hero) == identity.settle(copy) == ()
    assert takes(hero, copy) == ["Hero", copy.name()]


def test_a_copy_that_was_given_a_path_of_its_own_keeps_it(
    script: seat.Seat, tmp_path: Path
) -> None:
    hero = node("Hero")
    identity.settle(hero)
    make_mattes(hero, 1001)
    copy = copy_of(hero)
    copy["out"].setValue(f"{tmp_path.as_posix()}/mine/a.####.exr")

    told = identity.settle(copy)

    assert "were brought along" in told[0]
    assert copy["out"].value() == f"{tmp_path.as_posix()}/mine/a.####.exr"
    assert copy["stm_identity"].value() != hero["stm_identity"].value()
    assert sorted(places.out_of(copy).files()) == [1001]


def test_of_two_copies_the_one_that_is_pressed_first_changes_nothing_of_the_others(
    script: seat.Seat,
) -> None:
    hero = node("Hero")
    identity.settle(hero)
    one, two = copy_of(hero), copy_of(hero)

    identity.settle(two)
    identity.settle(one)
    identity.settle(hero)

    assert len({take.lower() for take in takes(hero, one, two)}) == 3
    assert takes(hero) == ["Hero"]


def test_a_renamed_node_keeps_its_files(script: seat.Seat) -> None:
    group = node("Hero")
    identity.settle(group)
    said = group["out"].value()
    group.setName("Villain")

    assert identity.settle(group) == ()

    assert group["out"].value() == said
    assert known.known_of(group).node == "Villain"


def test_a_copy_of_a_node_that_was_renamed_is_still_a_copy(script: seat.Seat) -> None:
    hero = node("Hero")
    identity.settle(hero)
    hero.setName("Villain")
    copy = copy_of(hero)

    assert identity.settle(hero) == ()  # pressed first, it is the one that stays
    assert "is a copy" in identity.settle(copy)[0]
    assert takes(hero)[0] == "Hero"


def test_what_is_cut_and_pasted_again_is_the_same_node(script: seat.Seat) -> None:
    hero = node("Hero")
    identity.settle(hero)
    hero.setSelected(True)
    nuke.nodeCopy("%clipboard%")
    nuke.delete(hero)

    again: Any = nuke.nodePaste("%clipboard%")

    assert identity.settle(again) == ()
    assert takes(again) == ["Hero"]


def test_two_nodes_that_were_told_to_write_the_same_files_are_refused(
    script: seat.Seat, tmp_path: Path
) -> None:
    first, second = node("Hero"), node("Car")
    for group in (first, second):
        group["out"].setValue(f"{tmp_path.as_posix()}/m/a.####.exr")
    identity.settle(first)

    with refused('"Car" and "Hero" both write'):
        identity.settle(second)
    second["out"].setValue(f"{tmp_path.as_posix()}/M/A.####.exr")  # one file on many disks
    with refused("each node has files of its own"):
        identity.settle(second)


def saved(group: Any, path: Path) -> Any:
    """Save the script under a path, open it again, and return the node."""
    name = group.fullName()
    path.parent.mkdir(parents=True, exist_ok=True)
    nuke.scriptSaveAs(path.as_posix(), 1)
    nuke.scriptClear()
    nuke.scriptOpen(path.as_posix())
    found = nuke.toNode(name)
    assert found is not None
    return found


def test_saving_opening_and_a_new_version_keep_what_a_node_has(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node("Hero")
    identity.settle(group)
    make_mattes(group, 1001)

    group = saved(group, tmp_path / "shot_v001.nk")
    assert identity.settle(group) == ()
    group = saved(group, tmp_path / "shot_v002.nk")
    assert identity.settle(group) == ()

    assert takes(group) == ["Hero"]
    assert sorted(places.out_of(group).files()) == [1001]


def test_a_node_that_is_in_another_script_too_parts_from_it(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node("Hero")
    identity.settle(group)
    make_mattes(group, 1001)
    group = saved(group, tmp_path / "shot_v001.nk")

    group = saved(group, tmp_path / "other_comp_v001.nk")
    told = identity.settle(group)

    assert f'of "Hero" in {(tmp_path / "shot_v001.nk").as_posix()}' in told[0]
    assert takes(group) == ["Hero_2"]
    assert sorted(places.out_of(group).files()) == [1001]


def test_a_project_folder_that_moved_is_found_where_it_is_now(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node("Hero")
    identity.settle(group)
    make_mattes(group, 1001)
    before = tmp_path / "before"
    group = saved(group, before / "shot_v001.nk")
    identity.settle(group)
    make_mattes(group, 1001)
    nuke.scriptSaveAs((before / "shot_v001.nk").as_posix(), 1)
    nuke.scriptClear()
    before.rename(tmp_path / "after")

    nuke.scriptOpen((tmp_path / "after" / "shot_v001.nk").as_posix())
    group = nuke.toNode("Hero")

    assert identity.settle(group) == ()
    assert places.out_of(group).folder == tmp_path / "after" / "mattes" / "Hero"
    assert sorted(places.out_of(group).files()) == [1001]


def test_a_script_that_is_saved_in_another_folder_brings_its_mattes_along(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node("Hero")
    identity.settle(group)
    make_mattes(group, 1001)
    approved = places.out_of(group).beside / "locked" / "hero.1001.exr"
    approved.parent.mkdir()
    approved.write_bytes(b"approved")

    group = saved(group, tmp_path / "elsewhere" / "shot_v001.nk")
    told = identity.settle(group)

    assert "were brought along" in told[0]
    out = places.out_of(group)
    assert out.folder == tmp_path / "elsewhere" / "mattes" / "Hero"
    assert sorted(out.files()) == [1001]
    assert (out.beside / "locked" / "hero.1001.exr").read_bytes() == b"approved"
    assert identity.settle(group) == ()


def test_a_project_folder_that_was_copied_has_mattes_of_its_own_already(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node("Hero")
    identity.settle(group)
    group = saved(group, tmp_path / "before" / "shot.nk")
    identity.settle(group)
    make_mattes(group, 1001)
    nuke.scriptSaveAs((tmp_path / "before" / "shot.nk").as_posix(), 1)
    shutil.copytree(tmp_path / "before", tmp_path / "other")
    nuke.scriptClear()
    nuke.scriptOpen((tmp_path / "other" / "shot.nk").as_posix())
    group = nuke.toNode("Hero")

    assert identity.settle(group) == ()
    assert takes(group) == ["Hero"]


def test_a_path_that_leads_to_other_mattes_is_not_filled_with_the_old_ones(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node("Hero")
    identity.settle(group)
    make_mattes(group, 1001, 1002)
    group["out"].setValue(f"{tmp_path.as_posix()}/older/a.####.exr")
    make_mattes(group, 1001)

    assert identity.settle(group) == ()
    assert sorted(places.out_of(group).files()) == [1001]


def pasted_into(path: Path, group: Any, *names: str) -> Any:
    """Copy a node of a saved script, paste it into another with nodes of these names, return it."""
    group.setSelected(True)
    nuke.nodeCopy("%clipboard%")
    seat_clipboard = seat.now().clipboard
    path.parent.mkdir(parents=True, exist_ok=True)
    seat.new_script(path, plugin_path=[paths.GIZMO])
    for name in names:
        there = node(name)
        identity.settle(there)
        make_mattes(there, 1001)
    seat.now().clipboard = seat_clipboard
    return nuke.nodePaste("%clipboard%")


def hero_of(path: Path) -> Any:
    """Return a node of a script that is saved under a path, with mattes of two frames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    seat.new_script(path, plugin_path=[paths.GIZMO])
    group = node("Hero")
    identity.settle(group)
    make_mattes(group, 1001, 1002)
    nuke.scriptSaveAs(path.as_posix(), 1)
    return group


def test_a_node_that_is_pasted_into_a_script_elsewhere_shows_what_it_showed(
    tmp_path: Path,
) -> None:
    hero = hero_of(tmp_path / "sh010" / "comp.nk")

    group = pasted_into(tmp_path / "sh020" / "comp.nk", hero)

    assert "were brought along" in identity.settle(group)[0]
    assert places.out_of(group).folder == tmp_path / "sh020" / "mattes" / "Hero"
    assert sorted(places.out_of(group).files()) == [1001, 1002]


def test_a_node_that_is_pasted_where_another_has_its_files_parts_from_it(tmp_path: Path) -> None:
    hero = hero_of(tmp_path / "sh010" / "comp.nk")

    group = pasted_into(tmp_path / "sh020" / "comp.nk", hero, "Hero")
    told = identity.settle(group)

    assert 'would have written over the mattes of "Hero": its own go to' in told[0]
    assert group.name() != "Hero"
    assert takes(group) == [group.name()]
    assert sorted(places.out_of(group).files()) == [1001, 1002]  # its own, not the other's
    other: Any = nuke.toNode("Hero")
    assert identity.settle(other) == ()
    assert sorted(places.out_of(other).files()) == [1001]


def test_a_node_that_is_pasted_into_a_folder_with_mattes_of_that_name_leaves_them_alone(
    tmp_path: Path,
) -> None:
    hero = hero_of(tmp_path / "sh010" / "comp.nk")
    theirs = hero_of(tmp_path / "sh020" / "roto.nk")
    assert sorted(places.out_of(theirs).files()) == [1001, 1002]
    seat.new_script(tmp_path / "sh010" / "comp.nk", plugin_path=[paths.GIZMO])
    nuke.scriptOpen((tmp_path / "sh010" / "comp.nk").as_posix())
    hero = nuke.toNode("Hero")

    group = pasted_into(tmp_path / "sh020" / "light.nk", hero)
    told = identity.settle(group)

    folder = (tmp_path / "sh020" / "mattes" / "Hero").as_posix()
    assert f"would have written over the mattes of what lies in {folder}" in told[0]
    assert takes(group) == ["Hero_2"]


def test_another_view_is_not_filled_with_the_mattes_of_the_first(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "s.nk", views=("left", "right"), plugin_path=[paths.GIZMO])
    group = node("Hero")
    group["out"].setValue("[file dirname [value root.name]]/m/%V/a.####.exr")
    identity.settle(group)
    make_mattes(group, 1001)

    group["view"].setValue("right")
    assert identity.settle(group) == ()

    assert places.out_of(group).files() == {}


def test_a_copy_takes_the_mattes_of_all_views_along(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "s.nk", views=("left", "right"), plugin_path=[paths.GIZMO])
    group = node("Hero")
    group["out"].setValue("[file dirname [value root.name]]/m/%V/a.####.exr")
    identity.settle(group)
    for view in ("left", "right"):
        group["view"].setValue(view)
        make_mattes(group, 1001)
    copy = copy_of(group)

    identity.settle(copy)

    assert takes(copy) == ["a_2"]
    for view in ("left", "right"):
        copy["view"].setValue(view)
        assert sorted(places.out_of(copy).files()) == [1001]


def test_a_farm_leaves_every_path_as_it_is_and_refuses_an_unsettled_copy(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "s.nk", plugin_path=[paths.GIZMO])
    hero = node("Hero")
    identity.settle(hero)
    copy_of(hero)
    fresh = node("Fresh")
    nuke.scriptSaveAs((tmp_path / "s.nk").as_posix(), 1)

    seat.new_script(tmp_path / "s.nk", gui=False, plugin_path=[paths.GIZMO])
    nuke.scriptOpen((tmp_path / "s.nk").as_posix())
    hero, fresh = nuke.toNode("Hero"), nuke.toNode("Fresh")
    copies = [each for each in known.others(hero) if each.name() not in ("Hero", "Fresh")]

    assert identity.settle(hero) == ()
    assert identity.settle(fresh) == ()
    assert takes(hero, fresh) == ["Hero", "STMatte"]
    with refused('is a copy of "Hero" and would write over its mattes'):
        identity.settle(copies[0])


def test_a_script_that_a_farm_has_copied_keeps_its_files(tmp_path: Path) -> None:
    seat.new_script(tmp_path / "s.nk", plugin_path=[paths.GIZMO])
    hero = node("Hero")
    hero["out"].setValue(f"{tmp_path.as_posix()}/m/a.####.exr")
    identity.settle(hero)
    nuke.scriptSaveAs((tmp_path / "s.nk").as_posix(), 1)
    nuke.scriptSaveAs((tmp_path / "job_17.nk").as_posix(), 1)

    seat.new_script(tmp_path / "job_17.nk", gui=False, plugin_path=[paths.GIZMO])
    nuke.scriptOpen((tmp_path / "job_17.nk").as_posix())
    hero = nuke.toNode("Hero")

    assert identity.settle(hero) == ()
    assert takes(hero) == ["a"]


def test_another_spelling_of_the_scripts_path_is_the_same_script(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    seat.new_script(tmp_path / "real" / "s.nk", plugin_path=[paths.GIZMO])
    hero = node("Hero")
    hero["out"].setValue(f"{tmp_path.as_posix()}/m/a.####.exr")
    identity.settle(hero)
    nuke.scriptSaveAs((tmp_path / "real" / "s.nk").as_posix(), 1)
    nuke.scriptClear()
    nuke.scriptOpen((tmp_path / "link" / "s.nk").as_posix())
    hero = nuke.toNode("Hero")

    assert identity.settle(hero) == ()
    assert takes(hero) == ["a"]


def test_nodes_within_groups_are_told_apart_by_their_whole_name(script: seat.Seat) -> None:
    outer: Any = nuke.createNode("Group")
    with outer:
        hero = node("Hero")
    identity.settle(hero)
    twin = copy_of_into(hero, nuke.root())

    assert hero.fullName() == f"{outer.name()}.Hero"
    assert twin.fullName() == "Hero"
    assert "is a copy" in identity.settle(twin)[0]
    assert identity.settle(hero) == ()


def copy_of_into(group: Any, where: Any) -> Any:
    with group.parent():
        group.setSelected(True)
        nuke.nodeCopy("%clipboard%")
        group.setSelected(False)
    with where:
        return nuke.nodePaste("%clipboard%")
