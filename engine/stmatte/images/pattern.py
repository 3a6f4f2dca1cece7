# SPDX-License-Identifier: Apache-2.0
"""Names of files that are written, from a pattern with places for what differs.

`mattes/{object}/{shot}_{object}.####.exr`: a number stands in the file's name, the others
may stand in folders, too. What is put into a place cannot leave the folder that the
pattern names: it is made of letters, digits and `_ - .`, and begins with none of the latter.
"""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

from stmatte.errors import StmatteError
from stmatte.images.sequences import expand

_TOKEN = re.compile(r"\{([^{}]*)\}")
_FRAME = re.compile(r"frame(?::0?([1-9]))?")
_PLACES = re.compile(r"#+|%0?\d*d")
_PLACE_OR_TOKEN = re.compile(rf"{_PLACES.pattern}|\{{{_FRAME.pattern}\}}")
_PLACE_AT_END = re.compile(rf"(?:{_PLACES.pattern})$")
_ALIEN = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NARROW = 4  # digits of {frame}, as of ####


def check_pattern(pattern: str, shot: str) -> None:
    """Prove that a pattern can name a file for every frame.

    shot   the shot's name, see `shot_name`; "" if it has none

    Raises StmatteError if a token is not known, if {shot} is asked of a shot without a
    name or with one that leads elsewhere, or if the file's name has no place for the frame
    number.
    """
    for token in _TOKEN.findall(pattern):
        if token not in ("object", "shot") and not _FRAME.fullmatch(token):
            raise StmatteError(
                f'Output "{pattern}" asks for "{{{token}}}"',
                value=token,
                allowed="known are {object}, {shot}, {frame}, which is ####, and {frame:06} for "
                "another number of digits",
                repair="Write one of these",
            )
        if token == "shot" and not shot:
            raise StmatteError(
                f'Output "{pattern}" asks for the name of a shot that has none',
                value=pattern,
                allowed="a shot is named by its document's file or by its plate's files",
                repair="Write the name itself in place of {shot}",
            )
        if token == "shot" and not _NAME.fullmatch(shot):
            raise StmatteError(
                f'Shot name "{shot}" cannot be part of a file\'s name',
                value=shot,
                allowed="letters, digits and _ - ., the first of them a letter or a digit",
                repair=f'Call it "{cleaned}"' if (cleaned := _clean(shot)) else "",
            )
    file_of(pattern, 0, shot=shot)


def has_object(pattern: str) -> bool:
    """Return whether a pattern names a file for every object, or one for all of them."""
    return "object" in _TOKEN.findall(pattern)


def file_of(pattern: str, frame: int, *, object: str = "", shot: str = "") -> Path:  # noqa: A002
    """Return the file that a pattern names; it was checked before.

    A frame number is padded to as many digits as its place has; a minus comes before them.
    In folders, only tokens are places: `take#2/` is a folder's name like others.
    Raises StmatteError if the file's name has no place for the frame number.
    """

    def put(token: re.Match[str]) -> str:
        if number := _FRAME.fullmatch(token[1]):
            digits = int(number[1] or _NARROW)
            return f"{'-' if frame < 0 else ''}{abs(frame):0{digits}d}"
        return {"object": object, "shot": shot}.get(token[1], token[0])

    path = Path(pattern)
    folder = Path(*(_TOKEN.sub(put, part) for part in path.parent.parts))
    name = _TOKEN.sub(put, path.name)
    if _PLACES.search(path.name):
        return folder / expand(name, frame).name
    if not any(_FRAME.fullmatch(token) for token in _TOKEN.findall(path.name)):
        expand(pattern, frame)  # says what is missing
    return folder / name


def marked(pattern: str, word: str) -> str:
    """Return the pattern of files that stand beside those of another, told apart by a word.

    "out/matte.####.exr" becomes "out/matte_word.####.exr"; where every object has a file of
    its own, the word stands for the object's name. The pattern was checked before.
    """
    if has_object(pattern):
        return pattern.replace("{object}", word)
    path = Path(pattern)
    *_, place = _PLACE_OR_TOKEN.finditer(path.name)
    before, after = path.name[: place.start()], path.name[place.start() :]
    stem = before.rstrip("._-")
    between = before[len(stem) :]
    return str(path.with_name(f"{stem}_{word}{between}{after}" if stem else f"{word}.{after}"))


def shot_name(text: str) -> str:
    """Return what a shot is called, from its document's path or its plate's pattern.

    "shots/sh010.json" and "plates/sh010.####.exr" are sh010, and so is "sh010/####.exr".
    Any run of characters that some file system forbids becomes an underscore.
    Returns "" if nothing is left.
    """
    path = PureWindowsPath(text)  # knows either slash
    stem = _PLACE_AT_END.sub("", path.stem)
    for name in (stem, path.parent.name):
        if cleaned := _clean(name):
            return cleaned
    return ""


def _clean(text: str) -> str:
    return _ALIEN.sub("_", text).strip("._-")
