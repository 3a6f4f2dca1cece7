# SPDX-License-Identifier: Apache-2.0
"""The files of a store's folder: where they are, how much they hold, which go first.

The folder is the index: there is no other. Only files that are named as a store names them
are seen, so that a store in a folder that holds something else leaves that alone. Others
may add and remove files at any time; what is gone already is no error.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stmatte.store.entry import FRAME, NOTE, Kind

BLOCK = 4096
"""A file is counted in whole blocks, as disks do: a million small notes take room too."""

LEFT_AFTER = 3600.0
"""Seconds after which a file beside its place is taken for the leftover of a dead writer."""

_SHARD = re.compile(r"[0-9a-f]{2}")
_KEPT = re.compile(rf"[0-9a-f]{{32}}({FRAME.suffix}|{NOTE.suffix})")
_BESIDE = re.compile(rf"\.[0-9a-f]{{32}}\..+({FRAME.suffix}|{NOTE.suffix})")  # see placing


@dataclass(frozen=True)
class Shelved:
    """A file of the store.

    used    when it was last used, in nanoseconds
    size    bytes on the disk
    beside  True while it is being written, or for ever if its writer died
    """

    path: str
    used: int
    size: int
    beside: bool


def file_of(folder: Path, kind: Kind, digest: str) -> Path:
    """Return where an entry stands."""
    return folder / digest[:2] / f"{digest}{kind.suffix}"


def on_disk(size: int) -> int:
    """Return how many bytes a file of `size` bytes takes on a disk."""
    return -(-size // BLOCK) * BLOCK


def shelved(folder: Path) -> Iterator[Shelved]:
    """Yield every file of the store, in no order; nothing if the folder cannot be read."""
    for shard in _listed(folder):
        if _SHARD.fullmatch(shard.name):
            for file in _listed(shard):
                beside = _BESIDE.fullmatch(file.name) is not None
                if beside or _KEPT.fullmatch(file.name):
                    with suppress(OSError):
                        stat = file.stat(follow_symlinks=False)
                        yield Shelved(file.path, stat.st_mtime_ns, on_disk(stat.st_size), beside)


def held(files: Sequence[Shelved]) -> int:
    """Return how many bytes the files take."""
    return sum(file.size for file in files)


def sweep(files: Sequence[Shelved]) -> list[Shelved]:
    """Remove what dead writers left; return the files that remain."""
    dead = (time.time() - LEFT_AFTER) * 1e9
    return [f for f in files if not (f.beside and f.used < dead and _removed(f))]


def shed(files: Sequence[Shelved], room: int) -> int:
    """Remove the least recently used entries until at most `room` bytes are left.

    returns  how many bytes are left; more than `room` if something cannot be removed

    Two processes that do this at once remove the same files, not twice as many.
    """
    left = held(files)
    for file in sorted((f for f in files if not f.beside), key=lambda f: (f.used, f.path)):
        if left <= room:
            break
        if _removed(file):
            left -= file.size
    return left


def _listed(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _removed(file: Shelved) -> bool:
    try:
        Path(file.path).unlink()
    except FileNotFoundError:
        return True  # another process was quicker
    except OSError:
        return False  # Windows keeps what somebody has open
    return True
