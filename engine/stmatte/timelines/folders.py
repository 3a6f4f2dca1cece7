# SPDX-License-Identifier: Apache-2.0
"""Which pictures lie in folders, each folder listed once.

A timeline has thousands of clips, and often all their plates in one folder: to list it
again for every clip would take hours. Names that are kept sorted make a pattern quick.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from os import scandir
from pathlib import Path

from stmatte.images.sequences import PICTURES, ends_of, named_by, pattern_of

_LAST = "\U0010ffff"


class Folders:
    """What lay in the folders when they were first asked for."""

    def __init__(self) -> None:
        self._names: dict[Path, list[str] | None] = {}

    def names(self, folder: Path) -> list[str] | None:
        """Return the names of a folder's pictures, sorted; None if there is no such folder."""
        if folder not in self._names:
            self._names[folder] = _listed(folder)
        return self._names[folder]

    def frames(self, pattern: str) -> tuple[int, ...]:
        """Return the frame numbers of the files that a pattern stands for, ascending."""
        return tuple(sorted(frame for frame, _ in self._named(pattern)))

    def file(self, pattern: str, frame: int) -> Path:
        """Return the file of a frame that is among `frames`."""
        found = next(name for number, name in self._named(pattern) if number == frame)
        return Path(pattern).with_name(found)

    def _named(self, pattern: str) -> list[tuple[int, str]]:
        path = Path(pattern)
        names = self.names(path.parent) or []
        before, *_ = ends_of(path.name)
        some = names[bisect_left(names, before) : bisect_left(names, before + _LAST)]
        return named_by(path.name, some)

    def nearest(self, pattern: str) -> str:
        """Say in words what exists that is nearest to a pattern for which there is no file."""
        path = Path(pattern)
        folder = path.parent
        while self.names(folder) is None and folder != folder.parent:
            folder = folder.parent
        if folder != path.parent:
            return f'of its folder, only "{folder}" exists'
        names = self.names(folder) or []
        if not names:
            return f'"{folder}" holds no pictures'
        patterns = sorted({(pattern_of(name) or (name, 0))[0] for name in names})
        close = difflib.get_close_matches(path.name, patterns, 3, 0.3) or patterns[:3]
        more = len(patterns) - len(close)
        return f'"{folder}" holds {", ".join(close)}' + (f" and {more} more" if more else "")


def _listed(folder: Path) -> list[str] | None:
    try:
        with scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".")
                and Path(entry.name).suffix[1:].lower() in PICTURES
            )
    except (OSError, ValueError):  # the latter where a name cannot be one
        return None
