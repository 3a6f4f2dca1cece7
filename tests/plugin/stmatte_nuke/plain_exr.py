# SPDX-License-Identifier: Apache-2.0
"""OpenEXR files of scan lines with nothing but Python's own library, for small pictures of tests.

Writes uncompressed; reads uncompressed and zip. Rows are as in the file: the top one first.

Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

_MAGIC = 20000630
_HALF, _FLOAT = 1, 2
_LINES = {0: 1, 2: 1, 3: 16}  # compression: none, zips, zip
Attribute = Union[str, float, int]


@dataclass(frozen=True)
class Exr:
    """A picture: its planes by the channels' names in the file, each row by row from the top."""

    width: int
    height: int
    planes: dict[str, list[float]]
    pixel_aspect: float = 1.0
    attributes: dict[str, Attribute] = field(default_factory=dict)


def write(path: Path, picture: Exr, *, half: bool = False) -> None:
    """Write a picture, uncompressed, its data window its display window."""
    size = picture.width * picture.height
    for name, plane in picture.planes.items():
        if len(plane) != size:
            raise ValueError(f"{name} has {len(plane)} pixels, not {size}")
    names = sorted(picture.planes)
    head = struct.pack("<II", _MAGIC, 2) + _header(picture, names, half) + b"\0"
    lines = [_line(picture, names, y, half) for y in range(picture.height)]
    at, places = len(head) + 8 * len(lines), []
    for line in lines:
        places.append(at)
        at += len(line)
    path.write_bytes(head + struct.pack(f"<{len(places)}Q", *places) + b"".join(lines))


def _line(picture: Exr, names: Sequence[str], y: int, half: bool) -> bytes:
    letter = "e" if half else "f"
    row = slice(y * picture.width, (y + 1) * picture.width)
    body = b"".join(
        struct.pack(f"<{picture.width}{letter}", *picture.planes[name][row]) for name in names
    )
    return struct.pack("<ii", y, len(body)) + body


def _header(picture: Exr, names: Sequence[str], half: bool) -> bytes:
    kind = _HALF if half else _FLOAT
    channels = b"".join(
        name.encode() + b"\0" + struct.pack("<iBxxxii", kind, 0, 1, 1) for name in names
    )
    box = struct.pack("<4i", 0, 0, picture.width - 1, picture.height - 1)
    said = [
        ("channels", "chlist", channels + b"\0"),
        ("compression", "compression", b"\0"),
        ("dataWindow", "box2i", box),
        ("displayWindow", "box2i", box),
        ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", picture.pixel_aspect)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1)),
    ]
    for name, value in picture.attributes.items():
        if isinstance(value, str):
            said.append((name, "string", value.encode()))
        elif isinstance(value, int):
            said.append((name, "int", struct.pack("<i", value)))
        else:
            said.append((name, "float", struct.pack("<f", value)))
    return b"".join(
        name.encode() + b"\0" + kind_of.encode() + b"\0" + struct.pack("<I", len(value)) + value
        for name, kind_of, value in said
    )


def head(path: Path) -> Exr:
    """Return a file's size, channels (their planes empty) and attributes."""
    return _Reading(path).picture(pixels=False)


def read(path: Path) -> Exr:
    """Return a picture at its display window; black where its data window ends."""
    return _Reading(path).picture(pixels=True)


class _Reading:
    def __init__(self, path: Path) -> None:
        self.all = path.read_bytes()
        magic, version = struct.unpack_from("<II", self.all)
        if magic != _MAGIC or version & 0x1A00:
            raise ValueError(f"{path} is no EXR of scan lines")
        self.at = 8
        self.said: dict[str, tuple[str, bytes]] = {}
        while self.all[self.at]:
            name, kind = self.word(), self.word()
            (length,) = struct.unpack_from("<I", self.all, self.at)
            self.said[name] = (kind, self.all[self.at + 4 : self.at + 4 + length])
            self.at += 4 + length
        self.at += 1

    def word(self) -> str:
        end = self.all.index(0, self.at)
        found = self.all[self.at : end].decode("utf-8", "replace")
        self.at = end + 1
        return found

    def channels(self) -> list[tuple[str, int]]:
        text, at, found = self.said["channels"][1], 0, []
        while text[at]:
            end = text.index(0, at)
            found.append((text[at:end].decode(), struct.unpack_from("<i", text, end + 1)[0]))
            at = end + 17
        return found

    def picture(self, pixels: bool) -> Exr:
        left, top, right, bottom = struct.unpack("<4i", self.said["displayWindow"][1])
        width, height = right - left + 1, bottom - top + 1
        channels = self.channels()
        planes = {name: [0.0] * (width * height if pixels else 0) for name, _ in channels}
        if pixels:
            self.fill(planes, channels, (left, top, width, height))
        readers = {"string": bytes.decode, "float": _first("<f"), "int": _first("<i")}
        attributes: dict[str, Any] = {
            name: readers[kind](value)
            for name, (kind, value) in self.said.items()
            if kind in readers and name not in ("pixelAspectRatio", "screenWindowWidth")
        }
        (aspect,) = struct.unpack("<f", self.said["pixelAspectRatio"][1])
        return Exr(width, height, planes, aspect, attributes)

    def fill(
        self,
        planes: dict[str, list[float]],
        channels: Sequence[tuple[str, int]],
        window: tuple[int, int, int, int],
    ) -> None:
        left, top, width, height = window
        x0, y0, x1, y1 = struct.unpack("<4i", self.said["dataWindow"][1])
        compression = self.said["compression"][1][0]
        if compression not in _LINES:
            raise ValueError("an EXR with a compression that is not read here")
        block = _LINES[compression]
        across = x1 - x0 + 1
        sizes = {_HALF: 2, _FLOAT: 4}
        row_bytes = sum(sizes[kind] * across for _, kind in channels)
        count = (y1 - y0) // block + 1
        for place in struct.unpack_from(f"<{count}Q", self.all, self.at):
            first, length = struct.unpack_from("<ii", self.all, place)
            rows = min(block, y1 - first + 1)
            body = self.all[place + 8 : place + 8 + length]
            if compression and length < rows * row_bytes:
                body = _unzipped(body)
            at = 0
            for y in range(first, first + rows):
                for name, kind in channels:
                    letter = "e" if kind == _HALF else "f"
                    line = struct.unpack_from(f"<{across}{letter}", body, at)
                    at += sizes[kind] * across
                    if 0 <= y - top < height:
                        self.lay(planes[name], line, x0 - left, (y - top) * width, width)

    @staticmethod
    def lay(plane: list[float], line: Sequence[float], x: int, start: int, width: int) -> None:
        for number, value in enumerate(line, x):
            if 0 <= number < width:
                plane[start + number] = value


def _first(form: str) -> Any:
    return lambda value: struct.unpack(form, value)[0]


def _unzipped(body: bytes) -> bytes:
    mixed = bytearray(zlib.decompress(body))
    for i in range(1, len(mixed)):
        mixed[i] = (mixed[i - 1] + mixed[i] - 128) & 0xFF
    half = (len(mixed) + 1) // 2
    whole = bytearray(len(mixed))
    whole[0::2], whole[1::2] = mixed[:half], mixed[half:]
    return bytes(whole)


def flat(width: int, height: int, channels: Mapping[str, float]) -> Exr:
    """Return a picture of one colour."""
    return Exr(width, height, {name: [v] * (width * height) for name, v in channels.items()})
