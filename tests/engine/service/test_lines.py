# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stmatte.service.lines import LIMIT, LineWriter, TooLong, read_lines


class Pieces:
    """A stream that comes in given pieces."""

    def __init__(self, pieces: Iterator[bytes]):
        self._pieces = pieces

    def read(self, _: int, /) -> bytes:
        return next(self._pieces, b"")


def told(said: bytes, limit: int = LIMIT) -> list[bytes | str]:
    lines = read_lines(BytesIO(said), limit)
    return ["too long" if isinstance(line, TooLong) else line for line in lines]


def test_a_line_is_what_stands_before_its_ending() -> None:
    assert told(b"one\ntwo\r\n  three \t\n") == [b"one", b"two", b"three"]


def test_the_last_line_may_lack_its_ending() -> None:
    assert told(b"one\ntwo") == [b"one", b"two"]


def test_lines_with_nothing_on_them_are_passed_over() -> None:
    assert told(b"\n\r\n \t\none\n\n") == [b"one"]
    assert told(b"") == []


def test_a_byte_order_mark_is_no_part_of_a_line() -> None:
    assert told(b"\xef\xbb\xbfone\n\xef\xbb\xbf\n") == [b"one"]


def test_what_cannot_be_text_is_handed_on_as_it_is() -> None:
    assert told(b"\x00\xff\n\xed\xa0\x80\n") == [b"\x00\xff", b"\xed\xa0\x80"]


def test_a_line_of_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert told(b"12345678\n", limit=8) == [b"12345678"]
    assert told(b"123456789\nnext\n", limit=8) == ["too long", b"next"]


def test_a_line_that_is_too_long_is_told_before_it_ends() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    lines = read_lines(Pieces(endless()), 5000)

    assert isinstance(next(lines), TooLong)


@given(st.lists(st.binary(max_size=12)), st.data())
def test_it_makes_no_difference_in_which_pieces_lines_come(
    lines: list[bytes], data: st.DataObject
) -> None:
    said = b"\n".join(lines)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(said)))))
    pieces = [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True) if a < b]

    came = [type(x) if isinstance(x, TooLong) else x for x in read_lines(Pieces(iter(pieces)), 8)]

    whole = [type(x) if isinstance(x, TooLong) else x for x in read_lines(BytesIO(said), 8)]
    assert came == whole


def test_a_hundred_megabytes_on_one_line_take_no_more_memory_than_the_longest_line() -> None:
    def flood() -> Iterator[bytes]:
        for _ in range(1600):  # x 64 KiB = 100 MiB
            yield b"x" * 2**16
        yield b'\n{"after": true}\n'

    tracemalloc.start()
    try:
        lines = [line for line in read_lines(Pieces(flood())) if not isinstance(line, TooLong)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert lines == [b'{"after": true}']
    assert peak < 2 * LIMIT


class Stuttering:
    """A stream that takes three bytes at a time."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, line: memoryview, /) -> int:
        self.taken += bytes(line[:3])
        return min(3, len(line))


def test_a_message_is_written_whole_as_one_line_of_ascii() -> None:
    stream = Stuttering()

    LineWriter(stream, pytest.fail).write({"text": "Grün\n\u2028\ud800", "none": None})

    assert stream.taken == b'{"text":"Gr\\u00fcn\\n\\u2028\\ud800","none":null}\n'


def test_messages_of_many_threads_are_not_mixed() -> None:
    stream = Stuttering()
    writer = LineWriter(stream, pytest.fail)

    def write(number: int) -> None:
        for _ in range(50):
            writer.write({"number": number})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = [json.loads(line)["number"] for line in stream.taken.splitlines()]
    assert sorted(numbers) == [n for n in range(4) for _ in range(50)]


def test_a_reader_that_has_gone_is_told_once_and_nothing_is_raised() -> None:
    class Broken:
        def write(self, _: memoryview, /) -> Any:
            raise BrokenPipeError

    gone: list[str] = []
    writer = LineWriter(Broken(), lambda: gone.append("gone"))

    writer.write({"one": 1})
    writer.write({"two": 2})

    assert gone == ["gone"]
