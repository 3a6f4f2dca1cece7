# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stmatte.store.entry import FRAME, HEADER, NOTE, promised_size, seal, unseal

A, B = "a" * 32, "b" * 32


@given(payload=st.binary(max_size=1000))
def test_what_was_sealed_opens_and_says_its_size_beforehand(payload: bytes) -> None:
    content = seal(FRAME, A, payload)

    assert unseal(FRAME, A, content) == payload
    assert promised_size(FRAME, A, content[:HEADER]) == len(content) == HEADER + len(payload)


def test_the_layout_is_the_one_that_older_stores_hold() -> None:
    content = seal(FRAME, "000102030405060708090a0b0c0d0e0f", b"matte")

    assert content[:33].hex(" ") == (
        "53 54 4d 46 52 41 4d 45 01 "  # STMFRAME, layout 1
        "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "
        "05 00 00 00 00 00 00 00"
    )
    assert content[49:] == b"matte"


def test_an_entry_opens_only_as_what_it_is_and_under_its_digest() -> None:
    content = seal(FRAME, A, b"matte")

    assert unseal(FRAME, B, content) is None
    assert unseal(NOTE, A, content) is None
    assert promised_size(FRAME, B, content[:HEADER]) is None
    assert promised_size(NOTE, A, content[:HEADER]) is None


def test_no_changed_bit_goes_unnoticed() -> None:
    content = seal(FRAME, A, b"matte")

    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            assert unseal(FRAME, A, bytes(damaged)) is None


@given(content=st.binary(max_size=200))
def test_other_bytes_are_no_entry(content: bytes) -> None:
    assert unseal(FRAME, A, content) is None
    assert promised_size(FRAME, A, content[:HEADER]) is None
