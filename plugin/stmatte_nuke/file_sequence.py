# SPDX-License-Identifier: Apache-2.0
"""The files that a Read's path stands for, if they are a sequence of pictures that anyone may read.

`exr:` before the path, `%04d`, `####`, `%V` and `%v` are Nuke's; the engine has #### only. Pure but
for looking which files are there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

# What both Nuke and the engine read. Movies, raw camera files and the rest Nuke writes out.
PICTURES = frozenset(
    ("exr", "sxr", "dpx", "cin", "tif", "tiff", "png", "jpg", "jpeg", "tga", "hdr", "sgi", "bmp")
)

_PLACE = re.compile(r"(#+)|%(0?\d*)d")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]+:(?=/|[A-Za-z]:/|[^/])")
_VIEW = re.compile(r"%[Vv]")
_WHOLE = re.compile(r"/|[A-Za-z]:/")


@dataclass(frozen=True)
class FileSequence:
    """Numbered pictures in one folder.

    folder  whole path
    before  of the name, up to the number
    width   digits of the number at least
    after   of the name, behind the number
    """

    folder: str
    before: str
    width: int
    after: str

    @property
    def pattern(self) -> str:
        """The whole path with # in place of the number."""
        return f"{self.folder}/{self.before}{'#' * self.width}{self.after}"

    def there(self) -> dict[int, os.DirEntry[str]]:
        """Return frame -> entry of each file that is there; {} where there is no folder.

        Numbers below 0 are none: Nuke and the engine write them differently.
        """
        number = re.compile(
            rf"{re.escape(self.before)}(\d{{{self.width},}}){re.escape(self.after)}"
        )
        found: dict[int, os.DirEntry[str]] = {}
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    match = number.fullmatch(entry.name)
                    if match and (len(match[1]) == self.width or match[1][0] != "0"):
                        found[int(match[1])] = entry
        except OSError:
            return {}
        return found


def plain(path: str) -> str:
    """Return a path without the `exr:` or the like that Nuke allows before it."""
    match = _PREFIX.match(path)
    return path[match.end() :] if match else path


def has_view(path: str) -> bool:
    """Return whether each view has its own files."""
    return _VIEW.search(path) is not None


def sequence(
    path: str, view: str, project: str = "", *, any_type: bool = False
) -> FileSequence | None:
    """Return the sequence that a Read's path stands for; None if it is none that we may read.

    path      expressions evaluated, #### or %04d left
    project   from which Nuke takes relative paths; "" for none
    any_type  of files that only Nuke reads, too
    """
    text = plain(path.strip()).replace("%V", view).replace("%v", view[:1])
    if text and not _WHOLE.match(text) and project:
        text = f"{project.rstrip('/')}/{text}"
    folder, _, name = text.rpartition("/")
    places = list(_PLACE.finditer(name))
    if len(places) != 1 or _PLACE.search(folder) or not _WHOLE.match(f"{folder}/"):
        return None
    place = places[0]
    if not any_type and Path(name).suffix[1:].lower() not in PICTURES:
        return None
    width = len(place[1]) if place[1] else max(1, int(place[2] or 1))
    return FileSequence(folder, name[: place.start()], width, name[place.end() :])
