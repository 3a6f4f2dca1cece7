# SPDX-License-Identifier: Apache-2.0
"""Remarks on shots as markers of a timeline: what a review found, where an editor looks for it.

Shots follow one another, each a clip with its own frame numbers; a marker covers the frames that
its remark is about. Media are not named: who has the cut knows where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import stmatte
from stmatte.errors import StmatteError
from stmatte.placing import placed
from stmatte.shot import FrameRange
from stmatte.timelines.clips import OURS
from stmatte.timelines.library import otio


@dataclass(frozen=True)
class Remark:
    """What is said about some frames; `object` is "" where it is about the whole picture."""

    frames: FrameRange
    object: str
    text: str


@dataclass(frozen=True)
class RemarkedShot:
    """A shot and what is said about it; `rate` is in frames a second."""

    name: str
    frames: FrameRange
    rate: float
    remarks: tuple[Remark, ...]


def write_remarks(path: Path, shots: Sequence[RemarkedShot]) -> None:
    """Write remarks as a timeline, whole or not at all.

    Raises StmatteError if the file is not called .otio, stands there already and is not of this
    kind, or cannot be written.
    """
    if path.suffix.lower() != ".otio":
        raise StmatteError(
            f'Timeline "{path}" does not end in .otio',
            value=str(path),
            allowed="notes are written as .otio",
        )
    if path.exists() and not _is_ours(path):
        raise StmatteError(
            f'Timeline "{path}" would be written over',
            value=str(path),
            allowed="a timeline that does not hold notes of STMatte stays as it is",
            repair="Name another file",
        )
    with placed(path) as beside:
        beside.write_text(with_remarks(shots).to_json_string(), "utf-8")


def with_remarks(shots: Sequence[RemarkedShot]) -> otio.schema.Timeline:
    """Return a timeline of shots with a marker for every remark."""
    timeline = otio.schema.Timeline("STMatte notes")
    timeline.metadata[OURS] = {"version": stmatte.__version__, "holds": "notes"}
    track = otio.schema.Track("plates", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for shot in shots:
        clip = otio.schema.Clip(
            shot.name, otio.schema.MissingReference(), _range(shot.frames, shot.rate)
        )
        clip.markers.extend(_marker(remark, shot.rate) for remark in shot.remarks)
        track.append(clip)
    return timeline


def _marker(remark: Remark, rate: float) -> otio.schema.Marker:
    said = {"object": remark.object, "frames": str(remark.frames), "text": remark.text}
    marker = otio.schema.Marker(
        f"{remark.object}: {remark.text}" if remark.object else remark.text,
        _range(remark.frames, rate),
        otio.schema.MarkerColor.YELLOW,
        {OURS: said},
    )
    marker.comment = remark.text
    return marker


def _range(frames: FrameRange, rate: float) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(frames.first, rate),
        otio.opentime.RationalTime(len(frames), rate),
    )


def _is_ours(path: Path) -> bool:
    try:
        read = otio.adapters.read_from_file(str(path), adapter_name="otio_json")
    except Exception:  # whatever it is, it is not ours
        return False
    said = getattr(read, "metadata", {})
    return OURS in said and said[OURS].get("holds") == "notes"
