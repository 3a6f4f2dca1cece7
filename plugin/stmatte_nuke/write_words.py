# SPDX-License-Identifier: Apache-2.0
"""What to tell an artist when Nuke can't render: cancelled, no room, not allowed, or its own words.

Knows the system's reasons and Nuke's words for them. Pure: no Nuke, no picture.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from stmatte_host import EngineError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_BARRED = (errno.EACCES, errno.EPERM, errno.EROFS)
_SPARE = 1 << 20  # headers, and the folder's own entries
_ROOM = "Make room there, or choose another folder for the mattes"


class RenderCancelledError(EngineError):
    """The artist pressed Cancel while Nuke rendered for us."""


def no_room(folder: Path, needed: int, what: str) -> None:
    """Raise EngineError if a disk has no room for so many bytes.

    what  is to be written, such as 'The key of "hero" on frame 1010'
    """
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise EngineError(
            f'The disk of "{folder}" is full',
            allowed=f"{what[:1].lower()}{what[1:]} needs about {_size(needed + _SPARE)}, "
            f"{_size(free)} are free",
            repair=_ROOM,
        )


def not_rendered(error: BaseException, folder: Path, what: str) -> EngineError:
    """Return what to tell, from what Nuke or the system raised.

    what  was to be rendered, such as 'The key of "hero" on frame 1010'
    """
    words = " ".join(str(error).split()).rstrip(".")
    if words.lower().startswith("cancel"):
        return RenderCancelledError(f"{what} was not rendered: it was cancelled")
    number = (error.errno if isinstance(error, OSError) else None) or _number(words)
    if number in _FULL:
        return EngineError(
            f"{what} was not written: the disk is full", allowed=f'in "{folder}"', repair=_ROOM
        )
    if number in _BARRED:
        return EngineError(
            f'{what} may not be written to "{folder}"',
            allowed="the folder must be one that you may write to",
            repair="Change its permissions, or choose another folder for the mattes",
        )
    return EngineError(
        f"{what} could not be rendered",
        allowed=f"Nuke says: {words or type(error).__name__}",
        repair="Mend what is connected there, so that a Viewer shows it, and try once more",
    )


def _number(words: str) -> int | None:
    """Return the system's reason that Nuke's words name."""
    known = (*_FULL, *_BARRED)
    named = (each for each in known if os.strerror(each).lower() in words.lower())
    return next(named, errno.ENOSPC if "disk full" in words.lower() else None)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.1f} MiB"
