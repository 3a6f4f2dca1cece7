# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.store import DiskStore
from stmatte.store.entry import FRAME, HEADER, NOTE, seal
from stmatte.store.notes import note_digest
from stmatte.store.shelf import BLOCK, file_of, held, shelved

MUCH = 1_000_000
PAYLOAD = b"a soft matte"


def digest(number: int) -> str:
    return hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def file(store: DiskStore, number: int = 0) -> Path:
    return file_of(store.folder, FRAME, digest(number))


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "store", MUCH)


def test_a_restarted_engine_reads_what_the_one_before_it_kept(store: DiskStore) -> None:
    store.put(digest(0), PAYLOAD)
    store.keep_note("pace", {"seconds": 0.5})

    again = DiskStore(store.folder, MUCH)

    assert (again.has(digest(0)), again.get(digest(0))) == (True, PAYLOAD)
    assert again.note("pace") == {"seconds": 0.5}


def test_a_store_that_was_only_asked_makes_no_folder(store: DiskStore) -> None:
    assert (store.has(digest(0)), store.get(digest(0)), store.note("pace")) == (False, None, None)

    assert not store.folder.exists()


# --- damage ----------------------------------------------------------------------------


def damaged(store: DiskStore, content: bytes) -> None:
    """Put such a file in the entry's place, and see that it is found out, removed and mended."""
    file(store).write_bytes(content)

    assert store.get(digest(0)) is None
    assert not file(store).exists()
    assert not store.has(digest(0))


def test_a_change_anywhere_in_a_file_is_found_out(store: DiskStore) -> None:
    store.put(digest(0), PAYLOAD)
    whole = file(store).read_bytes()
    assert len(whole) == HEADER + len(PAYLOAD)

    for place in range(len(whole)):
        damaged(store, whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])

    store.put(digest(0), PAYLOAD)
    assert store.get(digest(0)) == PAYLOAD


def test_a_file_that_ends_anywhere_too_early_is_found_out(store: DiskStore) -> None:
    store.put(digest(0), PAYLOAD)
    whole = file(store).read_bytes()

    for length in range(len(whole)):
        file(store).write_bytes(whole[:length])
        assert not store.has(digest(0))
        damaged(store, whole[:length])


@pytest.mark.parametrize(
    "content",
    [
        seal(FRAME, digest(1), PAYLOAD),
        seal(NOTE, digest(0), PAYLOAD),
        seal(FRAME, digest(0), PAYLOAD) + b"\0",
        bytes(100_000),
        seal(FRAME, digest(0), PAYLOAD)[:25] + b"\xff" * 8 + bytes(30),
        seal(FRAME, digest(0), PAYLOAD)[:8] + b"\x02" + seal(FRAME, digest(0), PAYLOAD)[9:],
    ],
    ids=["another digest", "a note", "longer", "foreign", "says 2^64 bytes", "another layout"],
)
def test_a_file_that_is_something_else_is_found_out(store: DiskStore, content: bytes) -> None:
    file(store).parent.mkdir(parents=True)
    file(store).write_bytes(content)
    assert not store.has(digest(0))

    damaged(store, content)


def test_a_damaged_note_is_none(store: DiskStore) -> None:
    store.keep_note("pace", {"seconds": 0.5})
    path = file_of(store.folder, NOTE, note_digest("pace"))
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6"))

    assert store.note("pace") is None
    assert not path.exists()


def test_a_folder_in_an_entry_s_place_is_no_entry(store: DiskStore) -> None:
    file(store).mkdir(parents=True)

    assert (store.has(digest(0)), store.get(digest(0))) == (False, None)
    with pytest.raises(StmatteError, match="cannot be written"):
        store.put(digest(0), PAYLOAD)


# --- limits ----------------------------------------------------------------------------


def age(store: DiskStore, *numbers: int) -> None:
    """Make it so that these were used one after the other, long ago."""
    for seconds, number in enumerate(numbers):
        os.utime(file(store, number), (1000 + seconds, 1000 + seconds))


def there(store: DiskStore) -> set[int]:
    return {number for number in range(200) if file(store, number).exists()}


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, 4 * BLOCK)
    for number in range(4):
        store.put(digest(number), PAYLOAD)
    age(store, 2, 0, 3, 1)

    store.get(digest(2))  # now it is the last that was used, and 0 is the first
    store.put(digest(4), PAYLOAD)

    assert there(store) == {1, 2, 3, 4}


def test_a_note_counts_and_goes_like_a_frame(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, 2 * BLOCK)
    store.keep_note("old", {})
    store.keep_note("new", {})
    os.utime(file_of(tmp_path, NOTE, note_digest("old")), (1000, 1000))

    store.put(digest(0), PAYLOAD)

    assert (store.note("old"), store.note("new"), store.get(digest(0))) == (None, {}, PAYLOAD)


def test_a_tenth_is_made_free_at_once(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, 20 * BLOCK)
    for number in range(20):
        store.put(digest(number), PAYLOAD)
    age(store, *range(20))

    store.put(digest(20), PAYLOAD)

    assert there(store) == set(range(2, 21))  # two of twenty went


def test_a_smaller_limit_holds_from_the_first_put(tmp_path: Path) -> None:
    large = DiskStore(tmp_path, MUCH)
    for number in range(10):
        large.put(digest(number), PAYLOAD)
    age(large, *range(10))

    DiskStore(tmp_path, 3 * BLOCK).put(digest(10), PAYLOAD)

    assert there(large) == {8, 9, 10}


sizes = st.lists(st.integers(0, 5 * BLOCK), min_size=1, max_size=20)


@settings(max_examples=15, deadline=None)
@given(sizes=sizes)
def test_one_process_never_passes_the_limit(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = DiskStore(Path(folder), 8 * BLOCK)
        for number, size in enumerate(sizes):
            store.put(digest(number), bytes(size))

            assert store.get(digest(number)) == bytes(size)
            assert held(list(shelved(store.folder))) <= store.limit


def test_many_small_entries_never_pass_the_limit(tmp_path: Path) -> None:
    store = DiskStore(tmp_path, 21 * BLOCK)
    for number in range(30):
        store.put(digest(number), PAYLOAD)

        assert held(list(shelved(tmp_path))) <= 21 * BLOCK


def test_two_processes_notice_what_the_other_one_writes(tmp_path: Path) -> None:
    stores = [DiskStore(tmp_path, 20 * BLOCK) for _ in range(2)]
    for number in range(60):
        stores[number % 2].put(digest(number), PAYLOAD)

        assert held(list(shelved(tmp_path))) <= (20 + 2 + 1) * BLOCK  # a tenth and an entry more


@settings(max_examples=15, deadline=None)
@given(sizes=sizes, turns=st.lists(st.booleans(), min_size=20, max_size=20))
def test_two_processes_stay_within_a_tenth_and_an_entry_of_the_limit(
    sizes: list[int], turns: list[bool]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = [DiskStore(Path(folder), 12 * BLOCK) for _ in range(2)]
        for number, size in enumerate(sizes):
            stores[turns[number]].put(digest(number), bytes(size))

            # an entry is 6 blocks at most: 5, and one for the header
            assert held(list(shelved(Path(folder)))) <= 12 * BLOCK * 1.1 + 6 * BLOCK


def test_what_another_process_threw_away_is_missing_and_no_error(store: DiskStore) -> None:
    store.put(digest(0), PAYLOAD)
    shutil.rmtree(store.folder)

    assert (store.has(digest(0)), store.get(digest(0))) == (False, None)
    store.put(digest(0), PAYLOAD)
    assert store.get(digest(0)) == PAYLOAD


# --- disks that cannot be written ------------------------------------------------------


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_full_disk_is_named_and_leaves_nothing_and_reading_goes_on(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(digest(0), PAYLOAD)

    monkeypatch.setattr(os, "fsync", failing(errno.ENOSPC))
    with pytest.raises(StmatteError) as caught:
        store.put(digest(1), PAYLOAD)

    assert str(caught.value) == (
        f'Store folder "{store.folder}" cannot be written (No space left on device): '
        "it must be writable and have room. "
        "Make room there, or name another folder in STMATTE_STORE."
    )
    assert caught.value.value == str(store.folder)
    assert [f.path for f in shelved(store.folder)] == [str(file(store))]
    assert (store.get(digest(0)), store.get(digest(1))) == (PAYLOAD, None)


def test_a_disk_that_became_read_only_is_read(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(digest(0), PAYLOAD)
    store.put(digest(1), PAYLOAD)
    file(store, 1).write_bytes(seal(FRAME, digest(1), PAYLOAD)[:-1] + b"X")  # as long as before
    assert store.has(digest(1))

    for owner, name in ((Path, "write_bytes"), (Path, "unlink"), (os, "utime")):
        monkeypatch.setattr(owner, name, failing(errno.EROFS))

    assert (store.get(digest(0)), store.get(digest(1))) == (PAYLOAD, None)
    assert not store.has(digest(1))  # though it could not be removed
    with pytest.raises(StmatteError, match=r"cannot be written \(Read-only file system\)"):
        store.put(digest(1), PAYLOAD)
    with pytest.raises(StmatteError, match=r"cannot be written \(Read-only file system\)"):
        store.keep_note("pace", {})
    store.put(digest(0), PAYLOAD)  # it is kept already

    monkeypatch.undo()
    store.put(digest(1), PAYLOAD)
    assert (store.has(digest(1)), store.get(digest(1))) == (True, PAYLOAD)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_the_right_to_write_is_read(store: DiskStore) -> None:
    store.put(digest(0), PAYLOAD)
    for folder in (file(store).parent, store.folder):
        folder.chmod(0o500)

    try:
        assert store.get(digest(0)) == PAYLOAD
        with pytest.raises(StmatteError, match="Permission denied"):
            store.put(digest(1), PAYLOAD)
    finally:
        for folder in (store.folder, file(store).parent):
            folder.chmod(0o700)


def test_a_store_below_a_file_is_empty_and_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = DiskStore(tmp_path / "file" / "store", MUCH)

    assert (store.has(digest(0)), store.get(digest(0)), store.note("pace")) == (False, None, None)
    with pytest.raises(StmatteError, match="Not a directory"):
        store.put(digest(0), PAYLOAD)
