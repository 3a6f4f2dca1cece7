# SPDX-License-Identifier: Apache-2.0
"""References to picture sequences, as a timeline that is written spells them.

Absolute or relative, path or URL: as the timeline spells where its plates are, since that
is what the programs that read it are set up for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from stmatte.images.sequences import ends_of, is_video
from stmatte.shot import FrameRange
from stmatte.timelines.clips import UsedClip
from stmatte.timelines.library import otio
from stmatte.timelines.media import Media
from stmatte.timelines.times import exact_rate, rational


@dataclass(frozen=True)
class Files:
    """How the files of a shot's mattes are called: `<folder>/<prefix><number><suffix>`."""

    folder: Path
    prefix: str
    suffix: str
    digits: int


def plate_reference(used: UsedClip, media: Media, folder: Path) -> otio.core.MediaReference:
    """Return a reference to a clip's plate.

    folder  where the timeline will lie
    """
    path = Path(media.pattern)
    frames = FrameRange(media.frames[0], media.frames[-1])
    if is_video(media.pattern):
        return otio.schema.ExternalReference(
            str(path), _span(used, media, media.frames[0], media.frames[-1])
        )
    prefix, digits, suffix = ends_of(path.name)
    frames = FrameRange(media.frames[0], media.frames[-1])
    holes = len(media.frames) < len(frames)
    files = Files(path.parent, prefix, suffix, digits)
    return sequence_reference(files, used, media, frames, folder, holes=holes)


def sequence_reference(
    files: Files, used: UsedClip, media: Media, frames: FrameRange, folder: Path, *, holes: bool
) -> otio.schema.ImageSequenceReference:
    """Return a reference to files that are numbered and timed as a plate is.

    used    the plate's clip, whose spelling and rate are taken
    frames  numbers of the files
    folder  where the timeline will lie
    holes   whether files are missing between them
    """
    first = media.frame_at(media.time_of(frames.first))
    base, prefix, suffix = _address(files, used, folder)
    policy = otio.schema.ImageSequenceReference.MissingFramePolicy
    span = _span(used, media, first, frames.last)
    return otio.schema.ImageSequenceReference(
        target_url_base=base,
        name_prefix=prefix,
        name_suffix=suffix,
        start_frame=first,
        frame_step=media.step,
        rate=span.start_time.rate,
        frame_zero_padding=files.digits,
        missing_frame_policy=policy.hold if holes and media.step == 1 else policy.error,
        available_range=span,
    )


def _span(used: UsedClip, media: Media, first: int, last: int) -> otio.opentime.TimeRange:
    """Return the media's time of some of its files, in the clip's rate where that is the same."""
    rate = rate_of(used) if exact_rate(rate_of(used)) == media.rate else float(media.rate)
    count = Fraction(last - first + media.step)
    return otio.opentime.TimeRange(
        rational(media.time_of(first), rate), rational(count / media.rate, rate)
    )


def _address(files: Files, used: UsedClip, folder: Path) -> tuple[str, str, str]:
    """Return base, prefix and suffix, spelled as the timeline spells where the plate is."""
    text = text_of(used.clip.media_reference)
    if text.lower().startswith("file:"):
        return f"{files.folder.as_uri()}/", quote(files.prefix), quote(files.suffix)
    if text and is_relative(text):
        base = Path(os.path.relpath(files.folder, folder)).as_posix()
        return f"{base}/", files.prefix, files.suffix
    return f"{files.folder.as_posix()}/", files.prefix, files.suffix


def rate_of(used: UsedClip) -> float:
    """Return the frames a second in which a clip counts its media's time."""
    return float(used.clip.trimmed_range().start_time.rate)


def text_of(media: otio.core.MediaReference) -> str:
    """Return how a reference spells where its files are; "" if it names none."""
    if isinstance(media, otio.schema.ImageSequenceReference):
        return str(media.target_url_base or "")
    return str(getattr(media, "target_url", "") or "")


def is_relative(text: str) -> bool:
    return "://" not in text and not Path(text).is_absolute()
