# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cutting import touch
from stmatte.images import find_sequence
from stmatte.timelines.folders import Folders

NAMES = (
    "a.0999.exr",
    "a.1000.exr",
    "a.10000.exr",
    "a.7.exr",
    "a_1000.exr",
    "ab.1000.exr",
    "b.0001.png",
    ".a.1001.exr",
    "a.1002.txt",
)


@given(pattern=st.sampled_from(["a.####.exr", "a.#.exr", "a.%05d.exr", "ab.%d.exr", "b.####.png"]))
def test_a_pattern_stands_for_the_files_that_a_plate_of_it_has(
    pattern: str, tmp_path_factory: object
) -> None:
    folder = touch(Path(tmp_path_factory.mktemp("a")), *NAMES)  # type: ignore[attr-defined]

    found = Folders().frames(str(folder / pattern))

    assert found == find_sequence(str(folder / pattern)).frames


def test_a_folder_is_listed_once(tmp_path: Path) -> None:
    folders = Folders()
    touch(tmp_path, "a.1.exr")
    assert folders.frames(str(tmp_path / "a.#.exr")) == (1,)

    touch(tmp_path, "a.2.exr")

    assert folders.frames(str(tmp_path / "a.#.exr")) == (1,)
    assert folders.file(str(tmp_path / "a.#.exr"), 1) == tmp_path / "a.1.exr"


def test_what_is_nearest_is_said_by_pattern(tmp_path: Path) -> None:
    touch(tmp_path, *(f"sh010.{f}.exr" for f in range(1001, 1010)), "zzz.png")

    said = Folders().nearest(str(tmp_path / "sh011.####.exr"))

    assert said == f'"{tmp_path}" holds sh010.####.exr and 1 more'
    assert Folders().nearest(str(touch(tmp_path / "empty") / "a.#.exr")).endswith("no pictures")
