# SPDX-License-Identifier: Apache-2.0
"""Lines in and lines out: a message each. Knows bytes and JSON text, not what they say.

A line that is too long is told and thrown away as it comes, so that nothing a client sends
fills the memory. What goes out is ASCII, whole lines only, from any thread.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

LIMIT = 8 * 2**20  # bytes of a line without its ending
CHUNK = 2**16
BLANK = b" \t\r"
BOM = b"\xef\xbb\xbf"


class Readable(Protocol):
    """An unbuffered stream: `read` returns what is there, at most `size`; b"" at the end."""

    def read(self, size: int, /) -> bytes | None: ...


class Writable(Protocol):
    """An unbuffered stream: `write` returns how much of the bytes it took."""

    def write(self, line: memoryview, /) -> int | None: ...


class TooLong:
    """Stands for a line that was thrown away."""


def read_lines(stream: Readable, limit: int = LIMIT) -> Iterator[bytes | TooLong]:
    """Yield the lines of a stream without their endings, blanks around them and a BOM.

    Lines with nothing on them are passed over. A line of more than `limit` bytes is told as
    `TooLong` as soon as that is known; no more than `limit` bytes and a chunk are ever held.
    A last line may lack its ending.
    """
    held = bytearray()
    too_long = False
    while chunk := stream.read(CHUNK):
        for i, piece in enumerate(chunk.split(b"\n")):
            if i > 0:  # a line ended before this piece
                if line := _bare(held):
                    yield line
                held.clear()
                too_long = False
            if too_long:
                continue
            if len(held) + len(piece) > limit:
                held.clear()
                too_long = True
                yield TooLong()
            else:
                held += piece
    if line := _bare(held):
        yield line


def _bare(line: bytearray) -> bytes:
    return bytes(line.strip(BLANK).removeprefix(BOM).strip(BLANK))


class LineWriter:
    """Writes messages, one a line, whole and at once.

    stream  where to
    gone    called once when nobody reads there any more; what is written later is dropped
    """

    def __init__(self, stream: Writable, gone: Callable[[], None]):
        self._stream = stream
        self._gone = gone
        self._broken = False
        self._lock = threading.Lock()

    def write(self, message: Mapping[str, object]) -> None:
        """Write a message. May be called in any thread."""
        text = json.dumps(message, allow_nan=False, separators=(",", ":"))
        rest = memoryview(text.encode("ascii") + b"\n")
        with self._lock:
            if self._broken:
                return
            try:
                while rest:
                    rest = rest[self._stream.write(rest) or 0 :]
            except OSError:
                self._broken = True
        if self._broken:
            self._gone()
