# SPDX-License-Identifier: Apache-2.0
"""Where a node's mattes go: from what the knob `out` says to a pattern that the engine takes.

Nuke reads the same knob by itself when it renders, so what Nuke and the engine would understand
differently is refused here. Pure but for looking which files are there: expressions were
evaluated before, and nothing of a script is known. Slashes are forward ones, as Nuke has them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stmatte_host import EngineError

_PLACE = re.compile(r"#+|%0?(\d*)d")
_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9]+):")
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
_VIEW = re.compile(r"%[Vv]")


@dataclass(frozen=True)
class OutPath:
    """Where the mattes of one view go.

    pattern  whole path with #### for the frame number
    """

    pattern: str

    @property
    def folder(self) -> Path:
        """The folder of the mattes."""
        return Path(self.pattern.rpartition("/")[0] or "/")

    @property
    def name(self) -> str:
        """What the files are called, with #### for the frame number."""
        return self.pattern.rpartition("/")[2]

    @property
    def take(self) -> str:
        """What the files are called before the frame number, without what stands between."""
        return _ends(self.name)[0].rstrip("._-") or self.folder.name

    @property
    def crypto(self) -> OutPath:
        """Where the Cryptomattes lie, as the engine names them."""
        before, width, after = _ends(self.name)
        stem = before.rstrip("._-")
        between = before[len(stem) :] if stem else "."
        name = f"{stem}_crypto" if stem else "crypto"
        slash = self.pattern[: len(self.pattern) - len(self.name)]
        return OutPath(f"{slash}{name}{between}{'#' * width}{after}")

    @property
    def beside(self) -> Path:
        """The folder for keys, locked mattes and the written plate, of this take alone.

        Takes that share a folder would else share their locked mattes, too.
        """
        return self.folder if self.folder.name == self.take else self.folder / self.take

    def path(self, frame: int) -> Path:
        """Return the file of a frame's mattes, as the engine names it."""
        before, width, after = _ends(self.name)
        return self.folder / f"{before}{'-' if frame < 0 else ''}{abs(frame):0{width}d}{after}"

    def files(self) -> dict[int, Path]:
        """Return frame -> file, of all mattes that are there; {} where there is no folder."""
        before, width, after = _ends(self.name)
        number = re.compile(rf"{re.escape(before)}(-?\d+){re.escape(after)}")
        try:
            found = [
                (number.fullmatch(entry.name), entry.path) for entry in os.scandir(self.folder)
            ]
        except OSError:
            return {}
        return {
            int(match[1]): Path(path)
            for match, path in sorted(found, key=lambda each: each[1])
            if match and len(match[1].lstrip("-")) >= width
        }


def out_path(said: str, view: str, views: Sequence[str], project: str = "") -> OutPath:
    """Return where mattes go.

    said     what the knob says, once Nuke has evaluated its expressions
    view     the view that the mattes are for
    views    all views of the script
    project  the script's project directory, from which Nuke takes relative paths; "" for none

    Raises EngineError for what cannot be written, or would not be read again.
    """
    text = said.strip().replace("\\", "/")
    prefix = _PREFIX.match(text)
    if prefix and prefix[1].lower() != "exr":
        raise EngineError(
            f'"{prefix[0]}" before the path of the mattes asks for another type of file',
            allowed="mattes are written as EXR",
            repair=f'Write "{text[prefix.end() :]}"',
        )
    text = text[prefix.end() :] if prefix else text
    if not text:
        raise EngineError(
            "The node doesn't say where its mattes go",
            repair="Write a path into `out`, such as "
            "[file dirname [value root.name]]/mattes/hero/hero.####.exr",
        )
    if not _ABSOLUTE.match(text):
        base = project.strip().replace("\\", "/").rstrip("/")
        if not base or not _ABSOLUTE.match(f"{base}/"):
            raise EngineError(
                f'The mattes go to "{text}", which is not a whole path',
                allowed="a path begins with a slash or a drive, or the script has a project "
                "directory (Project Settings)",
                repair=f"Write [file dirname [value root.name]]/{text}",
            )
        text = f"{base}/{text}"
    if len(views) > 1 and not _VIEW.search(text):
        raise EngineError(
            f'The mattes go to "{text}", whichever view they are for',
            allowed=f"the script has the views {', '.join(views)}, and Nuke would show each of "
            "them the same mattes",
            repair=f'Write %V where the view\'s name is to stand, for instance "{with_view(text)}"',
        )
    text = text.replace("%V", view).replace("%v", view[:1])
    _check_name(text)
    before, width, after = _ends(text)
    return OutPath(f"{before}{'#' * width}{after}")


def renamed(said: str, take: str) -> str:
    """Return the knob's text for another take: its files are called so, and a folder of their own.

    said  the text as it stands in the knob, with its expressions
    """
    folder, slash, name = said.replace("\\", "/").rpartition("/")
    before, place, after = _cut(name)
    stem = before.rstrip("._-")
    between = before[len(stem) :] or "."
    around, deeper, last = folder.rpartition("/")
    if stem and _viewless(last) == _viewless(stem) and "[" not in last:
        folder = f"{around}{deeper}{take}"
    views = "".join(dict.fromkeys(_VIEW.findall(stem)))
    return f"{folder}{slash}{take}{'_' if views else ''}{views}{between}{place}{after}"


def with_view(said: str) -> str:
    """Return a text for the knob in which the files of each view have names of their own."""
    folder, slash, name = said.rpartition("/")
    before, place, after = _cut(name)
    stem = before.rstrip("._-")
    return f"{folder}{slash}{stem}_%V{before[len(stem) :] or '.'}{place}{after}"


def _check_name(text: str) -> None:
    """Raise EngineError where engine and Nuke would not find the same file for a frame."""
    folder, _, name = text.rpartition("/")
    if not name.lower().endswith(".exr"):
        raise EngineError(
            f'The mattes are to be called "{name}"',
            allowed="mattes are written as EXR",
            repair=f'Write "{name.rpartition(".")[0] or name or "matte.####"}.exr"',
        )
    places = _PLACE.findall(name)
    if len(places) != 1:
        raise EngineError(
            f'"{name}" has {"no place" if not places else "several places"} for the frame number',
            allowed="the file's name holds #### or %04d once",
            repair=f'Write "{_plain(name)}.####.exr"',
        )
    if _PLACE.search(folder):
        raise EngineError(
            f'The folder "{folder}" has a place for the frame number',
            allowed="only the file's name holds ####",
            repair="Take it out of the folder's name",
        )
    for brace in "{}":
        if brace in text:
            raise EngineError(
                f'The path of the mattes has "{brace}" in it ({text})',
                allowed="in Nuke one file holds the mattes of all objects, and a path has no "
                "places but #### and %V",
                repair="Take the braces out",
            )


def _viewless(name: str) -> str:
    return _VIEW.sub("", name).strip("._-")


def _plain(name: str) -> str:
    """Return a file's name without its ending and its places for numbers."""
    return _PLACE.sub("", name.rpartition(".")[0]).strip("._-") or "matte"


def _cut(name: str) -> tuple[str, str, str]:
    """Return what stands before the place for the frame number, the place, and what follows."""
    place = _PLACE.search(name)
    if place is None:
        before, dot, after = name.rpartition(".")
        return f"{before}{dot}" or name, "####", f".{after}" if dot else ".exr"
    return name[: place.start()], place[0], name[place.end() :]


def _ends(pattern: str) -> tuple[str, int, str]:
    """Return what stands before the place for the frame number, its digits, and what follows."""
    before, place, after = _cut(pattern)
    match = _PLACE.fullmatch(place)
    digits = match[1] if match else None
    return before, len(place) if digits is None else int(digits or 1), after
