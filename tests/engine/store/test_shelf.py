# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from stmatte.placing import replacing
from stmatte.store.entry import FRAME, NOTE
from stmatte.store.shelf import LEFT_AFTER, file_of, held, on_disk, shed, shelved, sweep

DIGESTS = [f"{number:02x}" + "0" * 30 for number in range(4)]


def shelve(folder: Path, sizes: list[int]) -> list[Path]:
    """Write files of the given sizes, the first one being the one used longest ago."""
    files = []
    for age, (digest, size) in enumerate(zip(DIGESTS, sizes, strict=False)):
        path = file_of(folder, FRAME, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
        os.utime(path, (1000 + age, 1000 + age))
        files.append(path)
    return files


def test_entries_lie_in_folders_of_their_first_two_digits() -> None:
    assert file_of(Path("store"), FRAME, "ab" * 16) == Path("store/ab") / ("ab" * 16 + ".frame")
    assert file_of(Path("store"), NOTE, "ab" * 16).suffix == ".note"


def test_files_count_in_whole_blocks(tmp_path: Path) -> None:
    assert [on_disk(size) for size in (0, 1, 4096, 4097)] == [0, 4096, 4096, 8192]

    shelve(tmp_path, [1, 5000])

    assert held(list(shelved(tmp_path))) == 4096 + 8192


def test_the_least_recently_used_go_until_there_is_room(tmp_path: Path) -> None:
    oldest, older, newer, newest = shelve(tmp_path, [4096, 8192, 4096, 4096])  # 20480 bytes

    assert shed(list(shelved(tmp_path)), 8200) == 8192  # 20480 - 4096 - 8192

    assert [p.exists() for p in (oldest, older, newer, newest)] == [False, False, True, True]


def test_what_another_process_removed_meanwhile_counts_as_removed(tmp_path: Path) -> None:
    oldest, older, newer, _ = shelve(tmp_path, [4096] * 4)
    files = list(shelved(tmp_path))
    oldest.unlink()

    assert shed(files, 8192) == 8192

    assert (older.exists(), newer.exists()) == (False, True)


def test_what_cannot_be_removed_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oldest, older, _, _ = shelve(tmp_path, [4096] * 4)
    remove = Path.unlink

    def busy(path: Path, missing_ok: bool = False) -> None:
        if path == oldest:
            raise PermissionError
        remove(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", busy)

    assert shed(list(shelved(tmp_path)), 3 * 4096) == 3 * 4096
    assert (oldest.exists(), older.exists()) == (True, False)


def test_what_a_dead_writer_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    leftovers = []
    for digest in DIGESTS[:2]:
        path = file_of(tmp_path, FRAME, digest)
        path.parent.mkdir(parents=True)
        with replacing(path) as beside:
            beside.write_bytes(b"half")
        path.rename(beside)  # as if it had not come to the renaming
        leftovers.append(beside)
    long_ago = time.time() - LEFT_AFTER - 60
    os.utime(leftovers[0], (long_ago, long_ago))

    remain = sweep(list(shelved(tmp_path)))

    assert [file.path for file in remain] == [str(leftovers[1])]
    assert [p.exists() for p in leftovers] == [False, True]
    assert shed(remain, 0) == 4096  # a file that is being written takes room and is not removed
    assert leftovers[1].exists()


def test_files_that_no_store_made_are_not_seen(tmp_path: Path) -> None:
    shelve(tmp_path, [10])
    strangers = [
        tmp_path / "holiday.jpg",
        tmp_path / "00" / "readme.frame",
        tmp_path / "00" / f"{DIGESTS[0]}.frame.bak",
        tmp_path / "projects" / f"{DIGESTS[1]}.frame",
        tmp_path / f"{DIGESTS[2]}.frame",
    ]
    (tmp_path / "projects").mkdir()
    for path in strangers:
        path.write_bytes(b"precious")

    assert len(list(shelved(tmp_path))) == 1
    assert shed(sweep(list(shelved(tmp_path))), 0) == 0
    assert all(path.exists() for path in strangers)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list(shelved(tmp_path / "nowhere")) == []
