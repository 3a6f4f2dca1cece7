# SPDX-License-Identifier: Apache-2.0
"""A .blend file, read by the description of itself that it carries.

Every .blend holds its structures' names, fields and sizes, so that one reader fits all versions
of Blender. Knows blocks and both forms of the header: up to 4.5, and from 5.0 on. Writes nothing,
keeps no file open, and doesn't know what a mask is: no bpy.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from .blend_dna import (
    BlendFileError,
    CompressedBlendError,
    DamagedBlendError,
    Description,
    Field,
    description,
)

_OLD_HEADER = re.compile(rb"BLENDER([-_])([vV])(\d{3})")
_NEW_HEADER = re.compile(rb"BLENDER(\d\d)-(\d\d)v(\d{4})")
_COMPRESSED = (b"\x28\xb5\x2f\xfd", b"\x1f\x8b")  # zstd; gzip, as old versions had it
_NUMBERS = {
    "char": "b",
    "int8_t": "b",
    "uchar": "B",
    "uint8_t": "B",
    "short": "h",
    "ushort": "H",
    "int": "i",
    "uint": "I",
    "int64_t": "q",
    "uint64_t": "Q",
    "float": "f",
    "double": "d",
}


@dataclass(frozen=True)
class Block:
    """A piece of memory as it was saved.

    code     what the piece is: "MS" a mask, "DATA" what belongs to the data-block before it
    address  where it lay in memory, which is what pointers hold
    start    where its bytes begin in the file
    """

    code: str
    address: int
    start: int
    length: int


@dataclass(frozen=True)
class _Form:
    """How the file is written: its Blender, byte order, size of an address, form of block heads."""

    version: int
    order: str
    pointer_size: int
    large: bool
    start: int


@dataclass(frozen=True)
class BlendFile:
    """A .blend that was read by `blend_file`.

    version  of the Blender that wrote it: 405 for 4.5, 502 for 5.2
    """

    version: int
    blocks: tuple[Block, ...]
    _form: _Form = field(repr=False)
    _data: bytes = field(repr=False)
    _dna: Description = field(repr=False)
    _places: dict[int, Block] = field(repr=False)

    @property
    def order(self) -> str:
        """The order of its bytes: "<" little-endian, ">" big-endian."""
        return self._form.order

    def records(self, code: str, kind: str) -> tuple[Record, ...]:
        """Return the data-blocks of a code, "MS" for masks, as structures of a kind."""
        return tuple(self._record(block, kind) for block in self.blocks if block.code == code)

    def at(self, address: int, kind: str) -> Record:
        """Return the structure that lay at an address."""
        return self._record(self._block(address), kind)

    def array(self, address: int, kind: str, count: int) -> tuple[Record, ...]:
        """Return structures that lay one after another from an address on."""
        block, size = self._block(address), self._dna.size(kind)
        if not 0 <= count * size <= block.length:
            raise DamagedBlendError(f"it holds fewer than the {count} {kind} that it should")
        return tuple(Record(self, kind, block.start + k * size) for k in range(count))

    def floats(self, address: int, count: int) -> tuple[float, ...]:
        """Return numbers that lay one after another from an address on."""
        block = self._block(address)
        if not 0 <= count * 4 <= block.length:
            raise DamagedBlendError(f"it holds fewer than the {count} numbers that it should")
        return self._unpack("f", count, block.start)

    def _record(self, block: Block, kind: str) -> Record:
        if self._dna.size(kind) > block.length:
            raise DamagedBlendError(f'a block is too short for a "{kind}"')
        return Record(self, kind, block.start)

    def _block(self, address: int) -> Block:
        if address not in self._places:
            raise DamagedBlendError(f"it points to {address:#x}, where nothing lies")
        return self._places[address]

    def _field(self, kind: str, name: str) -> Field:
        fields = self._dna.fields(kind)
        if name not in fields:
            raise DamagedBlendError(f'its structure "{kind}" has no field "{name}"')
        return fields[name]

    def _unpack(self, letter: str, count: int, start: int) -> tuple[float, ...]:
        form = f"{self._form.order}{count}{letter}"
        return struct.unpack(form, _bytes(self._data, start, struct.calcsize(form)))


@dataclass(frozen=True)
class Record:
    """One structure in a file; its fields are asked for by name.

    Raises DamagedBlendError for a field that its kind doesn't have, or that is of another type.
    """

    _file: BlendFile = field(repr=False)
    kind: str
    _start: int

    def number(self, name: str) -> float:
        """Return a field that is a number, or the first of an array."""
        return self.numbers(name)[0]

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a field that is an array of numbers, in one row."""
        place = self._file._field(self.kind, name)
        letter = _NUMBERS.get(place.kind)
        if letter is None or place.pointer:
            raise DamagedBlendError(f'"{self.kind}.{name}" is not a number')
        return self._file._unpack(letter, place.count, self._start + place.offset)

    def place(self, name: str) -> int:
        """Return where in the file a field's bytes begin."""
        return self._start + self._file._field(self.kind, name).offset

    def text(self, name: str) -> str:
        """Return a field that is a name."""
        place = self._file._field(self.kind, name)
        raw = _bytes(self._file._data, self._start + place.offset, place.count)
        return raw.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")

    def record(self, name: str) -> Record:
        """Return a structure that lies within this one."""
        place = self._file._field(self.kind, name)
        return Record(self._file, place.kind, self._start + place.offset)

    def pointer(self, name: str) -> int:
        """Return the address that a field holds; 0 for none."""
        place = self._file._field(self.kind, name)
        if not place.pointer:
            raise DamagedBlendError(f'"{self.kind}.{name}" holds no address')
        letter = "Q" if self._file._form.pointer_size == 8 else "I"
        return int(self._file._unpack(letter, 1, self._start + place.offset)[0])

    def chained(self, name: str, kind: str) -> Iterator[Record]:
        """Yield the members of a list, in order.

        name  the list: a structure with `first`, whose members have `next`
        kind  the members' structure
        """
        address = self.record(name).pointer("first")
        met: set[int] = set()
        while address:
            if address in met:
                raise DamagedBlendError(f'the list "{self.kind}.{name}" runs in a circle')
            met.add(address)
            member = self._file.at(address, kind)
            yield member
            address = member.pointer("next")


def blend_file(data: bytes) -> BlendFile:
    """Read a .blend that was written without compression.

    Raises CompressedBlendError for one that is compressed, DamagedBlendError for one that breaks
    off or contradicts itself, BlendFileError for what is no .blend at all.
    """
    form = _form(data)
    blocks = tuple(_blocks(data, form))
    dna = next((block for block in blocks if block.code == "DNA1"), None)
    if dna is None:
        raise DamagedBlendError("the description of its structures is missing")
    described = description(_bytes(data, dna.start, dna.length), form.order, form.pointer_size)
    places = {block.address: block for block in blocks if block.address}
    return BlendFile(form.version, blocks, form, data, described, places)


def _form(data: bytes) -> _Form:
    """Return what the header says."""
    if data.startswith(_COMPRESSED):
        raise CompressedBlendError("it is compressed")
    if old := _OLD_HEADER.match(data):
        order, size = ("<" if old[2] == b"v" else ">"), (8 if old[1] == b"-" else 4)
        return _Form(int(old[3]), order, size, large=False, start=12)
    if new := _NEW_HEADER.match(data):
        if new[2] != b"01":
            raise BlendFileError(f"its header is of form {new[2].decode()}, only 01 is known")
        return _Form(int(new[3]), "<", 8, large=True, start=int(new[1]))
    if not data.startswith(b"BLENDER"[: len(data)]):
        raise BlendFileError("it doesn't begin as a .blend does")
    raise DamagedBlendError("its header is not whole")


def _blocks(data: bytes, form: _Form) -> Iterator[Block]:
    """Yield the blocks up to the end mark; each must lie within the file."""
    head = form.order + (
        "4s4xQqq" if form.large else "4siQ8x" if form.pointer_size == 8 else "4siI8x"
    )
    start = form.start
    while True:
        code, *numbers = struct.unpack(head, _bytes(data, start, struct.calcsize(head)))
        if code == b"ENDB":
            return
        place, length = numbers[:2] if form.large else (numbers[1], numbers[0])
        start += struct.calcsize(head)
        if length < 0 or start + length > len(data):
            raise DamagedBlendError("it breaks off")
        yield Block(code.rstrip(b"\0").decode("latin-1"), place, start, length)
        start += length


def _bytes(data: bytes, start: int, length: int) -> bytes:
    if start < 0 or length < 0 or start + length > len(data):
        raise DamagedBlendError("it breaks off")
    return data[start : start + length]
