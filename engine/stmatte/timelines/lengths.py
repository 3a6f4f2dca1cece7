# SPDX-License-Identifier: Apache-2.0
"""How long clips are that don't say it: as long as there are files.

Only the timeline in memory is changed, and what is written from it; never the file.
"""

from __future__ import annotations

from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.timelines.folders import Folders
from stmatte.timelines.library import otio
from stmatte.timelines.references import reference_of


def fill_in(timeline: otio.schema.Timeline, folder: Path, folders: Folders) -> None:
    """Give media without an available range that of their files, where a clip needs it.

    folder  what relative paths are relative to

    What cannot be found is left as it is; who needs it says so.
    """
    rate = _rate(timeline)
    for clip in timeline.find_clips():
        media = clip.media_reference
        if clip.source_range is not None or media is None or media.available_range is not None:
            continue
        try:
            reference = reference_of(clip, folder)
        except StmatteError:
            continue
        if reference is None:
            continue
        counted = float(reference.rate) if reference.rate else rate
        frames = folders.frames(reference.place)
        if not frames or counted is None:
            continue
        # media time is then counted in the numbers of the files
        first = frames[0] if reference.first is None else reference.first
        media.available_range = otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, counted),
            otio.opentime.RationalTime(frames[-1] - first + 1, counted),
        )


def _rate(timeline: otio.schema.Timeline) -> float | None:
    """Return the rate of the first clip that says one; None if none does."""
    if timeline.global_start_time is not None:
        return float(timeline.global_start_time.rate)
    ranges = (clip.source_range for clip in timeline.find_clips())
    return next((float(r.duration.rate) for r in ranges if r is not None), None)
