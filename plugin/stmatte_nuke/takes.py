# SPDX-License-Identifier: Apache-2.0
"""The files of a take under the name of another, so that a copied node shows what it showed.

Mattes and what was locked are there at once, by a second name for the same file where the disk
can: the engine replaces files and never writes into them. Pure but for the disk; what fails there
is passed over, since all but what was locked can be made again.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from .out_path import OutPath

_COPIED = ("locked",)
_LINKED = ("keys", "plate")
"""Folders beside the mattes; of the latter no byte is copied: they can be made again."""


def is_free(out: OutPath) -> bool:
    """Return whether nothing lies where a take would go."""
    return not out.beside.exists() and not out.files()


def bring_along(old: OutPath, new: OutPath) -> int:
    """Put the files of one take under the name of another; return how many mattes.

    What stands under the other name stays.
    """
    if old.pattern == new.pattern:
        return 0
    done = 0
    for frame, path in old.files().items():
        done += _put(path, new.path(frame), copied=True)
    for frame, path in old.crypto.files().items():
        _put(path, new.crypto.path(frame), copied=True)
    for name in (*_COPIED, *_LINKED):
        folder = old.beside / name
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                place = new.beside / name / path.relative_to(folder)
                _put(path, place, copied=name in _COPIED)
    return done


def _put(path: Path, place: Path, copied: bool) -> bool:
    """Give a file a second name, or copy it where that can't be and it is wanted."""
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, place)
        except FileExistsError:
            return False
        except OSError:
            if not copied or place.exists():
                return False
            beside = place.with_name(f".{place.name}.part")
            shutil.copyfile(path, beside)
            beside.replace(place)
        return True
    return False
