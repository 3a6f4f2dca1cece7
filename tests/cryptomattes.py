# SPDX-License-Identifier: Apache-2.0
"""A reader of Cryptomattes, written from the specification (Psyop, version 1.2) for the tests.

It shares nothing with the writer: the hash is its own, layers and names are found as a host
finds them, through the header.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
from numpy.typing import NDArray

WORD = 0xFFFFFFFF


@dataclass(frozen=True)
class Cryptomatte:
    """What a file holds.

    name      of the layer
    manifest  object name -> eight hex digits
    ranks     (H, W, ranks) float32 ids, and as many coverages, the first rank first
    """

    name: str
    manifest: dict[str, str]
    ids: NDArray[np.float32]
    coverage: NDArray[np.float32]

    def matte(self, name: str) -> NDArray[np.float32]:
        """Return (H, W): the coverage of every rank whose id is that of the name."""
        return np.where(self.ids == np.float32(float_id(name)), self.coverage, 0).sum(axis=2)


def read_cryptomatte(path: Path) -> Cryptomatte:
    """Read the only Cryptomatte of a file; asserts what the specification demands of it."""
    source = oiio.ImageInput.open(str(path))
    assert source is not None, oiio.geterror()
    spec = source.spec()
    said: dict[str, dict[str, str]] = {}
    for attribute in spec.extra_attribs:
        if match := re.fullmatch(r"cryptomatte/([^/]{1,7})/(\w+)", attribute.name):
            said.setdefault(match[1], {})[match[2]] = attribute.value
    ((key, words),) = said.items()
    assert words["hash"] == "MurmurHash3_32"
    assert words["conversion"] == "uint32_to_float32"
    assert key == hex_of(float_id(words["name"]))[:7]
    pixels = source.read_image(0, 0, 0, spec.nchannels, "float")
    assert pixels is not None, source.geterror()
    source.close()
    places = {name: index for index, name in enumerate(spec.channelnames)}
    numbers = sorted(
        int(match[1])
        for name in places
        if (match := re.fullmatch(re.escape(words["name"]) + r"(\d\d)\.R", name))
    )
    assert numbers == list(range(len(numbers)))
    planes = {
        channel: [pixels[:, :, places[f"{words['name']}{n:02}.{channel}"]] for n in numbers]
        for channel in "RGBA"
    }
    return Cryptomatte(
        words["name"],
        json.loads(words["manifest"]),
        _by_rank(planes["R"], planes["B"]),
        _by_rank(planes["G"], planes["A"]),
    )


def _by_rank(
    even: list[NDArray[np.float32]], odd: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    return np.stack([plane for pair in zip(even, odd, strict=True) for plane in pair], axis=2)


def float_id(name: str) -> float:
    """Return the hash of a name with its bits taken as a float of 32 bits."""
    bits = murmur(name.encode("utf-8"))
    if bits >> 23 & 255 in (0, 255):  # denormal, infinite or no number
        bits ^= 1 << 23
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


def hex_of(number: float) -> str:
    """Return the eight hex digits with which a manifest writes an id."""
    return f"{struct.unpack('<I', struct.pack('<f', number))[0]:08x}"


def murmur(data: bytes) -> int:
    """Return MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain)."""
    hashed = 0
    for start in range(0, len(data) - 3, 4):
        hashed ^= _mixed(int.from_bytes(data[start : start + 4], "little"))
        hashed = (_rotated(hashed, 13) * 5 + 0xE6546B64) & WORD
    hashed ^= _mixed(int.from_bytes(data[len(data) // 4 * 4 :], "little"))
    hashed ^= len(data)
    hashed = (hashed ^ hashed >> 16) * 0x85EBCA6B & WORD
    hashed = (hashed ^ hashed >> 13) * 0xC2B2AE35 & WORD
    return hashed ^ hashed >> 16


def _mixed(word: int) -> int:
    return _rotated(word * 0xCC9E2D51 & WORD, 15) * 0x1B873593 & WORD


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & WORD
