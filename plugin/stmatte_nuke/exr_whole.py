# SPDX-License-Identifier: Apache-2.0
"""Whether an EXR that Nuke wrote is all there: a disk that ran full leaves half of one.

Reads where the pixels lie, and decodes none. Pure: files, no Nuke.

Source: "OpenEXR File Layout", openexr.com.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_MAGIC = 20000630
_NOT_LINES = 0x200 | 0x800 | 0x1000  # tiles, deep pixels, several parts: Nuke writes none for us
_LINES = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}
_MOST = 1 << 20  # no header of ours is longer


def is_whole(path: Path) -> bool:
    """Return whether every chunk of an EXR of scan lines was written to its end.

    A writer fills in where the chunks lie when it is done, and the last one must end within the
    file. Of other kinds only the start is looked at. A file that is not there is not whole.
    """
    try:
        with path.open("rb") as file:
            return _is_whole(file, path.stat().st_size)
    except (OSError, ValueError, KeyError, IndexError, struct.error):
        return False


def _is_whole(file: BinaryIO, size: int) -> bool:
    start = file.read(_MOST)
    magic, version = struct.unpack_from("<II", start)
    if magic != _MAGIC:
        return False
    if version & _NOT_LINES:
        return True
    said, at = _attributes(start)
    _, top, _, bottom = struct.unpack("<4i", said["dataWindow"])
    count = (bottom - top) // _LINES[said["compression"][0]] + 1
    file.seek(at)
    places = struct.unpack(f"<{count}Q", file.read(8 * count))
    file.seek(max(places))
    _, length = struct.unpack("<ii", file.read(8))
    return 0 not in places and size >= max(places) + 8 + length


def _attributes(start: bytes) -> tuple[dict[str, bytes], int]:
    """Return the header's attributes, and where it ends."""
    said: dict[str, bytes] = {}
    at = 8
    while start[at]:
        name, at = _word(start, at)
        _, at = _word(start, at)  # its type
        (length,) = struct.unpack_from("<I", start, at)
        said[name] = start[at + 4 : at + 4 + length]
        at += 4 + length
    return said, at + 1


def _word(start: bytes, at: int) -> tuple[str, int]:
    stop = start.index(0, at)
    return start[at:stop].decode("latin-1"), stop + 1
