# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import paths  # noqa: F401

from stmatte_nuke.file_sequence import FileSequence, has_view, plain, sequence


def pattern(path: str, view: str = "main", project: str = "") -> str:
    found = sequence(path, view, project)
    return "" if found is None else found.pattern


def test_every_way_of_writing_the_number_is_one_pattern() -> None:
    assert pattern("/p/plate.%04d.exr") == "/p/plate.####.exr"
    assert pattern("/p/plate.####.exr") == "/p/plate.####.exr"
    assert pattern("/p/plate_%d.dpx") == "/p/plate_#.dpx"


def test_a_readers_prefix_goes_and_a_drive_stays() -> None:
    assert plain("exr:/p/plate.####.exr") == "/p/plate.####.exr"
    assert pattern("exr:/p/plate.####.exr") == "/p/plate.####.exr"
    assert pattern("exr:C:/p/plate.####.exr") == "C:/p/plate.####.exr"
    assert pattern("C:/p/plate.####.exr") == "C:/p/plate.####.exr"


def test_the_view_takes_its_place() -> None:
    assert pattern("/p/%V/plate.%v.####.exr", "right") == "/p/right/plate.r.####.exr"
    assert has_view("/p/%V/plate.####.exr")
    assert not has_view("/p/plate.%04d.exr")


def test_a_relative_path_lies_in_the_project_folder() -> None:
    assert pattern("p/plate.####.exr", project="/show/") == "/show/p/plate.####.exr"
    assert pattern("p/plate.####.exr") == ""


def test_movies_stills_and_numbers_in_folders_are_no_sequence() -> None:
    for path in ("/p/plate.mov", "/p/plate.%04d.mov", "/p/plate.exr", "/p/%04d/plate.%04d.exr",
                 "/p/plate.%04d.%04d.exr", "", "/p/plate.####.r3d"):  # fmt: skip
        assert sequence(path, "main") is None, path


def test_files_are_there_by_their_numbers(tmp_path: Path) -> None:
    names = ("a.0999.exr", "a.1001.exr", "a.10002.exr", "a.00003.exr", "a.12.exr", "b.1002.exr",
             "a.1003.exr.tmp", ".a.1004.exr", "a.-005.exr")  # fmt: skip
    for name in names:
        (tmp_path / name).touch()

    assert sorted(FileSequence(str(tmp_path), "a.", 4, ".exr").there()) == [999, 1001, 10002]


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert FileSequence(str(tmp_path / "none"), "a.", 4, ".exr").there() == {}
