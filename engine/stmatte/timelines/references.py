# SPDX-License-Identifier: Apache-2.0
"""What a clip says about its pictures, in the words of whoever wrote the timeline.

The library's own URL functions turn %04d into a control character and cut names at #, so
the raw text is read here. A picture sequence is written in many ways:

    plate.%04d.exr   plate.####.exr   plate.@@@@.exr   plate.$F4.exr
    plate.[1001-1100].exr   plate.1001-1100####.exr   plate.1001.exr (a first frame)

Knows no folder: whether anything is there is asked in `media`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

from stmatte.errors import StmatteError
from stmatte.images.sequences import PICTURES, has_place, is_video, pattern_of
from stmatte.timelines.library import otio
from stmatte.timelines.times import During, during, exact_rate

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")
_OWN_PERCENT = re.compile(r"(%0[1-9]d|%d(?![0-9A-Fa-f]))")
_BRACKETS = re.compile(r"\[(-?\d+)-(-?\d+)\]")
_RANGE_BEFORE = re.compile(r"(?<![^._])(-?\d+)-(-?\d+)(?=#|@|%0?\d*d)")
_OTHER_PLACES = re.compile(r"\$F(\d*)|(@{2,}|(?<=[._-])@(?=\.))")


@dataclass(frozen=True)
class Reference:
    """Where a clip's pictures are, as far as it says.

    place      a pattern with #### or %04d, a video, or a picture; with its whole path
    first      number of the first file; None if the clip doesn't say
    available  which time of the media there is; None if the clip doesn't say
    rate       frames a second of the media; None if the clip doesn't say
    step       frame numbers from one file to the next
    sure       whether `first` is the file at the first moment of `available`
    hold       whether a missing file is no error: another picture, or black, is shown for it
    """

    place: str
    first: int | None = None
    available: During | None = None
    rate: Fraction | None = None
    step: int = 1
    sure: bool = False
    hold: bool = False


def reference_of(clip: otio.schema.Clip, folder: Path) -> Reference | None:
    """Return what a clip says about its pictures; None where it says that there are none.

    folder  what relative paths are relative to

    Raises StmatteError if the clip names no media, or media that are no files.
    """
    media = clip.media_reference
    if isinstance(media, otio.schema.GeneratorReference):
        return None
    if isinstance(media, otio.schema.ImageSequenceReference):
        return _of_sequence(clip, media, folder)
    if isinstance(media, otio.schema.ExternalReference) and media.target_url:
        place, first, sure = spelled(path_of(media.target_url, folder, clip.name))
        if not _is_moving(place):
            return None
        span = media.available_range
        return Reference(
            place,
            first,
            None if span is None else during(span),
            None if span is None else exact_rate(span.start_time.rate),
            sure=sure,
        )
    raise StmatteError(
        f'Clip "{clip.name}" names no media',
        value=clip.name,
        allowed="a clip refers to a picture sequence or a video",
        repair='Relink it, or say where the pictures are, such as --media "plates/{shot}.####.exr"',
    )


def _of_sequence(
    clip: otio.schema.Clip, media: otio.schema.ImageSequenceReference, folder: Path
) -> Reference:
    base = media.target_url_base or ""
    if base and not base.endswith(("/", "\\")):
        base += "/"
    digits = media.frame_zero_padding
    prefix, _, suffix = _whole(base, media.name_prefix, media.name_suffix, folder, clip.name)
    span = media.available_range
    missing = otio.schema.ImageSequenceReference.MissingFramePolicy.error
    return Reference(
        f"{prefix}{'#' * max(1, digits)}{suffix}",
        media.start_frame,
        None if span is None else during(span),
        exact_rate(media.rate) if media.rate > 0 else None,
        max(1, media.frame_step),
        sure=True,
        hold=media.missing_frame_policy != missing,
    )


def _whole(base: str, prefix: str, suffix: str, folder: Path, clip: str) -> tuple[str, str, str]:
    """Return the path before the frame number, and the name after it, both decoded alike."""
    marker = "\ue000"  # for private use: in no name
    return path_of(f"{base}{prefix}{marker}{suffix}", folder, clip).partition(marker)


def _is_moving(place: str) -> bool:
    """Tell whether a path is a picture sequence or a video, by its name alone."""
    if is_video(place):
        return True
    name = Path(place).name
    picture = Path(name).suffix[1:].lower() in PICTURES
    return picture and (has_place(name) or pattern_of(name) is not None)


def path_of(text: str, folder: Path, clip: str) -> str:
    """Return the path that a media reference's text means, patterns in it kept as they are.

    text    a path, or a file:// URL with its %20 and the like
    folder  what it is relative to

    Raises StmatteError for a URL of another kind, and for what no path can be.
    """
    scheme = _SCHEME.match(text)
    if "\0" in text:
        raise StmatteError(
            f'Clip "{clip}" has a null character in the path of its media',
            value=text,
            allowed="no file has one in its name",
            repair="Relink it",
        )
    if scheme is None:
        return str(folder / text)
    if scheme[1].lower() != "file":
        raise StmatteError(
            f'Clip "{clip}" has its media at "{text}"',
            value=text,
            allowed="media are files",
            repair="Relink it to files",
        )
    words = _OWN_PERCENT.split(text[scheme.end() :])
    path = "".join(word if i % 2 else unquote(word) for i, word in enumerate(words))
    path = path.removeprefix("localhost")
    if _DRIVE.match(path):
        path = path[1:]
    elif not path.startswith("/"):
        path = f"//{path}"  # file://server/share/...
    return str(folder / path)


def spelled(path: str) -> tuple[str, int | None, bool]:
    """Return a path with #### or %04d for the frame number, however it was spelled.

    returns  the path; the number of the first file if it is spelled out; and whether that is
             surely the first one
    """
    folder, name = str(Path(path).parent), Path(path).name
    if found := _BRACKETS.search(name):
        first, last = found[1], found[2]
        padded = len(first) == len(last) or first.lstrip("-").startswith("0")
        name = _put(name, found, "#" * (len(first.lstrip("-")) if padded else 1))
        return str(Path(folder, name)), int(first), True
    if found := _RANGE_BEFORE.search(name):
        rest, _, _ = spelled(_put(name, found, ""))
        return str(Path(folder, rest)), int(found[1]), True
    if not has_place(name) and (found := _OTHER_PLACES.search(name)):
        width = len(found[2]) if found[2] else int(found[1] or 1)
        return str(Path(folder, _put(name, found, "#" * width))), None, False
    return path, None, False


def _put(name: str, found: re.Match[str], place: str) -> str:
    return name[: found.start()] + place + name[found.end() :]
