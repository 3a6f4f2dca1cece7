# SPDX-License-Identifier: Apache-2.0
"""A shot's mattes as clips of a timeline: the plate's numbering, times, speed and handles.

Every host that shows the plate's clip at a moment shows the matte of the same frame, since
whatever it reckons for the one it reckons for the other.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import stmatte
from stmatte.images.pattern import file_of, has_object
from stmatte.timelines.batch import Outcome
from stmatte.timelines.clips import OURS
from stmatte.timelines.library import otio
from stmatte.timelines.linking import Files, rate_of, sequence_reference
from stmatte.timelines.media import Media
from stmatte.timelines.shots import Order
from stmatte.timelines.times import rational
from stmatte.timelines.unsure import unsure

_PROBE = 98765432  # a frame number that stands nowhere in a name by chance


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
    objects = made.objects if has_object(order.output.out) else ("",)
    there = set(outcome.delivery.mattes)
    holes = any(frame not in there for frame in shot.frames)
    for name in objects:
        files = _files(order.output.out, shot.name, name)
        reference = sequence_reference(
            files, shot.used, shot.media, shot.frames, folder, holes=holes
        )
        used = shot.used
        clip = otio.schema.Clip(
            f"{shot.name}_{name}" if name else shot.name,
            reference,
            otio.opentime.TimeRange(
                rational(used.begins, rate_of(used)), rational(used.at.seconds, used.rate)
            ),
        )
        clip.effects.extend(
            copy.deepcopy(effect)
            for effect in used.clip.effects
            if isinstance(effect, otio.schema.TimeEffect)
        )
        clip.metadata[OURS] = _told(outcome, order, name)
        for marker in _markers(outcome, shot.media, rate_of(used), threshold):
            if not name or marker.metadata[OURS]["object"] == name:
                clip.markers.append(marker)
        yield PlacedClip((used.lane, name), used.at.start, used.at.end, used.rate, clip)


def _files(out: str, shot: str, name: str) -> Files:
    """Return how files are called, from two numbers that are put into their pattern."""
    path = file_of(out, _PROBE, shot=shot, object=name)
    prefix, _, suffix = path.name.partition(str(_PROBE))
    narrow = file_of(out, 0, shot=shot, object=name).name
    digits = len(narrow) - len(prefix) - len(suffix)
    return Files(path.parent.absolute(), prefix, suffix, digits)


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
