# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from stmatte.acceptance.files import find_delivered
from stmatte.errors import StmatteError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize("words", ["m.####.exr", "m.%04d.exr", "m.{frame}.exr", "", "m.1002.exr"])
def test_a_sequence_is_named_as_plates_are_or_as_it_was_written(tmp_path: Path, words: str) -> None:
    touch(tmp_path, "m.1001.exr", "m.1002.exr")

    (claims,) = find_delivered(str(tmp_path / words))

    assert [frame for frame, _ in claims.files] == [1001, 1002]


def test_two_files_for_one_frame_are_both_found(tmp_path: Path) -> None:
    touch(tmp_path, "m.1001.exr", "m.01001.exr")

    (claims,) = find_delivered(str(tmp_path / "m.#.exr"))

    assert [frame for frame, _ in claims.files] == [1001, 1001]


def test_a_file_for_every_object_is_a_sequence_for_every_object(tmp_path: Path) -> None:
    touch(tmp_path, "hero/s_hero.0001.exr", "hero/s_hero.0002.exr", "car/s_car.0001.exr")
    touch(tmp_path, "other/s_hero.0001.exr", "car/note.txt")

    found = find_delivered(str(tmp_path / "{object}" / "s_{object}.####.exr"))

    assert [(Path(claims.label).parent.name, len(claims.files)) for claims in found] == [
        ("car", 1),
        ("hero", 2),
    ]


@pytest.mark.parametrize("words", ["nothing", "m.####.exr", "{object}.####.exr"])
def test_what_is_not_there_is_said(tmp_path: Path, words: str) -> None:
    touch(tmp_path, "other.1.txt")

    with pytest.raises(StmatteError):
        find_delivered(str(tmp_path / words))
