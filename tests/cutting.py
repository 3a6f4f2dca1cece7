# SPDX-License-Identifier: Apache-2.0
"""A tiny cut to test with: clips, tracks and timelines in a few words.

from cutting import clip, external, save, sequence, span, timeline
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import opentimelineio as otio

RATE = 24.0


def time(value: float, rate: float = RATE) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(value, rate)


def span(start: float, count: float, rate: float = RATE) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(time(start, rate), time(count, rate))


def sequence(
    first: int, available: otio.opentime.TimeRange | None, name: str = "plate.", **more: Any
) -> otio.schema.ImageSequenceReference:
    """Return a reference to plate/plate.####.png whose first file is `first`."""
    words = {
        "target_url_base": "plate",
        "name_prefix": name,
        "name_suffix": ".png",
        "start_frame": first,
        "frame_step": 1,
        "rate": RATE if available is None else available.start_time.rate,
        "frame_zero_padding": 4,
        "available_range": available,
    }
    return otio.schema.ImageSequenceReference(**(words | more))


def external(
    url: str, available: otio.opentime.TimeRange | None = None
) -> otio.schema.ExternalReference:
    return otio.schema.ExternalReference(url, available)


def clip(
    name: str, media: otio.core.MediaReference | None, source: object = None, **more: Any
) -> otio.schema.Clip:
    return otio.schema.Clip(name, media, source, **more)


def gap(count: float, rate: float = RATE) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=span(0, count, rate))


def dissolve(before: float, after: float) -> otio.schema.Transition:
    """Return a transition that begins `before` frames ahead of the cut and ends `after` past it."""
    return otio.schema.Transition("dissolve", in_offset=time(before), out_offset=time(after))


def track(children: Iterable[object], name: str = "V1", kind: str = "Video") -> otio.schema.Track:
    made = otio.schema.Track(name, kind=kind)
    made.extend(children)
    return made


def timeline(*tracks: Sequence[object] | otio.schema.Track) -> otio.schema.Timeline:
    made = otio.schema.Timeline("cut")
    for one in tracks:
        made.tracks.append(one if isinstance(one, otio.schema.Track) else track(one))
    return made


def save(made: otio.core.SerializableObject, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made.to_json_string(), "utf-8")
    return path


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder
