# SPDX-License-Identifier: Apache-2.0
"""What a .blend says about its own structures (its DNA): their fields, and where each lies.

Knows names, types, sizes and offsets. Knows no blocks and no values: no bpy.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_FIELD_NAME = re.compile(r"(?P<stars>\**)(?P<name>\w+)(?P<sizes>(?:\[\d+\])*)")


class BlendFileError(Exception):
    """The bytes are not a .blend that can be read; `str` says what is wrong, as a clause."""


class CompressedBlendError(BlendFileError):
    """The .blend is whole, but compressed."""


class DamagedBlendError(BlendFileError):
    """The .blend breaks off, or contradicts itself."""


@dataclass(frozen=True)
class Field:
    """A field of a structure.

    offset   bytes from the structure's beginning
    kind     name of its type: of what it points to, for a pointer
    count    how many of them lie one after another; 1 for a plain field
    pointer  it holds an address
    """

    offset: int
    kind: str
    count: int
    pointer: bool


@dataclass(frozen=True)
class Description:
    """The structures of a .blend by name: how many bytes each has, and which fields."""

    sizes: dict[str, int]
    structures: dict[str, dict[str, Field]]

    def fields(self, kind: str) -> dict[str, Field]:
        """Return a structure's fields by name."""
        if kind not in self.structures:
            raise DamagedBlendError(f'it describes no structure "{kind}"')
        return self.structures[kind]

    def size(self, kind: str) -> int:
        """Return a structure's size in bytes."""
        self.fields(kind)
        return self.sizes[kind]


@lru_cache(maxsize=4)
def description(dna: bytes, order: str, pointer_size: int) -> Description:
    """Read the block that describes all others.

    dna           the bytes of the block "DNA1"
    order         "<" little-endian or ">" big-endian
    pointer_size  bytes of an address, 4 or 8

    One Blender writes the same block each time, so that it is read once and then remembered.
    Raises DamagedBlendError where it breaks off or contradicts itself.
    """
    reading = _Reading(dna, order)
    reading.mark(b"SDNA")
    reading.mark(b"NAME")
    names = reading.words()
    reading.mark(b"TYPE")
    types = reading.words()
    reading.mark(b"TLEN")
    sizes = dict(zip(types, reading.shorts(len(types)), strict=True))
    reading.mark(b"STRC")
    structures: dict[str, dict[str, Field]] = {}
    try:
        for _ in range(reading.count()):
            number, members = reading.shorts(2)
            pairs = reading.shorts(2 * members)
            said = [(types[t], names[n]) for t, n in zip(pairs[::2], pairs[1::2], strict=True)]
            structures[types[number]] = _placed(said, sizes, pointer_size)
    except IndexError:
        raise DamagedBlendError("the description of its structures contradicts itself") from None
    return Description(sizes, structures)


def _placed(
    members: Sequence[tuple[str, str]], sizes: dict[str, int], pointer_size: int
) -> dict[str, Field]:
    """Return fields with their offsets. Blender pads by fields of their own, so sizes just add."""
    placed: dict[str, Field] = {}
    offset = 0
    for kind, said in members:
        function = said.startswith("(")
        matched = _FIELD_NAME.fullmatch(said)
        if not function and matched is None:
            raise DamagedBlendError(f'it describes a field "{said}"')
        count = 1
        for size in re.findall(r"\[(\d+)\]", said):
            count *= int(size)
        pointer = function or said.startswith("*")
        if matched is not None:
            placed[matched["name"]] = Field(offset, kind, count, pointer)
        offset += count * (pointer_size if pointer else sizes[kind])
    return placed


class _Reading:
    """A place in the description that moves on as it is read."""

    def __init__(self, dna: bytes, order: str) -> None:
        self._dna = dna
        self._order = order
        self._place = 0

    def mark(self, mark: bytes) -> None:
        """Pass the mark that must come next, at the next multiple of four bytes."""
        self._place = -(-self._place // 4) * 4
        if self._take(4) != mark:
            raise DamagedBlendError("the description of its structures is not whole")

    def count(self) -> int:
        count: int = struct.unpack(f"{self._order}I", self._take(4))[0]
        return count

    def shorts(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"{self._order}{count}H", self._take(2 * count))

    def words(self) -> list[str]:
        found = []
        for _ in range(self.count()):
            stop = self._dna.find(b"\0", self._place)
            if stop < 0:
                raise DamagedBlendError("the description of its structures is not whole")
            found.append(self._dna[self._place : stop].decode("latin-1"))
            self._place = stop + 1
        return found

    def _take(self, length: int) -> bytes:
        taken = self._dna[self._place : self._place + length]
        if len(taken) < length:
            raise DamagedBlendError("the description of its structures is not whole")
        self._place += length
        return taken
