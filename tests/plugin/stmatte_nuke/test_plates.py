# SPDX-License-Identifier: Apache-2.0
"""Which files the engine reads as the plate, and what Nuke writes for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import circles
import nuke
import paths
import plain_exr
import seat
from checks import refused
from drawn import files

from stmatte_host import EngineError
from stmatte_nuke import plates, reads
from stmatte_nuke.plates import Plate, plate_of, range_of, write_plate

FRAMES = range(1001, 1011)


def below(kind: str, *inputs: Any, **knobs: object) -> Any:
    node = getattr(nuke.nodes, kind)(**knobs)
    for number, each in enumerate(inputs):
        node.setInput(number, each)
    return node


def node_on(plate: Any) -> nuke.Node:
    group: nuke.Node = nuke.nodes.STMatte()
    group.setInput(0, plate)
    return group


def plate(group: nuke.Node, folder: Path, how: str = "automatic", view: str = "main") -> Plate:
    return plate_of(group, None, None, folder / "beside", view, how)


def test_a_plain_read_is_its_own_files(script: seat.Seat, tmp_path: Path) -> None:
    read = circles.plate(tmp_path / "plates", FRAMES)
    read.setName("Scan")

    found = plate(node_on(below("Dot", read)), tmp_path)

    assert found.pattern == f"{tmp_path.as_posix()}/plates/plate.####.exr"
    assert (found.size, found.pixel_aspect) == (circles.SIZE, 1.0)
    assert (found.first, found.last, found.to_write) == (1001, 1010, ())
    assert found.why == 'The plate is read from the files of "Scan".'
    assert not (tmp_path / "beside").exists()


def test_every_spelling_of_a_sequence_is_the_same_plate(script: seat.Seat, tmp_path: Path) -> None:
    circles.plate(tmp_path / "plates", FRAMES)
    there = f"{tmp_path.as_posix()}/plates/plate"
    for said in (
        f"{there}.%04d.exr",
        f"exr:{there}.####.exr",
        "[file dirname [value root.name]]/plates/plate.####.exr",
    ):
        read = circles.read(said, 1001, 1010)
        assert plate(node_on(read), tmp_path).pattern == f"{there}.####.exr", said


def test_a_localised_read_is_its_own_files_not_their_copies(
    script: seat.Seat, tmp_path: Path
) -> None:
    read = circles.plate(tmp_path / "plates", FRAMES)
    read["localizationPolicy"].setValue("on")

    assert "/plates/plate.####.exr" in plate(node_on(read), tmp_path).pattern


def test_of_several_views_the_files_are_those_of_the_one(tmp_path: Path) -> None:
    seat.new_script(
        tmp_path / "a_v001.nk", first=1001, last=1003, views=("left", "right"),
        plugin_path=[paths.GIZMO],
    )  # fmt: skip
    for view in ("left", "right"):
        circles.plate(tmp_path / view, range(1001, 1004))
    read = circles.read(f"{tmp_path.as_posix()}/%V/plate.####.exr", 1001, 1003)

    found = plate(node_on(read), tmp_path, view="right")

    assert (found.pattern, found.view) == (f"{tmp_path.as_posix()}/right/plate.####.exr", "right")


def test_files_that_no_view_names_are_written_out_for_the_view(tmp_path: Path) -> None:
    seat.new_script(
        tmp_path / "a_v001.nk", first=1001, last=1003, views=("left", "right"),
        plugin_path=[paths.GIZMO],
    )  # fmt: skip
    read = circles.plate(tmp_path / "plates", range(1001, 1004))

    found = plate(node_on(read), tmp_path, view="right")

    assert found.to_write == (1001, 1002, 1003)
    assert "are not named by view" in found.why


def test_what_changes_the_plate_is_written_out_as_it_is_shown(
    script: seat.Seat, tmp_path: Path
) -> None:
    read = circles.plate(tmp_path / "plates", FRAMES)
    grade = below("Grade", read, name="Bright")
    grade["multiply"].setValue(2)
    group = node_on(grade)

    found = plate(group, tmp_path)
    write_plate(group, found)

    assert found.to_write == tuple(FRAMES)
    assert found.pattern.startswith(f"{tmp_path.as_posix()}/beside/plate/")
    assert found.why == 'The plate is written out as "Bright" shows it, for "Bright" changes it.'
    picture = plain_exr.read(Path(found.pattern.replace("####", "1003")))
    assert sorted(picture.planes) == ["B", "G", "R"]
    assert abs(picture.planes["R"][0] - 2 * 0.25) < 1e-3  # 0.1 + 0.5 * 3 / 10, doubled
    assert len(list(Path(found.pattern).parent.iterdir())) == len(FRAMES)


def test_it_is_written_once_and_again_only_where_something_changed(
    script: seat.Seat, tmp_path: Path
) -> None:
    grade = below("Grade", circles.plate(tmp_path / "plates", FRAMES))
    group = node_on(grade)
    first = plate(group, tmp_path)
    write_plate(group, first)

    assert plate(group, tmp_path).to_write == ()

    Path(first.pattern.replace("####", "1004")).unlink()
    assert plate(group, tmp_path).to_write == (1004,)

    grade["multiply"].setValue(3)
    again = plate(group, tmp_path)
    assert again.pattern != first.pattern
    assert again.to_write == tuple(FRAMES)


def test_only_the_frames_of_the_shot_are_written(script: seat.Seat, tmp_path: Path) -> None:
    group = node_on(below("Grade", circles.plate(tmp_path / "plates", FRAMES)))

    found = plate_of(group, 1004, 1005, tmp_path, "main")

    assert (found.first, found.last, found.to_write) == (1001, 1010, (1004, 1005))


def test_the_artist_may_ask_for_the_stream_in_any_case(script: seat.Seat, tmp_path: Path) -> None:
    group = node_on(circles.plate(tmp_path / "plates", FRAMES))

    found = plate(group, tmp_path, plates.CONNECTED)

    assert found.to_write == tuple(FRAMES)
    assert found.why.endswith(", as the node asks for it.")


def test_a_read_that_shifts_its_frames_is_written_out(script: seat.Seat, tmp_path: Path) -> None:
    read = circles.plate(tmp_path / "plates", range(1, 11))
    read["frame_mode"].setValue("start at")
    read["frame"].setValue("1001")
    assert "shifts its frames (start at 1001)" in plate(node_on(read), tmp_path).why

    read["frame"].setValue("1")  # where they begin anyway
    assert plate(node_on(read), tmp_path).to_write == ()


def test_movies_and_stills_are_written_out(script: seat.Seat, tmp_path: Path) -> None:
    for file in ("/plates/a.mov", "/plates/a.exr", "/plates/a.####.r3d"):
        read = circles.read(file, 1001, 1002)
        assert plates.why_written(read, "main", (1001, 1002)) == (
            f'for "{read.name()}" reads no numbered pictures that STMatte can read itself'
        )


def test_missing_files_are_refused_by_their_numbers(script: seat.Seat, tmp_path: Path) -> None:
    pattern = files(tmp_path, "plate", (1001, 1002, 1005, 1006))
    read = circles.read(pattern, 1001, 1006)
    read.setName("Scan")
    group = node_on(read)

    with refused('The plate "Scan" lacks frames 1003-1004: there is no file', EngineError):
        plates.why_written(read, "main", (1001, 1006))
    assert plates.why_written(read, "main", (1005, 1006)) == ""
    read["on_error"].setValue("nearest frame")
    assert "shows others in their place" in plates.why_written(read, "main", (1001, 1006))
    assert range_of(group, "main") == (1001, 1006)


def test_a_plate_that_is_not_connected_is_asked_for(script: seat.Seat, tmp_path: Path) -> None:
    with refused('Nothing is connected to the input "plate" of "STMatte1". Connect the plate'):
        plate(node_on(None), tmp_path)


def test_the_colour_space_is_said_where_it_is_sure(script: seat.Seat, tmp_path: Path) -> None:
    read = circles.plate(tmp_path / "plates", FRAMES)
    group = node_on(read)

    assert plate(group, tmp_path).colorspace == ""  # "default" says nothing
    read["colorspace"].setValue("sRGB")
    assert plate(group, tmp_path).colorspace == "srgb"
    read["raw"].setValue(True)
    assert plate(group, tmp_path).colorspace == ""


def test_an_anamorphic_plate_keeps_its_pixels(script: seat.Seat, tmp_path: Path) -> None:
    planes = {name: [0.5] * (64 * 36) for name in "RGB"}
    plain_exr.write(tmp_path / "p.1001.exr", plain_exr.Exr(64, 36, planes, 2.0))
    read = circles.read(f"{tmp_path.as_posix()}/p.####.exr", 1001, 1001)
    group = node_on(below("Grade", read))

    found = plate(group, tmp_path)
    write_plate(group, found)

    assert (found.size, found.pixel_aspect) == ((64, 36), 2.0)
    assert plain_exr.head(Path(found.pattern.replace("####", "1001"))).pixel_aspect == 2


def test_proxy_mode_does_not_change_the_plate(script: seat.Seat, tmp_path: Path) -> None:
    root: Any = nuke.root()
    root["proxy"].setValue(True)

    assert plate(node_on(nuke.nodes.Constant()), tmp_path).size == (64, 36)
    assert root["proxy"].value()


def test_what_was_finished_before_a_cancel_is_not_written_again(
    script: seat.Seat, tmp_path: Path
) -> None:
    group = node_on(below("Grade", circles.plate(tmp_path / "plates", FRAMES)))
    found = plate(group, tmp_path)

    def render(_name: str, frame: int, _file: str) -> None:
        if frame == 1010:
            raise RuntimeError("Cancelled")

    seat.now().faults.render = render
    with refused("The plate on frames 1009-1010 was not rendered: it was cancelled", EngineError):
        write_plate(group, found)
    seat.now().faults.render = None

    again = plate(group, tmp_path)
    assert again.to_write == (1009, 1010)  # eight frames are rendered at once
    told: list[tuple[int, int]] = []
    write_plate(group, again, lambda done, count: told.append((done, count)))
    assert told == [(0, 2), (2, 2)]
    assert plate(group, tmp_path).to_write == ()


def test_of_plates_that_were_written_before_only_the_last_is_kept(
    script: seat.Seat, tmp_path: Path
) -> None:
    grade = below("Grade", circles.plate(tmp_path / "plates", range(1001, 1003)))
    group = node_on(grade)
    made = []
    for level in (2, 3, 4):
        grade["multiply"].setValue(level)
        made.append(plate(group, tmp_path))
        write_plate(group, made[-1])
    kept = tmp_path / "beside" / "plate" / "notes"
    kept.mkdir()

    there = {each.name for each in (tmp_path / "beside" / "plate").iterdir()}

    assert there == {Path(each.pattern).parent.name for each in made[1:]} | {"notes"}


def test_the_stream_is_written_in_the_view_that_is_meant(tmp_path: Path) -> None:
    seat.new_script(
        tmp_path / "a_v001.nk",
        first=1001,
        last=1001,
        views=("left", "right"),
        plugin_path=[paths.GIZMO],
    )
    for view, level in (("left", 0.25), ("right", 0.75)):
        (tmp_path / view).mkdir()
        planes = {name: [level] * (64 * 36) for name in "RGB"}
        plain_exr.write(tmp_path / view / "p.1001.exr", plain_exr.Exr(64, 36, planes))
    read = circles.read(f"{tmp_path.as_posix()}/%V/p.####.exr", 1001, 1001)
    group = node_on(below("Dot", below("Grade", read)))

    for view, level in (("right", 0.75), ("left", 0.25)):
        found = plate(group, tmp_path, view=view)
        write_plate(group, found)
        picture = plain_exr.read(Path(found.pattern.replace("####", "1001")))
        assert sorted(picture.planes) == ["B", "G", "R"]
        assert set(picture.planes["G"]) == {level}


def test_in_proxy_mode_a_read_with_proxies_is_still_its_full_files(
    script: seat.Seat, tmp_path: Path
) -> None:
    read = circles.plate(tmp_path / "plates", FRAMES)
    read["proxy"].setValue("/proxies/plate.####.jpg")
    root: Any = nuke.root()
    root["proxy"].setValue(True)
    assert nuke.filename(read) == "/proxies/plate.%04d.jpg"

    found = plate(node_on(read), tmp_path)

    assert reads.path_of(read) == f"{tmp_path.as_posix()}/plates/plate.%04d.exr"
    assert found.pattern == f"{tmp_path.as_posix()}/plates/plate.####.exr"
    assert root["proxy"].value()
