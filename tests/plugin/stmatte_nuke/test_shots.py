# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import nuke
import paths
import seat
import triangles
from checks import refused

from stmatte_host import AbsentFrames, LockedFrames
from stmatte_host.shown import KeyRow
from stmatte_nuke import shots
from stmatte_nuke.shots import gather


def hero(folder: Path, *keys: int) -> tuple[Any, Any]:
    """Return a node with one object, keyed on frames, and its Roto."""
    roto: Any = nuke.nodes.Roto()
    triangles.shape(roto, "hero", keys)
    return triangles.node(triangles.plate(folder / "plate"), roto, "hero"), roto


def constant() -> Any:
    return nuke.nodes.Constant(channels="rgba")


def test_a_shot_is_the_plate_the_keys_and_where_the_mattes_go(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1008)

    gathered = gather(group, 1004)

    shot, place = gathered.shot, f"{tmp_path.as_posix()}/mattes/STMatte"
    assert shot.plate == f"{tmp_path.as_posix()}/plate/plate.####.exr"
    assert shot.objects == ("hero",)
    assert shot.frames == "1001-1010"
    assert (shot.out, shot.base) == (f"{place}/STMatte.####.exr", place)
    assert [(key.object, key.frame) for key in shot.keys] == [("hero", 1001), ("hero", 1008)]
    assert shot.choices == {
        "name": "STMatte",
        "channels": "object.A",
        "compression": "zips",
        "uncertainty": False,
        "cryptomatte": False,
    }
    assert gathered.heard == {"hero": (1001, 1008)}
    assert (gathered.first, gathered.last, gathered.offset) == (1001, 1010, 0)
    assert [(name, source.text, frame) for name, source, frame, _ in gathered.wanted] == [
        ("hero", "shape hero", 1001),
        ("hero", "shape hero", 1008),
    ]
    assert {path.parent for *_, path in gathered.wanted} == {Path(place) / "keys"}


def test_gathering_changes_nothing_of_the_script(script: seat.Seat, tmp_path: Path) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    nuke.root().setModified(False)

    gather(group, 1004)

    assert not nuke.root().modified()


def test_a_key_that_is_there_is_not_wanted_again_and_one_that_changed_is(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, roto = hero(tmp_path, 1001, 1008)
    for *_, path in gather(group, 1004).wanted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"key")
    assert gather(group, 1004).wanted == ()

    triangles.key(next(iter(roto["curves"].rootLayer)), 1008, by=3)

    assert [frame for _, _, frame, _ in gather(group, 1004).wanted] == [1008]


def test_keys_are_rendered_anew_for_a_plate_of_another_size(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    before = {path for *_, path in gather(group, 1004).wanted}

    group.setInput(0, triangles.plate(tmp_path / "wide", size=(96, 36)))

    assert before.isdisjoint(path for *_, path in gather(group, 1004).wanted)


def test_keys_by_hand_and_dropped_keys_come_from_the_marks(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1005, 1008)
    group["marks"].setValue("hero: key 1003\nhero: no key 1005\nhero: absent 1008-1200")

    gathered = gather(group, 1004)

    assert gathered.heard == {"hero": (1001, 1003)}
    assert gathered.unheard == (
        KeyRow("hero", 1005, "ignored"),
        KeyRow("hero", 1008, "absent"),
    )
    assert gathered.shot.absences == (AbsentFrames("hero", "1008-1010"),)  # cut to the shot


def test_locked_mattes_are_told_with_their_files_cut_to_the_shot(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    group["marks"].setValue("hero: locked 990-1002")
    locked = tmp_path / "mattes" / "STMatte" / "locked"

    with refused('"hero" is locked at 1001-1002, and no approved matte lies in'):
        gather(group, 1004)

    locked.mkdir(parents=True)
    for frame in (1001, 1002):
        (locked / f"hero.{frame}.exr").write_bytes(b"approved")
    gathered = gather(group, 1004)
    assert gathered.shot.locks == (
        LockedFrames("hero", "1001-1002", f"{locked.as_posix()}/hero.####.exr", "hero.A"),
    )
    assert gathered.unheard == (KeyRow("hero", 1001, "locked"),)


def test_takes_that_share_a_folder_have_locked_mattes_of_their_own(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    group["out"].setValue(f"{tmp_path.as_posix()}/m/a.####.exr")

    assert {path.parent for *_, path in gather(group, 1004).wanted} == {
        tmp_path / "m" / "a" / "keys"
    }


def test_a_project_of_other_frames_than_the_plates_is_refused_or_told(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    group["range"].setValue("project")
    nuke.root()["first_frame"].setValue(1)
    nuke.root()["last_frame"].setValue(100)
    with refused("The project has frames 1-100, and the plate has none of them"):
        gather(group, 1004)

    nuke.root()["last_frame"].setValue(1004)
    gathered = gather(group, 1004)
    assert (gathered.first, gathered.last) == (1001, 1004)
    assert (
        "The plate has frames 1001-1010: of 1-1004 mattes are made for 1001-1004." in gathered.notes
    )
    assert any('Keys of "hero" at 1008 lie outside' in note for note in gathered.notes)


def test_a_node_without_plate_roto_or_object_says_what_to_do(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, roto = hero(tmp_path, 1001, 1008)
    read = group.input(0)

    group.setInput(0, None)
    with refused('Nothing is connected to the input "plate"'):
        gather(group, 1004)
    group.setInput(0, read)
    group.setInput(1, None)
    with refused('"hero" takes its keys from the input "roto", and nothing is connected there'):
        gather(group, 1004)
    group.setInput(1, roto)
    group["object1_on"].setValue(False)
    with refused("No object of the node is switched on"):
        gather(group, 1004)
    group["object1_name"].setValue("")
    with refused("The node has no object: "):
        gather(group, 1004)


def test_an_object_whose_shape_is_gone_is_left_out_and_told(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, roto = hero(tmp_path, 1001, 1008)
    triangles.shape(roto, "car", (1001, 1008))
    group["object2_name"].setValue("van")
    group["object2_source"].setValue("shape van")

    gathered = gather(group, 1004)

    assert gathered.shot.objects == ("hero",)
    assert any(
        'The object "van" is left out of the mattes: ' in note
        and 'has no shape or layer "van"' in note
        for note in gathered.notes
    )
    group["object1_on"].setValue(False)
    with refused('The object "van" is left out'):
        gather(group, 1004)


def test_an_object_that_is_off_is_not_asked_for_anything(script: seat.Seat, tmp_path: Path) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    group["object2_name"].setValue("van")
    group["object2_source"].setValue("shape van")
    group["object2_on"].setValue(False)

    gathered = gather(group, 1004)

    assert gathered.shot.objects == ("hero",)
    assert not any("van" in note for note in gathered.notes)


def test_where_nothing_is_keyed_the_current_frame_is_and_that_is_told(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = triangles.node(
        triangles.plate(tmp_path / "plate"), nuke.nodes.Constant(channels="rgba")
    )
    group["object1_name"].setValue("hero")

    gathered = gather(group, 1004)

    assert gathered.heard == {"hero": (1004,)}
    assert any("as it is on the current frame, 1004," in note for note in gathered.notes)


def test_a_channel_that_is_not_there_is_refused_by_name(script: seat.Seat, tmp_path: Path) -> None:
    group = triangles.node(
        triangles.plate(tmp_path / "plate"), nuke.nodes.Constant(channels="rgba")
    )
    group["object1_name"].setValue("hero")
    group["object1_source"].setValue("channel id.red")

    with refused('"hero" takes its keys from id.red of'):
        gather(group, 1004)


def test_marks_of_what_is_no_object_are_told(script: seat.Seat, tmp_path: Path) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    group["marks"].setValue("car: key 1003")

    assert (
        "The marks speak of car, and the objects are hero: those lines are not heard."
        in gather(group, 1004).notes
    )


def test_a_cryptomatte_is_asked_for_where_the_node_would_find_it(
    script: seat.Seat, tmp_path: Path
) -> None:
    group, _ = hero(tmp_path, 1001, 1008)
    group["cryptomatte"].setValue(True)
    assert gather(group, 1004).shot.choices["cryptomatte"] is True

    group["out"].setValue(f"{tmp_path.as_posix()}/m/a_####.exr")
    with refused('The Cryptomatte of "a_####.exr" would not be found by the node'):
        gather(group, 1004)
    group["cryptomatte"].setValue(False)
    assert gather(group, 1004).shot.out.endswith("/m/a_####.exr")


def test_each_view_has_files_of_its_own(tmp_path: Path) -> None:
    seat.new_script(
        tmp_path / "s.nk", views=("left", "right"), first=1001, plugin_path=[paths.GIZMO]
    )
    (tmp_path / "left").mkdir()
    group, _ = hero(tmp_path, 1001, 1008)
    group["out"].setValue(f"{tmp_path.as_posix()}/%V/a.####.exr")
    group["view"].setValue("right")

    assert gather(group, 1004).shot.out == f"{tmp_path.as_posix()}/right/a.####.exr"
    assert shots.CHANNELS == "object.A"
