# SPDX-License-Identifier: Apache-2.0
"""The timeline again, with the mattes as a track of their own.

Every matte clip stands where its plate stands, shows the same time of the same numbering,
and runs at the same speed: its frames are the plate's frames, handles included. Where the
network was unsure there is a marker. The timeline that was read is never written over.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, MutableMapping, Sequence
from fractions import Fraction
from pathlib import Path

import stmatte
from stmatte.errors import StmatteError
from stmatte.placing import placed
from stmatte.timelines.batch import Outcome
from stmatte.timelines.clips import OURS
from stmatte.timelines.library import otio
from stmatte.timelines.linking import is_relative, plate_reference, text_of
from stmatte.timelines.matte_clips import PlacedClip, matte_clips
from stmatte.timelines.opening import Cut
from stmatte.timelines.shots import Order
from stmatte.timelines.times import during, rational

SURE = 0.35
"""Scores above this get a marker, if nothing else is said."""


def default_path(cut: Cut, out: str) -> Path:
    """Return where the timeline with mattes goes: beside the mattes, under the name of the cut."""
    parts = Path(out).parent.parts
    whole = [i for i, part in enumerate(parts) if "{" in part]
    folder = Path(*parts[: whole[0]]) if whole else Path(*parts)
    return folder / f"{cut.path.stem}.mattes.otio"


def check_target(cut: Cut, path: Path) -> None:
    """Refuse to write over the timeline that was read, or one that is not ours.

    Raises StmatteError.
    """
    if path.suffix.lower() != ".otio":
        raise StmatteError(
            f'Timeline "{path}" does not end in .otio',
            value=str(path),
            allowed="the timeline with mattes is written as .otio",
        )
    if not path.exists():
        return
    if not path.samefile(cut.path) and _is_ours(path):
        return
    raise StmatteError(
        f'Timeline "{path}" would be written over',
        value=str(path),
        allowed="a timeline that STMatte did not write stays as it is",
        repair="Name another file by --timeline",
    )


def write_cut(
    cut: Cut, outcomes: Sequence[Outcome], order: Order, path: Path, threshold: float = SURE
) -> Path:
    """Write the timeline with its mattes, whole or not at all.

    threshold  scores above this get a marker

    Raises StmatteError as `check_target`, or if the place cannot be written.
    """
    check_target(cut, path)
    timeline = with_mattes(cut, outcomes, order, path.absolute().parent, threshold)
    text = timeline.to_json_string()
    with placed(path) as beside:
        beside.write_text(text, "utf-8")
    return path


def with_mattes(
    cut: Cut, outcomes: Sequence[Outcome], order: Order, folder: Path, threshold: float = SURE
) -> otio.schema.Timeline:
    """Return a copy of the timeline with the mattes as new tracks on top.

    folder  where the timeline will lie
    """
    timeline = copy.deepcopy(cut.timeline)
    timeline.metadata[OURS] = {"version": stmatte.__version__}
    if folder != cut.folder:
        _move(timeline, cut.folder, folder)
    if order.media:
        _relink(cut, timeline, outcomes, folder)
    for track in [t for t in timeline.tracks if OURS in t.metadata]:
        timeline.tracks.remove(track)
    clips = [p for o in outcomes for p in matte_clips(o, order, folder, threshold)]
    source = timeline.tracks.source_range
    origin = Fraction(0) if source is None else during(source).start
    failed = {o.shot.name: str(o.problem) for o in outcomes if o.problem is not None}
    lanes = list(_lanes(clips)) or ([("STMatte", [])] if failed else [])
    for name, lane in lanes:
        track = otio.schema.Track(name, kind=otio.schema.TrackKind.Video)
        track.metadata[OURS] = {"version": stmatte.__version__, "failed": failed}
        _fill(track, lane, origin)
        timeline.tracks.append(track)
    return timeline


def _lanes(clips: Sequence[PlacedClip]) -> Iterator[tuple[str, list[PlacedClip]]]:
    """Yield the tracks that hold the clips, each by time; clips that overlap share none."""
    tracks: list[tuple[tuple[int, str], list[PlacedClip]]] = []
    for placed_clip in sorted(clips, key=lambda p: (p.lane, p.start)):
        for lane, held in tracks:
            if lane == placed_clip.lane and held[-1].end <= placed_clip.start:
                held.append(placed_clip)
                break
        else:
            tracks.append((placed_clip.lane, [placed_clip]))
    names: dict[str, int] = {}
    for (_, name), held in tracks:
        called = f"STMatte {name}" if name else "STMatte"
        names[called] = number = names.get(called, 0) + 1
        yield (called if number == 1 else f"{called} {number}"), held


def _fill(track: otio.schema.Track, clips: Sequence[PlacedClip], origin: Fraction) -> None:
    """Put clips into a track, with gaps between them."""
    at = -origin
    for held in clips:
        if held.start > at:
            empty = otio.opentime.TimeRange(
                otio.opentime.RationalTime(0, held.rate), rational(held.start - at, held.rate)
            )
            track.append(otio.schema.Gap(source_range=empty))
        track.append(held.clip)
        at = held.end


def _relink(
    cut: Cut, timeline: otio.schema.Timeline, outcomes: Sequence[Outcome], folder: Path
) -> None:
    """Let clips of a copy refer to the plates that were found for them elsewhere."""
    clips = list(cut.timeline.find_clips())
    copies = list(timeline.find_clips())
    found = {id(o.shot.used.clip): o.shot for o in outcomes if o.shot.media is not None}
    for clip, twin in zip(clips, copies, strict=True):
        shot = found.get(id(clip))
        if shot is not None and shot.media is not None:
            twin.media_reference = plate_reference(shot.used, shot.media, folder)


def _move(timeline: otio.schema.Timeline, before: Path, after: Path) -> None:
    """Let relative paths of media and keys lead to the same files from another folder."""
    way = Path(os.path.relpath(before, after)).as_posix()
    for clip in timeline.find_clips():
        for media in clip.media_references().values():
            text = text_of(media)
            if not is_relative(text):
                continue
            if isinstance(media, otio.schema.ImageSequenceReference):
                media.target_url_base = f"{way}/{text}"
            elif text:
                media.target_url = f"{way}/{text}"
        for marker in clip.markers:
            said = marker.metadata.get(OURS)
            if isinstance(said, MutableMapping) and is_relative(str(said.get("key", "/"))):
                said["key"] = f"{way}/{said['key']}"


def _is_ours(path: Path) -> bool:
    try:
        read = otio.adapters.read_from_file(str(path), adapter_name="otio_json")
    except Exception:  # whatever it is, it is not ours
        return False
    return OURS in getattr(read, "metadata", {})
