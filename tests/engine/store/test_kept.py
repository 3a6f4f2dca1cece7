# SPDX-License-Identifier: Apache-2.0
"""What every store promises: each test runs on a disk and in memory."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stmatte.errors import StmatteError
from stmatte.store import DiskStore, RamStore, Store

A, B = "a" * 32, "b" * 32
MUCH = 1_000_000
Make = Callable[[int], Store]


def test_what_was_put_comes_back_to_the_byte(make: Make) -> None:
    store = make(MUCH)
    assert not store.has(A)
    assert store.get(A) is None

    store.put(A, b"one")
    store.put(B, b"")

    assert store.has(A)
    assert (store.get(A), store.get(B)) == (b"one", b"")


@settings(max_examples=30, deadline=None)  # each put waits for the disk
@given(
    entries=st.dictionaries(
        st.binary(min_size=16, max_size=16).map(bytes.hex), st.binary(max_size=300), max_size=5
    )
)
def test_any_bytes_come_back_under_any_digest(entries: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for store in (DiskStore(Path(folder), MUCH), RamStore(MUCH)):
            for digest, payload in entries.items():
                store.put(digest, payload)

            assert {digest: store.get(digest) for digest in entries} == entries


def test_an_entry_may_be_put_again(make: Make) -> None:
    store = make(MUCH)

    store.put(A, b"one")
    store.put(A, b"one")

    assert store.get(A) == b"one"


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "g" * 32, "../" + "a" * 29])
def test_only_digests_name_entries(make: Make, text: str) -> None:
    store = make(MUCH)

    for ask in (store.has, store.get, lambda digest: store.put(digest, b"one")):
        with pytest.raises(StmatteError, match="is no digest: 32 hexadecimal digits"):
            ask(text)


def test_an_entry_larger_than_the_store_is_not_kept_and_the_log_says_so_once(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    store = make(8192)
    with caplog.at_level(logging.WARNING, "stmatte"):
        store.put(A, bytes(8193))
        store.put(B, bytes(8193))

    assert (store.get(A), store.get(B), store.has(A)) == (None, None, False)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "is not kept" in caplog.text


def test_several_threads_may_share_a_store(make: Make) -> None:
    store = make(40 * 4096)  # room for 10 of the 20 entries, each of 4 blocks

    def use(turn: int) -> bool:
        digest = hashlib.blake2b(bytes([turn % 20]), digest_size=16).hexdigest()
        payload = bytes([turn % 20]) * 16000
        store.put(digest, payload)
        return store.get(digest) in (payload, None)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(use, range(100)))


# --- notes -----------------------------------------------------------------------------


def test_a_note_replaces_the_one_of_the_same_name(make: Make) -> None:
    store = make(MUCH)
    assert store.note("shots/plate.1001.exr") is None

    store.keep_note("shots/plate.1001.exr", {"size": 7, "digest": A})
    store.keep_note("shots/plate.1001.exr", {"size": 8, "digest": B})
    store.keep_note("pace", {})

    assert store.note("shots/plate.1001.exr") == {"size": 8, "digest": B}
    assert store.note("pace") == {}


def test_a_note_that_has_grown_too_large_does_not_leave_the_old_one(make: Make) -> None:
    store = make(8192)
    store.keep_note("frames", {"1001": A})

    store.keep_note("frames", {str(frame): A for frame in range(1000)})

    assert store.note("frames") is None


words = st.text(max_size=20)


@settings(max_examples=50, deadline=None)
@example(name="plate-\udcff.exr", note={"\udcff": "\udcff"})  # a path that is no UTF-8
@given(name=words, note=st.dictionaries(words, st.integers() | words | st.none() | st.booleans()))
def test_any_note_comes_back_under_any_name(name: str, note: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for store in (DiskStore(Path(folder), MUCH), RamStore(MUCH)):
            store.keep_note(name, note)

            assert store.note(name) == note


def test_what_json_cannot_say_is_no_note(make: Make) -> None:
    with pytest.raises(StmatteError, match='Note "pace" cannot be kept'):
        make(MUCH).keep_note("pace", {"payload": b"bytes"})


def test_a_note_and_an_entry_never_stand_in_for_each_other(make: Make) -> None:
    store = make(MUCH)
    name = "plate"
    digest = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()  # what the note is under

    store.put(digest, b'{"a": 1}')
    assert store.note(name) is None

    store.keep_note(name, {"a": 2})
    assert store.get(digest) == b'{"a": 1}'


def test_a_note_may_be_changed_without_changing_the_kept_one(make: Make) -> None:
    store = make(MUCH)
    note = {"frames": [1, 2]}
    store.keep_note("a", note)

    note["frames"].append(3)
    (store.note("a") or {})["frames"].append(4)

    assert store.note("a") == {"frames": [1, 2]}
