# SPDX-License-Identifier: Apache-2.0
"""A shot's mattes as clips of a timeline: the plate's numbering, times, speed and handles.

Every host that shows the plate's clip at a moment shows the matte of the same frame, since
whatever it reckons for the one it reckons for the other.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

import stmatte
from stmatte.images.pattern import file_of, has_object
from stmatte.shot import FrameRange
from stmatte.timelines.batch import Outcome
from stmatte.timelines.clips import OURS, UsedClip
from stmatte.timelines.library import otio
from stmatte.timelines.media import Media
from stmatte.timelines.shots import Order
from stmatte.timelines.times import exact_rate, rational
from stmatte.timelines.unsure import unsure

_PROBE = 98765432  # a frame number that stands nowhere in a name by chance


@dataclass(frozen=True)
class _Files:
    """How the files of a shot's mattes are called: `<folder>/<prefix><number><suffix>`."""

    folder: Path
    prefix: str
    suffix: str
    digits: int


@dataclass(frozen=True)
class PlacedClip:
    """A matte clip, in seconds of the timeline, on the lane that its plate's track asks for."""

    lane: tuple[int, str]
    start: Fraction
    end: Fraction
    rate: float
    clip: otio.schema.Clip


def matte_clips(
    outcome: Outcome, order: Order, folder: Path, threshold: float
) -> Iterator[PlacedClip]:
    """Yield the clips of a shot's mattes: one, or one for every object that has its own files."""
    shot, made = outcome.shot, outcome.made
    if outcome.delivery is None or made is None or shot.media is None or shot.frames is None:
        return
    objects = made.objects if has_object(order.out) else ("",)
    there = set(outcome.delivery.mattes)
    holes = any(frame not in there for frame in shot.frames)
    for name in objects:
        files = _files(order.out, shot.name, name)
        reference = _reference(files, shot.used, shot.media, shot.frames, folder, holes=holes)
        used = shot.used
        clip = otio.schema.Clip(
            f"{shot.name}_{name}" if name else shot.name,
            reference,
            otio.opentime.TimeRange(
                rational(used.begins, _rate(used)), rational(used.at.seconds, used.rate)
            ),
        )
        clip.effects.extend(
            copy.deepcopy(effect)
            for effect in used.clip.effects
            if isinstance(effect, otio.schema.TimeEffect)
        )
        clip.metadata[OURS] = _told(outcome, order, name)
        for marker in _markers(outcome, shot.media, _rate(used), threshold):
            if not name or marker.metadata[OURS]["object"] == name:
                clip.markers.append(marker)
        yield PlacedClip((used.lane, name), used.at.start, used.at.end, used.rate, clip)


def _reference(
    files: _Files, used: UsedClip, media: Media, frames: FrameRange, folder: Path, *, holes: bool
) -> otio.schema.ImageSequenceReference:
    """Return the reference to matte files, numbered as the plate is."""
    rate = _rate(used) if exact_rate(_rate(used)) == media.rate else float(media.rate)
    first = frames.first
    if media.step > 1:
        first = media.frame_at(media.time_of(first))
    base, prefix, suffix = _address(files, used, folder)
    policy = otio.schema.ImageSequenceReference.MissingFramePolicy
    return otio.schema.ImageSequenceReference(
        target_url_base=base,
        name_prefix=prefix,
        name_suffix=suffix,
        start_frame=first,
        frame_step=media.step,
        rate=rate,
        frame_zero_padding=files.digits,
        missing_frame_policy=policy.hold if holes and media.step == 1 else policy.error,
        available_range=otio.opentime.TimeRange(
            rational(media.time_of(first), rate),
            rational(Fraction(frames.last - first + 1) / media.rate, rate),
        ),
    )


def _files(out: str, shot: str, name: str) -> _Files:
    """Return how files are called, from two numbers that are put into their pattern."""
    path = file_of(out, _PROBE, shot=shot, object=name)
    prefix, _, suffix = path.name.partition(str(_PROBE))
    narrow = file_of(out, 0, shot=shot, object=name).name
    digits = len(narrow) - len(prefix) - len(suffix)
    return _Files(path.parent.absolute(), prefix, suffix, digits)


def _address(files: _Files, used: UsedClip, folder: Path) -> tuple[str, str, str]:
    """Return base, prefix and suffix, spelled as the timeline spells where the plate is."""
    text = text_of(used.clip.media_reference)
    if text.lower().startswith("file:"):
        return f"{files.folder.as_uri()}/", quote(files.prefix), quote(files.suffix)
    if text and is_relative(text):
        base = Path(os.path.relpath(files.folder, folder)).as_posix()
        return f"{base}/", files.prefix, files.suffix
    return f"{files.folder.as_posix()}/", files.prefix, files.suffix


def _told(outcome: Outcome, order: Order, name: str) -> dict[str, Any]:
    shot, made = outcome.shot, outcome.made
    objects = () if made is None else made.objects
    keys = [
        {
            "frame": key.frame,
            "path": key.matte.path,
            **({"object": key.object} if key.object else {}),
        }
        for key in shot.keys
    ]
    return {
        "version": stmatte.__version__,
        "shot": shot.name,
        "plate": "" if shot.media is None else shot.media.pattern,
        "frames": str(shot.frames),
        "objects": [name] if name else list(objects),
        "keys": keys,
        "settings": asdict(order.settings),
    }


def _markers(
    outcome: Outcome, media: Media, rate: float, threshold: float
) -> Iterator[otio.schema.Marker]:
    """Yield a marker for every range of frames that are shown and doubtful for an object."""
    need = outcome.shot.need
    shown = {f: s for f, s in outcome.scores.items() if need is None or f in need.shown}
    for found in unsure(shown, threshold):
        first, count = found.frames.first, len(found.frames)
        yield otio.schema.Marker(
            f"{found.object} unsure",
            otio.opentime.TimeRange(
                rational(media.time_of(first), rate),
                rational(Fraction(count) / media.rate, rate),
            ),
            otio.schema.MarkerColor.ORANGE,
            {
                OURS: {
                    "object": found.object,
                    "frames": str(found.frames),
                    "uncertainty": round(found.worst, 4),
                }
            },
        )


def _rate(used: UsedClip) -> float:
    """Return the frames a second in which a clip counts its media's time."""
    return float(used.clip.trimmed_range().start_time.rate)


def text_of(media: otio.core.MediaReference) -> str:
    """Return how a reference spells where its files are; "" if it names none."""
    if isinstance(media, otio.schema.ImageSequenceReference):
        return str(media.target_url_base or "")
    return str(getattr(media, "target_url", "") or "")


def is_relative(text: str) -> bool:
    return "://" not in text and not Path(text).is_absolute()
