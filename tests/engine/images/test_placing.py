# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path

import pytest

from stmatte.errors import StmatteError
from stmatte.images import check_writable
from stmatte.images.placing import placed


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
