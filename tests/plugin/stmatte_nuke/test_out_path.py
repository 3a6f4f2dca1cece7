# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from checks import refused

from stmatte_nuke.out_path import OutPath, out_path, renamed

MONO = ("main",)
STEREO = ("left", "right")


def pattern(said: str, view: str = "main", views: tuple[str, ...] = MONO, project: str = "") -> str:
    return out_path(said, view, views, project).pattern


def test_every_way_in_which_nuke_writes_a_frame_number_is_one_pattern() -> None:
    assert pattern("/shot/mattes/hero.####.exr") == "/shot/mattes/hero.####.exr"
    assert pattern("/shot/mattes/hero.%04d.exr") == "/shot/mattes/hero.####.exr"
    assert pattern("/shot/mattes/hero.%06d.exr") == "/shot/mattes/hero.######.exr"
    assert pattern("/shot/mattes/hero_%d.exr") == "/shot/mattes/hero_#.exr"
    assert pattern("  exr:/shot/hero.####.exr ") == "/shot/hero.####.exr"


def test_a_drive_is_no_prefix_and_backslashes_are_slashes() -> None:
    assert pattern("C:\\shot\\hero.####.exr") == "C:/shot/hero.####.exr"
    assert pattern("exr:D:/shot/hero.####.exr") == "D:/shot/hero.####.exr"
    assert pattern("\\\\server\\shots\\hero.####.exr") == "//server/shots/hero.####.exr"


def test_another_file_type_is_refused_with_the_path_to_write() -> None:
    with refused('"dpx:" before the path of the mattes asks for another type of file'):
        pattern("dpx:/shot/hero.####.exr")
    with refused(
        'are to be called "hero.####.tif": mattes are written as EXR. Write "hero.####.exr"'
    ):
        pattern("/shot/hero.####.tif")


def test_a_relative_path_is_taken_from_the_project_directory_or_refused() -> None:
    assert pattern("m/hero.####.exr", project="/shot/") == "/shot/m/hero.####.exr"
    assert pattern("m/hero.####.exr", project="C:\\shot") == "C:/shot/m/hero.####.exr"
    with refused("Write [file dirname [value root.name]]/m/hero.####.exr."):
        pattern("m/hero.####.exr")
    with refused('"C:hero.####.exr", which is not a whole path'):
        pattern("C:hero.####.exr")
    with refused("which is not a whole path"):
        pattern("m/hero.####.exr", project="shots")


def test_a_path_that_is_empty_says_how_one_looks() -> None:
    with refused("The node doesn't say where its mattes go."):
        pattern("   ")


def test_a_frame_number_stands_once_and_in_the_files_name() -> None:
    with refused('"hero.exr" has no place for the frame number: the file\'s name holds ####'):
        pattern("/shot/hero.exr")
    with refused('Write "hero.####.exr"'):
        pattern("/shot/hero.exr")
    with refused('"####.%04d.exr" has several places for the frame number'):
        pattern("/shot/####.%04d.exr")
    with refused('The folder "/shot/v###" has a place for the frame number'):
        pattern("/shot/v###/hero.####.exr")


def test_the_engines_own_places_are_refused_since_nuke_reads_one_file() -> None:
    with refused('The path of the mattes has "{" in it'):
        pattern("/shot/{object}.####.exr")


def test_two_views_never_share_their_files() -> None:
    assert pattern("/s/%V/hero.####.exr", "left", STEREO) == "/s/left/hero.####.exr"
    assert pattern("/s/hero_%v.####.exr", "right", STEREO) == "/s/hero_r.####.exr"
    assert pattern("/s/hero_%V.####.exr") == "/s/hero_main.####.exr"
    with refused("the script has the views left, right"):
        pattern("/s/hero.####.exr", "left", STEREO)
    with refused('for instance "/s/hero_%V.####.exr"'):
        pattern("/s/hero.####.exr", "left", STEREO)


def test_what_lies_beside_the_mattes_is_of_one_take() -> None:
    own = OutPath("/shot/mattes/hero/hero.####.exr")
    shared = OutPath("/shot/mattes/hero.####.exr")

    assert (own.take, own.folder, own.beside) == (
        "hero",
        Path("/shot/mattes/hero"),
        Path("/shot/mattes/hero"),
    )
    assert shared.beside == Path("/shot/mattes/hero")
    assert OutPath("/shot/mattes/car.####.exr").beside != shared.beside
    assert OutPath("/shot/hero/####.exr").take == "hero"


def test_the_cryptomatte_lies_where_the_engine_puts_it() -> None:
    assert OutPath("/s/hero.####.exr").crypto.pattern == "/s/hero_crypto.####.exr"
    assert OutPath("/s/hero_####.exr").crypto.pattern == "/s/hero_crypto_####.exr"
    assert OutPath("/s/####.exr").crypto.pattern == "/s/crypto.####.exr"


def test_the_mattes_that_are_there_are_found_by_their_frame(tmp_path: Path) -> None:
    out = OutPath(f"{tmp_path.as_posix()}/hero.####.exr")
    for name in ("hero.1001.exr", "hero.12345.exr", "hero.99.exr", "hero.1002.exr.part", "a.1.exr"):
        (tmp_path / name).write_bytes(b"")

    assert out.files() == {
        1001: tmp_path / "hero.1001.exr",
        12345: tmp_path / "hero.12345.exr",
    }
    assert out.path(7) == tmp_path / "hero.0007.exr"
    assert OutPath("/nowhere/at/all/hero.####.exr").files() == {}


def test_another_take_has_files_and_a_folder_of_its_own() -> None:
    shipped = "[file dirname [value root.name]]/mattes/STMatte/STMatte.####.exr"

    assert renamed(shipped, "hero") == "[file dirname [value root.name]]/mattes/hero/hero.####.exr"
    assert renamed("/s/mattes/a.%04d.exr", "a_2") == "/s/mattes/a_2.%04d.exr"
    assert renamed("/s/%V/a/a.####.exr", "a_2") == "/s/%V/a_2/a_2.####.exr"
    assert renamed("/s/a_%V/a_%V.####.exr", "a_2") == "/s/a_2/a_2_%V.####.exr"
    assert renamed("[value m]/[value name].####.exr", "x") == "[value m]/x.####.exr"
    assert renamed("/s/####.exr", "x") == "/s/x.####.exr"
