# SPDX-License-Identifier: Apache-2.0
"""Which files are the frames of a sequence, by the words that an artist writes.

Knows file names and folders, never what is inside a picture. A folder is listed once;
whether a frame exists is decided by that list, not by opening files.

A frame number is the last run of digits before the extension. A minus belongs to it
after a dot, an underscore or at the start (`plate.-0005.exr` is frame -5), and is a
separator after a letter or a digit (`plate-0005.exr` is frame 5). In a pattern the frame
place is spelled out, so there a minus always belongs to the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stmatte.errors import StmatteError

# fmt: off
PICTURES = frozenset((
    "bmp", "cin", "dpx", "exr", "hdr", "iff", "j2k", "jp2", "jpe", "jpeg", "jpg", "jxl", "pgm",
    "pic", "png", "pnm", "ppm", "psd", "rgb", "rgba", "rla", "sgi", "sxr", "tga", "tif", "tiff",
    "tx", "webp",
))
VIDEOS = frozenset((
    "avi", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv", "webm", "wmv",
))
# fmt: on

_PLACE = re.compile(r"(#+)|%(0?\d*)d")
_NUMBER = re.compile(r"(?P<before>.*?)(?P<number>(?:(?<![A-Za-z0-9])-)?\d+)(?P<after>\D*)")


@dataclass(frozen=True)
class Sequence:
    """The files of one sequence.

    label   how a person would write it, such as "plates/plate.####.exr"
    files   frame number -> file; at least one
    """

    label: str
    files: Mapping[int, Path]

    @property
    def frames(self) -> tuple[int, ...]:
        """All frame numbers, ascending."""
        return tuple(sorted(self.files))


@dataclass(frozen=True)
class Claims:
    """The files of a sequence, of which two may be for one frame.

    label   as `Sequence` has it
    files   (frame number, file), at least one
    """

    label: str
    files: tuple[tuple[int, Path], ...]


def is_video(text: str) -> bool:
    """Tell whether `text` names a video file, by its extension alone."""
    return _extension(text) in VIDEOS


def find_sequence(text: str) -> Sequence:
    """Find the files that `text` stands for.

    text   a pattern (`plate.####.exr`, `plate.%04d.exr`), a folder that holds exactly one
           sequence, or one frame of a sequence: that frame and all its siblings

    `####` and `%04d` match numbers of four digits and, past 9999, more; `#` and `%d` match
    any. A picture without a number in its name is a sequence of the single frame 1.
    Hidden and temporary files and files that are no pictures are never taken.

    Raises StmatteError if there is no such file or folder, if nothing matches, if a folder
    holds several sequences, or if two files claim the same frame.
    """
    claims = find_claims(text)
    return Sequence(claims.label, _numbered(claims.files))


def find_claims(text: str) -> Claims:
    """As `find_sequence`, but two files may be for the same frame."""
    path = Path(text)
    if path.is_dir():
        return _only_sequence_in(path)
    if path.is_file():
        return _siblings_of(path)
    if _PLACE.search(path.name):
        return _matching(path)
    raise StmatteError(
        f'Plate "{text}" does not exist',
        value=text,
        allowed="a plate is a pattern such as plate.####.exr or plate.%04d.exr, a folder, "
        "a first frame or a video file",
        repair="Check the path",
    )


def expand(pattern: str, frame: int) -> Path:
    """Return the file that `pattern` names for `frame`.

    "out/matte.####.exr" or "out/matte.%04d.exr" and frame 7 give out/matte.0007.exr.
    A negative frame is a minus before the padded number: -0005, as timelines write it.
    Raises StmatteError if the pattern has no frame place in its file name.
    """
    if _PLACE.search(Path(pattern).name) is None:
        raise StmatteError(
            f'Output "{pattern}" has no place for the frame number',
            value=pattern,
            allowed="the file name holds #### or %04d",
            repair=f'Write "{_with_place(pattern)}"',
        )
    sign = "-" if frame < 0 else ""
    return Path(_PLACE.sub(lambda place: f"{sign}{abs(frame):0{_width(place)}d}", pattern))


def _extension(name: str) -> str:
    return Path(name).suffix[1:].lower()


def _width(place: re.Match[str]) -> int:
    if place[1]:
        return len(place[1])
    return int(place[2] or 1)


def _with_place(pattern: str) -> str:
    path = Path(pattern)
    return (path.parent / f"{path.stem}.####{path.suffix or '.exr'}").as_posix()


def _pictures_in(folder: Path) -> list[Path]:
    """Return the pictures of `folder`, listed once, sorted by name."""
    if not folder.is_dir():
        raise StmatteError(
            f'Folder "{folder}" does not exist', value=str(folder), repair="Check the path"
        )
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise StmatteError(
            f'Folder "{folder}" cannot be listed, {error.strerror}', value=str(folder)
        ) from None
    return [e for e in entries if not e.name.startswith(".") and _extension(e.name) in PICTURES]


def named_by(pattern: str, names: Iterable[str]) -> list[tuple[int, str]]:
    """Return frame number and name of every file name that a pattern stands for, in its order.

    pattern  of a file name, without its folder
    """
    before, width, after = ends_of(pattern)
    number = re.compile(rf"{re.escape(before)}(-?\d+){re.escape(after)}")
    return [
        (int(match[1]), name)
        for name in names
        if (match := number.fullmatch(name)) and _fits(match[1], width)
    ]


def ends_of(pattern: str) -> tuple[str, int, str]:
    """Return what stands before a pattern's last place for the number, its width, and after."""
    place = list(_PLACE.finditer(pattern))[-1]
    return pattern[: place.start()], _width(place), pattern[place.end() :]


def has_place(text: str) -> bool:
    """Tell whether a pattern's file name has a place for the frame number."""
    return _PLACE.search(Path(text).name) is not None


def pattern_of(name: str) -> tuple[str, int] | None:
    """Return the pattern and frame number of a file name; None if it has no number.

    "plate.1001.exr" is ("plate.####.exr", 1001).
    """
    path = Path(name)
    match = _NUMBER.fullmatch(path.stem)
    if match is None:
        return None
    before, number, after = match.group("before", "number", "after")
    return _label(before, after + path.suffix, [number]), int(number)


def _matching(path: Path) -> Claims:
    pictures = {picture.name: picture for picture in _pictures_in(path.parent)}
    files = [(frame, pictures[name]) for frame, name in named_by(path.name, pictures)]
    if not files:
        there = _labels(list(pictures.values())) or "no pictures"
        raise StmatteError(
            f'No file matches "{path}"',
            value=str(path),
            allowed=f'"{path.parent}" holds {there}',
            repair="Write the pattern with as many # as the numbers have digits",
        )
    return Claims(str(path), tuple(files))


def _fits(number: str, width: int) -> bool:
    """Tell whether a number is written as padding to `width` writes it.

    A negative one may count its minus as a digit (-005 for four), as C prints it, or not
    (-0005), as timelines do.
    """
    digits = number.lstrip("-")
    exact = width in (len(digits), len(number))
    return width == 1 or exact or (len(digits) > width and not digits.startswith("0"))


def _groups(pictures: list[Path]) -> dict[tuple[str, str], list[tuple[str, Path]]]:
    """Return (name before, name after the number) -> [(number as written or "", file)]."""
    groups: dict[tuple[str, str], list[tuple[str, Path]]] = {}
    for picture in pictures:
        match = _NUMBER.fullmatch(picture.stem)
        before, number, after = (
            match.group("before", "number", "after") if match else (picture.stem, "", "")
        )
        groups.setdefault((before, after + picture.suffix), []).append((number, picture))
    return groups


def _label(before: str, after: str, numbers: list[str]) -> str:
    if numbers == [""]:
        return before + after
    digits = [n for n in numbers if not n.startswith("-")] or [n[1:] for n in numbers]
    widths = {len(d) for d in digits}
    padded = len(widths) == 1 or any(len(d) > 1 and d.startswith("0") for d in digits)
    return f"{before}{'#' * min(widths) if padded else '#'}{after}"


def _labels(pictures: list[Path]) -> str:
    names = [_label(*ends, [n for n, _ in found]) for ends, found in _groups(pictures).items()]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _only_sequence_in(folder: Path) -> Claims:
    pictures = _pictures_in(folder)
    groups = _groups(pictures)
    if len(groups) != 1:
        raise StmatteError(
            f'Folder "{folder}" holds {len(groups) or "no"} picture sequences',
            value=str(folder),
            allowed=_labels(pictures) if groups else "a plate folder holds exactly one sequence",
            repair="Name one of them" if groups else "Check the path",
        )
    return _sequence(folder, *next(iter(groups.items())))


def _siblings_of(path: Path) -> Claims:
    if _extension(path.name) not in PICTURES:
        raise StmatteError(
            f'"{path}" is not a picture',
            value=str(path),
            allowed=f"pictures end in {', '.join(sorted(PICTURES))}",
        )
    ((ends, found),) = _groups([path]).items()
    if found[0][0]:
        found = _groups(_pictures_in(path.parent)).get(ends, found)
    return _sequence(path.parent, ends, found)


def _sequence(folder: Path, ends: tuple[str, str], found: list[tuple[str, Path]]) -> Claims:
    label = _label(*ends, [number for number, _ in found])
    return Claims(str(folder / label), tuple((int(n or 1), file) for n, file in found))


def _numbered(files: Iterable[tuple[int, Path]]) -> dict[int, Path]:
    numbered: dict[int, Path] = {}
    for frame, file in sorted(files):
        if frame in numbered:
            raise StmatteError(
                f'Frame {frame} exists twice, as "{numbered[frame].name}" and "{file.name}"',
                value=frame,
                allowed="one file per frame",
                repair="Move one of them away, or name the plate by a pattern",
            )
        numbered[frame] = file
    return numbered
