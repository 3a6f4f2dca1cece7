# SPDX-License-Identifier: Apache-2.0
"""What a plate frame's header says of the shot, carried over into the mattes of the frame.

A matte belongs to the camera's frame as much as the plate does: time code, key code, frame
rate, camera and lens pass, by whatever names a camera has given them. What does not pass:

- what is true of the plate's *file* only: how its pixels lie, are packed and compressed;
- what its numbers mean as colour, for those of a matte mean none;
- who made the file, when, with which program, on which machine and from which files:
  a delivery tells no names of people and no paths;
- what belongs to other pictures: Cryptomatte's manifests, and what STMatte wrote itself;
- what is large: pictures and tables, not words about the shot.

Where a name does not show what it is about, its text does: a path or an address is left out
wherever it stands. Knows headers, never pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import OpenImageIO as oiio  # noqa: N813  the name that all its documents use

Value = int | float | str | tuple[int | float | str, ...]

MOST_LETTERS, MOST_NUMBERS = 4096, 64

_SPACES = frozenset(("Exif", "GPS", "smpte"))
"""What may stand before a colon: names of the shot. Any other is that of a file format."""

_FOREIGN = frozenset(("cryptomatte", "stmatte", "input"))
"""What may not stand between slashes; `input/` is what Nuke says of the file that it read."""

# fmt: off
_OF_THE_FILE = frozenset((
    "channels", "compression", "datawindow", "displaywindow", "envmap", "exif:pixelxdimension",
    "exif:pixelydimension", "fovcot", "idmanifest", "lineorder", "multiview", "name",
    "orientation", "originaldatawindow", "pixelaspectratio", "planarconfig", "preview",
    "resolutionunit", "textureformat", "tiles", "type", "view", "wrapmodes", "xdensity", "xmp",
    "xresolution", "yresolution",
    # what numbers mean as colour
    "acesimagecontainerflag", "adoptedneutral", "chromaticities", "colorinteropid", "exif:gamma",
    "lookmodtransform", "renderingtransform", "whiteluminance",
))
"""Whole names, in small letters."""

_OF_ITS_MAKING = frozenset((
    "artist", "author", "byline", "cameraoperator", "cameraownername", "cinematographer",
    "copyright", "creator", "credit", "director", "operator", "owner", "ownername", "user",
    "userid", "userinfo", "username",
    "computer", "computername", "host", "hostcomputer", "hostname", "machine", "workstation",
    "application", "creatortool", "documentname", "fulllayernames", "history", "imagehistory",
    "memory", "nodehash", "processingsoftware", "program", "rendertime", "software", "version",
    "atime", "ctime", "date", "datetime", "mtime", "time",
    "directory", "file", "filename", "filepath", "filesize", "folder", "path",
    "caption", "comment", "comments", "description", "imagedescription", "usercomment",
))
"""The last word of a name, in small letters and nothing but letters."""
# fmt: on

_COLOUR = re.compile(r"colou?rspace|icc", re.IGNORECASE)
_PATH_OR_ADDRESS = re.compile(r"""(?:^|[\s"'=(,;\[{])(?:/[^/\s]|~|\\\\|[A-Za-z]:[\\/])|://|\S@\S""")
_FRAME_RATES = ("FramesPerSecond", "dpx:FrameRate", "dpx:TemporalFrameRate")
_RENAMED = {"dpx:ShutterAngle": "shutterAngle"}


@dataclass(frozen=True)
class Entry:
    """One thing that a header says: its name and value, and OpenImageIO's type of it."""

    name: str
    kind: Any
    value: Value

    @property
    def words(self) -> tuple[str, str, Value]:
        """The same for a digest."""
        return self.name, str(self.kind), self.value


Metadata = tuple[Entry, ...]


def read_metadata(path: Path | None) -> Metadata:
    """Return what passes from a plate frame to its mattes, by name.

    path     the frame's file; None where it has none of its own
    returns  nothing where the file cannot be opened, for who reads its pixels says so
    """
    if path is None:
        return ()
    oiio.geterror()
    source = oiio.ImageInput.open(str(path))
    if source is None:
        oiio.geterror()
        return ()
    try:
        said = [Entry(str(a.name), a.type, _plain(a.value)) for a in source.spec().extra_attribs]
        source.geterror()
    finally:
        source.close()
    rate = _frame_rate(said)
    passing = [entry for entry in map(_renamed, said) if _passes(entry)]
    return tuple(sorted((*passing, *rate), key=lambda entry: entry.name))


def _plain(value: Any) -> Value:
    """Return a value as a number, a text or a tuple of them, whatever OpenImageIO gave."""
    if isinstance(value, int | float | str):
        return value
    try:
        return tuple(value)
    except TypeError:  # a kind of value that Python doesn't know
        return ""


def _renamed(entry: Entry) -> Entry:
    return Entry(_RENAMED.get(entry.name, entry.name), entry.kind, entry.value)


def _passes(entry: Entry) -> bool:
    space, colon, _ = entry.name.rpartition(":")
    folders = [part.casefold() for part in entry.name.split("/")]
    last = re.sub(r"[^a-z]", "", re.split(r"[/:.]", entry.name)[-1].casefold())
    return not (
        entry.name in _FRAME_RATES
        or (colon and space not in _SPACES)
        or not _FOREIGN.isdisjoint(folders[:-1])
        or entry.name.casefold() in _OF_THE_FILE
        or last in _OF_ITS_MAKING
        or _COLOUR.search(entry.name)
        or not _small_and_nameless(entry.value)
    )


def _small_and_nameless(value: Value) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    texts = [part for part in values if isinstance(part, str)]
    return (
        len(values) <= MOST_NUMBERS
        and sum(map(len, texts)) <= MOST_LETTERS
        and value != ""
        and not any(_PATH_OR_ADDRESS.search(text) for text in texts)
    )


def _frame_rate(said: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the frames a second as the fraction that they are: 23.976 is 24000/1001.

    EXR says it once; of DPX, the film header is asked before the television header.
    """
    known = {entry.name: entry.value for entry in said}
    for name in _FRAME_RATES:
        value = known.get(name)
        if isinstance(value, tuple) and len(value) == 2:
            yield Entry(_FRAME_RATES[0], oiio.TypeRational, value)
            return
        if isinstance(value, float | int) and 0 < value < 100_000:
            rate = Fraction(round(value * 1.001) * 1000, 1001)  # as television counts
            if abs(rate - value) > 0.005:
                rate = Fraction(value).limit_denominator(1000)
            yield Entry(_FRAME_RATES[0], oiio.TypeRational, (rate.numerator, rate.denominator))
            return
