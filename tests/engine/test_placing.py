# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.placing import check_writable, placed, replacing


def test_a_file_appears_when_it_is_done(tmp_path: Path) -> None:
    with placed(tmp_path / "a.txt") as beside:
        beside.write_text("new")
        assert not (tmp_path / "a.txt").exists()
        assert beside.suffix == ".txt"
        assert beside.name.startswith(".")

    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")

    def interrupted() -> None:
        with placed(tmp_path / "a.txt") as beside:
            beside.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_two_writers_of_one_file_do_not_get_in_each_other_s_way(tmp_path: Path) -> None:
    with placed(tmp_path / "a.txt") as first, placed(tmp_path / "a.txt") as second:
        first.write_text("first")
        second.write_text("second")

    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "first"  # it was closed last


def test_a_room_may_say_in_its_own_words_what_failed(tmp_path: Path) -> None:
    def fill(disk: Path) -> None:
        disk.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FileNotFoundError), replacing(tmp_path / "nowhere" / "a.txt") as beside:
        beside.write_text("new")

    with pytest.raises(OSError, match="No space"), replacing(tmp_path / "a.txt") as beside:
        fill(beside)

    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_a_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()

    with (
        pytest.raises(StmatteError, match=r'Cannot write ".*a\.txt"'),
        placed(tmp_path / "a.txt") as beside,
    ):
        beside.write_text("new")

    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_is_made_and_tried_before_work_starts(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b").is_dir()
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_below_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").touch()

    with pytest.raises(StmatteError, match=r'Cannot write ".*b" \(Not a directory'):
        check_writable(tmp_path / "a" / "b")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_the_right_to_write_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o500)

    with pytest.raises(StmatteError, match="Permission denied"):
        check_writable(tmp_path / "a")
