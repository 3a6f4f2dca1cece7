# SPDX-License-Identifier: Apache-2.0
"""An entry as the bytes of its file: a header, then the payload.

The header says what the file is, which digest it was kept under and how long it is, and
holds a checksum over itself and the payload. A file that is damaged, cut off, kept under
another digest or made by somebody else does not open. Knows no folder.

    8 bytes   "STMFRAME" or "STMNOTE "
    1 byte    version of this layout
    16 bytes  the digest
    8 bytes   length of the payload, little-endian
    16 bytes  BLAKE2b over all of the above and the payload
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

VERSION = 1

_SAID = struct.Struct("<8sB16sQ")
_CHECKSUM = 16
HEADER = _SAID.size + _CHECKSUM
"""Bytes before the payload."""


@dataclass(frozen=True)
class Kind:
    """What an entry may be: its first bytes, and how its file's name ends."""

    magic: bytes
    suffix: str


FRAME = Kind(b"STMFRAME", ".frame")
NOTE = Kind(b"STMNOTE ", ".note")


def seal(kind: Kind, digest: str, payload: bytes) -> bytes:
    """Return the bytes of an entry's file."""
    said = _SAID.pack(kind.magic, VERSION, bytes.fromhex(digest), len(payload))
    return said + _checksum(said, payload) + payload


def unseal(kind: Kind, digest: str, content: bytes) -> bytes | None:
    """Return the payload; None if `content` is not what `seal` made of it, to the last bit."""
    payload = content[HEADER:]
    return payload if content == seal(kind, digest, payload) else None


def promised_size(kind: Kind, digest: str, start: bytes) -> int | None:
    """Return how long a file is that begins so; None if no such entry begins so.

    start  the file's first HEADER bytes
    """
    if len(start) < HEADER:
        return None
    magic, version, name, length = _SAID.unpack_from(start)
    if (magic, version, name) != (kind.magic, VERSION, bytes.fromhex(digest)):
        return None
    return HEADER + int(length)


def _checksum(said: bytes, payload: bytes) -> bytes:
    sums = hashlib.blake2b(said, digest_size=_CHECKSUM)
    sums.update(payload)
    return sums.digest()
