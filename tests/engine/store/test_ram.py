# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stmatte.store import RamStore

DIGESTS = [f"{number:032x}" for number in range(6)]


def test_the_least_recently_used_goes_first() -> None:
    store = RamStore(9)
    for digest in DIGESTS[:3]:
        store.put(digest, b"333")

    store.get(DIGESTS[0])  # now the first that was used is 1
    store.put(DIGESTS[3], b"4444")  # 13 bytes: two have to go

    assert [digest for digest in DIGESTS if store.has(digest)] == [DIGESTS[0], DIGESTS[3]]


def test_notes_share_the_room() -> None:
    store = RamStore(20)
    store.keep_note("pace", {"seconds": 1})  # 13 bytes of JSON

    store.put(DIGESTS[0], bytes(7))
    assert store.note("pace") == {"seconds": 1}

    store.put(DIGESTS[1], bytes(1))  # the entry was used less recently than the note
    assert (store.note("pace"), store.has(DIGESTS[0])) == ({"seconds": 1}, False)


@given(puts=st.lists(st.tuples(st.sampled_from(DIGESTS), st.integers(0, 12))))
def test_what_is_kept_are_the_last_used_that_fit(puts: list[tuple[str, int]]) -> None:
    store = RamStore(20)
    recent: dict[str, int] = {}  # digest -> size, the last used last
    for digest, size in puts:
        store.put(digest, bytes(size))
        recent.pop(digest, None)
        recent[digest] = size
        while sum(recent.values()) > 20:
            recent.pop(next(iter(recent)))

    assert {d for d in DIGESTS if store.has(d)} == set(recent)
    assert all(store.get(digest) == bytes(size) for digest, size in recent.items())
