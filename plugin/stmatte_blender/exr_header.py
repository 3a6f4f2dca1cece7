# SPDX-License-Identifier: Apache-2.0
"""The header of an EXR: read, and written anew with the pixels left as they are.

Blender's Python has nothing that does this. Knows single-part files of scan lines, which is all
that STMatte writes; of others it reads the header and refuses to write. Decodes no pixel.

Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .stmatte_host import EngineError

_MAGIC = 20000630
_LONG_NAMES = 0x400
_NOT_LINES = 0x200 | 0x800 | 0x1000  # tiles, deep pixels, several parts
_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}
_ZIP = 3


@dataclass(frozen=True)
class Header:
    """What stands before the pixels.

    version     with the flags of the file's kind
    attributes  name -> (type, bytes), in the file's order
    end         where the table of the chunks begins
    """

    version: int
    attributes: Mapping[str, tuple[str, bytes]]
    end: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the display window."""
        left, bottom, right, top = self._box("displayWindow")
        return right - left + 1, top - bottom + 1

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        _, said = self.attributes.get("channels", ("", b"\0"))
        names, at = [], 0
        while at < len(said) and said[at]:
            stop = said.index(0, at)
            names.append(said[at:stop].decode("utf-8", "replace"))
            at = stop + 17  # its own 0, and 16 bytes about the pixels
        return tuple(names)

    def word(self, name: str) -> str:
        """Return the text of an attribute; "" if there is none."""
        return self.attributes.get(name, ("", b""))[1].decode("utf-8", "replace")

    @property
    def chunks(self) -> int:
        """How many chunks hold the pixels."""
        _, top, _, bottom = self._box("dataWindow")
        lines = _LINES[self.attributes["compression"][1][0]]
        return (bottom - top) // lines + 1

    def _box(self, name: str) -> tuple[int, int, int, int]:
        left, top, right, bottom = struct.unpack("<4i", self.attributes[name][1])
        return left, top, right, bottom


def read_header(path: Path) -> Header:
    """Return the header of an EXR.

    Raises EngineError if the file is no EXR or is cut off; OSError as the system says it.
    """
    with path.open("rb") as file:
        start = file.read(2**16)
        try:
            return _header(start)
        except (IndexError, ValueError, struct.error):
            try:
                return _header(start + file.read(2**24))
            except (IndexError, ValueError, struct.error):
                raise EngineError(
                    f'"{path}" is no whole EXR', repair="Write it again, or remove it"
                ) from None


def with_words(whole: bytes, words: Mapping[str, str], without: str = "") -> bytes:
    """Return an EXR with other words in its header and the same pixels.

    whole    the bytes of the file
    words    attributes to put in place of those of their names, as text
    without  attributes whose name begins so go, if given

    Raises EngineError if the file is of a kind that STMatte does not write.
    """
    header = _header(whole)
    if header.version & _NOT_LINES:
        raise EngineError("An EXR is not of one part of scan lines")
    kept = {
        name: said
        for name, said in header.attributes.items()
        if not (without and name.startswith(without)) and name not in words
    }
    said = {name: ("string", word.encode("utf-8")) for name, word in words.items()}
    start = _start(header.version, {**kept, **said})
    moved = len(start) - header.end
    table = struct.unpack_from(f"<{header.chunks}Q", whole, header.end)
    pixels = header.end + 8 * header.chunks
    places = struct.pack(f"<{header.chunks}Q", *(place and place + moved for place in table))
    return start + places + whole[pixels:]


def blank(
    channels: Iterable[str], size: tuple[int, int], words: Mapping[str, str], fine: bool = False
) -> bytes:
    """Return an EXR whose pixels are all 0.

    channels  their full names
    size      width and height
    words     more attributes, as text
    fine      32 bits a number instead of 16
    """
    width, height = size
    names = sorted(channels)
    entry = struct.pack("<iiii", 2 if fine else 1, 0, 1, 1)  # float or half, linear, every pixel
    listed = b"".join(name.encode("utf-8") + b"\0" + entry for name in names) + b"\0"
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    start = _start(
        2,
        {
            "channels": ("chlist", listed),
            "compression": ("compression", bytes([_ZIP])),
            "dataWindow": ("box2i", window),
            "displayWindow": ("box2i", window),
            "lineOrder": ("lineOrder", b"\0"),
            "pixelAspectRatio": ("float", struct.pack("<f", 1)),
            "screenWindowCenter": ("v2f", struct.pack("<2f", 0, 0)),
            "screenWindowWidth": ("float", struct.pack("<f", 1)),
            **{name: ("string", word.encode("utf-8")) for name, word in words.items()},
        },
    )
    row = (4 if fine else 2) * width * len(names)
    chunks = [
        _zeros(line, row * min(_LINES[_ZIP], height - line))
        for line in range(0, height, _LINES[_ZIP])
    ]
    places, at = [], len(start) + 8 * len(chunks)
    for chunk in chunks:
        places.append(at)
        at += len(chunk)
    return b"".join((start, struct.pack(f"<{len(places)}Q", *places), *chunks))


def _zeros(line: int, count: int) -> bytes:
    """Return the chunk of so many bytes that are 0; ZIP keeps differences, 0 of them as 128."""
    plain = bytes(count)
    packed = zlib.compress(b"\0" + b"\x80" * (count - 1))
    held = packed if len(packed) < count else plain
    return struct.pack("<ii", line, len(held)) + held


def _header(start: bytes) -> Header:
    magic, version = struct.unpack_from("<ii", start)
    if magic != _MAGIC:
        raise ValueError(magic)
    attributes, at = {}, 8
    while start[at]:
        name, at = _word(start, at)
        kind, at = _word(start, at)
        (length,) = struct.unpack_from("<i", start, at)
        value = start[at + 4 : at + 4 + length]
        if length < 0 or len(value) < length:
            raise ValueError(length)
        attributes[name] = (kind, value)
        at += 4 + length
    return Header(version, attributes, at + 1)


def _word(start: bytes, at: int) -> tuple[str, int]:
    stop = start.index(0, at)
    return start[at:stop].decode("utf-8", "surrogateescape"), stop + 1


def _start(version: int, attributes: Mapping[str, tuple[str, bytes]]) -> bytes:
    if any(len(name.encode("utf-8", "surrogateescape")) > 31 for name in attributes):
        version |= _LONG_NAMES
    parts = [struct.pack("<ii", _MAGIC, version)]
    for name, (kind, value) in attributes.items():
        parts.append(name.encode("utf-8", "surrogateescape") + b"\0" + kind.encode() + b"\0")
        parts.append(struct.pack("<i", len(value)) + value)
    return b"".join((*parts, b"\0"))
