# SPDX-License-Identifier: Apache-2.0
"""What to tell an artist when keys can't be written: room, permission, and what else there is.

Knows the system's reasons and Blender's words for them. Knows no picture: no bpy.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from .stmatte_host import EngineError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_BARRED = (errno.EACCES, errno.EPERM, errno.EROFS)
_SPARE = 1 << 20  # headers, and the folder's own entries


def no_room(folder: Path, needed: int) -> None:
    """Raise EngineError if a disk has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise EngineError(
            f'The disk of the keys\' folder "{folder}" is full',
            allowed=f"the keys need about {_size(needed + _SPARE)}, {_size(free)} are free",
            repair="Make room there, or choose another folder for the mattes",
        )


def not_written(folder: Path, error: Exception) -> EngineError:
    """Return what to tell, from the system's error or from what Blender reported."""
    number = error.errno if isinstance(error, OSError) else _number(str(error))
    if number in _FULL:
        return EngineError(
            f'The disk of the keys\' folder "{folder}" is full',
            repair="Make room there, or choose another folder for the mattes",
        )
    if number in _BARRED:
        return EngineError(
            f'Keys may not be written to "{folder}"',
            allowed="the folder must be one that you may write to",
            repair="Change its permissions, or choose another folder for the mattes",
        )
    reason = os.strerror(number) if number else " ".join(str(error).split())
    return EngineError(
        f'Keys can\'t be written to "{folder}": {reason.rstrip(".")}',
        repair="See that the folder is there and may be written to, or choose another one",
    )


def _number(words: str) -> int | None:
    """Return the system's reason that Blender's words name."""
    known = (*_FULL, *_BARRED, errno.ENOENT, errno.ENOTDIR, errno.EIO)
    return next((each for each in known if os.strerror(each).lower() in words.lower()), None)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.1f} MiB"
