# SPDX-License-Identifier: Apache-2.0
"""Frames that are not there yet show the nearest one that is, and say so themselves.

A missing file is black to Blender, or magenta. So while the engine works, each missing number
gets a *held file*: the pixels of a finished frame, under a header whose digest reads "held
from 1003". The engine takes such a file for its own and for stale, and replaces it; who reads
the folder can tell it from a matte at any time, on any machine, with no list beside it.

What the engine has written meanwhile is never written over. Knows folders and headers; no
Blender, and no pixel.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from .exr_header import read_header, with_words
from .stmatte_host import EngineError

DIGEST = "stmatte/digest"
"""The attribute by which the engine knows its own files, and whether they are fresh."""

_OURS = "stmatte/"
_SAID = re.compile(r"held from (-?\d+)")


def matte_path(folder: Path, stem: str, frame: int) -> Path:
    """Return where the mattes of a plate frame lie, as the engine names them."""
    return folder / f"{stem}.{'-' if frame < 0 else ''}{abs(frame):04d}.exr"


def files_in(folder: Path, stem: str) -> dict[int, Path]:
    """Return plate frame -> file, finished or held; {} where there is no such folder."""
    name = re.compile(rf"{re.escape(stem)}\.(-?\d{{4,}})\.exr")
    try:
        found = [(name.fullmatch(entry.name), entry) for entry in os.scandir(folder)]
    except OSError:
        return {}
    return {int(match[1]): Path(entry.path) for match, entry in found if match}


def held_from(path: Path) -> int | None:
    """Return the frame that a held file shows; None for any other file, or none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return _held_from(path, found.st_ino, found.st_mtime_ns, found.st_size)


def finished_in(folder: Path, stem: str) -> dict[int, Path]:
    """Return plate frame -> file, of those that are mattes of their own frame."""
    files = files_in(folder, stem)
    return {frame: path for frame, path in files.items() if held_from(path) is None}


def hold(folder: Path, stem: str, frames: Iterable[int], arrived: int) -> tuple[int, ...]:
    """Have the missing among `frames` show the frame that has just arrived; return which do.

    A frame that is held already is held anew if the new one is less than half as far: so
    each changes a few times at most, however long the shot is.
    Nothing is raised: a disk that is full or protected is the engine's to tell.
    """
    there = files_in(folder, stem)
    source = there.get(arrived)
    if source is None or held_from(source) is not None:
        return ()
    wanted = [frame for frame in frames if frame != arrived and _nearer(there, frame, arrived)]
    if not wanted:
        return ()
    words = {DIGEST: f"held from {arrived}"}
    beside = folder / f".{stem}.held.{uuid4().hex}.exr"
    try:
        beside.write_bytes(with_words(source.read_bytes(), words, without=_OURS))
        return tuple(
            frame
            for frame in wanted
            if _put(beside, matte_path(folder, stem, frame), there.get(frame))
        )
    except (OSError, EngineError):
        return ()
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def release(folder: Path, stem: str) -> tuple[int, ...]:
    """Remove all held files, and return their frames."""
    held = {f: path for f, path in files_in(folder, stem).items() if held_from(path) is not None}
    return tuple(sorted(frame for frame, path in held.items() if _taken_away(path)))


def copy_mattes(source: Path, stem: str, folder: Path, other: str) -> int:
    """Put the finished mattes of one take under the name of another; return how many.

    They share the disk's blocks where the disk can: the engine replaces files and never writes
    into them. What stands under the other name stays.
    """
    done = 0
    for frame, path in finished_in(source, stem).items():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _link(path, matte_path(folder, other, frame))
            done += 1
    return done


@lru_cache(maxsize=2**15)
def _held_from(path: Path, *_stamp: int) -> int | None:
    try:
        said = _SAID.fullmatch(read_header(path).word(DIGEST))
    except (OSError, EngineError):
        return None
    return int(said[1]) if said else None


def _nearer(there: Mapping[int, Path], frame: int, arrived: int) -> bool:
    if frame not in there:
        return True
    shown = held_from(there[frame])
    return shown is not None and 2 * abs(frame - arrived) < abs(frame - shown)


def _put(beside: Path, place: Path, held: Path | None) -> bool:
    """Put the file under a name if nothing, or nothing but a held file, stands there."""
    if held is not None and not _taken_away(place):
        return False
    try:
        _link(beside, place)
    except OSError:
        return False  # the engine was there first
    return True


def _taken_away(place: Path) -> bool:
    """Remove a held file; if the engine has replaced it meanwhile, leave what it wrote.

    To look and then to remove would leave a moment in which the engine's file is removed. So
    whatever stands there is taken first, looked at, and put back if it is a matte.
    """
    aside = place.with_name(f".{place.stem}.{uuid4().hex}.exr")
    try:
        place.rename(aside)
    except OSError:
        return False
    held = held_from(aside) is not None
    if not held:
        with suppress(OSError):  # there is a newer one yet
            _link(aside, place)
    with suppress(OSError):
        aside.unlink()
    return held


def _link(source: Path, place: Path) -> None:
    """Give a file a second name, or copy it where the disk has no such thing.

    Raises FileExistsError if the name is taken.
    """
    try:
        os.link(source, place)
    except FileExistsError:
        raise
    except OSError:
        with source.open("rb") as file, place.open("xb") as copy:
            shutil.copyfileobj(file, copy)
