# SPDX-License-Identifier: Apache-2.0
"""From a file to a timeline: .otio, .otiod, and .edl where its adapter is installed.

What is read is never written to. What an EDL says and the adapter passes over in silence
(clips that run backwards) is found here, so that nobody gets mattes for other frames.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.timelines.library import otio
from stmatte.timelines.times import seconds

_ENDINGS = "timelines are .otio, .otiod and .edl"
_BACKWARDS = re.compile(r"^M2\s+(\S+)\s+(-[\d.]+)\s+(\d\d[:;]\d\d[:;]\d\d[:;.]\d\d)", re.M)


@dataclass(frozen=True)
class Cut:
    """A timeline that was read.

    path       the file
    folder     what its relative paths are relative to
    timeline   as the library holds it
    backwards  of an EDL: (reel, source time in seconds) of events that run backwards -> speed
    """

    path: Path
    folder: Path
    timeline: otio.schema.Timeline
    backwards: Mapping[tuple[str, Fraction], str] = field(default_factory=dict)


def open_cut(path: Path, rate: float | None = None) -> Cut:
    """Read a timeline.

    rate  frames a second of an EDL, which doesn't say; other files say it themselves

    Raises StmatteError if the file is not there, is no timeline, or cannot be read.
    """
    kind = path.suffix.lower()
    if kind == ".otioz":
        raise StmatteError(
            f'Timeline "{path.name}" is an .otioz bundle',
            value=str(path),
            allowed="a picture sequence cannot lie in one: the library leaves its frames out",
            repair="Save the timeline as .otio beside its pictures, or as .otiod",
        )
    if kind not in (".otio", ".otiod", ".edl"):
        raise StmatteError(
            f'"{path.name}" is no timeline that can be read',
            value=str(path),
            allowed=_ENDINGS,
            repair="Export the timeline as .otio",
        )
    if not path.exists():
        raise StmatteError(
            f'Timeline "{path}" does not exist', value=str(path), repair="Check the path"
        )
    if kind == ".edl":
        return _open_edl(path, rate)
    if rate is not None:
        raise StmatteError(
            f"--rate {rate:g} is given beside {path.name}",
            value=rate,
            allowed="only an EDL needs it; an .otio file says its rates itself",
            repair="Leave it out",
        )
    content = path / "content.otio" if kind == ".otiod" else path
    return Cut(path, content.absolute().parent, _timeline(_read(content, {}), path))


def _open_edl(path: Path, rate: float | None) -> Cut:
    if rate is None:
        raise StmatteError(
            f"Nobody said how many frames a second {path.name} has",
            value=str(path),
            allowed="an EDL writes time codes without their rate",
            repair="Give it, such as --rate 24, 25 or 23.976",
        )
    if "cmx_3600" not in otio.adapters.available_adapter_names():
        raise StmatteError(
            f'EDL "{path.name}" cannot be read here',
            value="otio-cmx3600-adapter",
            allowed="EDL files need the package otio-cmx3600-adapter, which is not installed",
            repair="Run: pip install 'stmatte[edl]'",
        )
    # the library knows 23.976 by its exact number only
    exact = otio.opentime.RationalTime.nearest_smpte_timecode_rate(rate)
    if abs(exact - rate) > 0.02:
        raise StmatteError(
            f"Rate {rate:g} has no time code",
            value=rate,
            allowed="rates of time code are 23.976, 24, 25, 29.97, 30, 48, 50, 59.94 and 60",
        )
    read = _timeline(_read(path, {"adapter_name": "cmx_3600", "rate": exact}), path)
    _line_up(read, exact)
    text = path.read_text("utf-8", "replace")
    backwards = {
        (reel, seconds(otio.opentime.from_timecode(code, exact))): speed
        for reel, speed, code in _BACKWARDS.findall(text)
    }
    return Cut(path, path.absolute().parent, read, backwards)


def _line_up(timeline: otio.schema.Timeline, rate: float) -> None:
    """Let the tracks of an EDL begin where they do.

    Its reader writes down the time of a track's first event, with a minus, as the beginning of
    the track's source range; taken as what it says, that trims all of the track away.
    """
    zero = otio.opentime.RationalTime(0, rate)
    begins = [-t.source_range.start_time if t.source_range else zero for t in timeline.tracks]
    earliest = min(begins, default=zero)
    timeline.global_start_time = earliest
    for track, begin in zip(timeline.tracks, begins, strict=True):
        track.source_range = None
        if begin > earliest:
            empty = otio.opentime.TimeRange(zero, begin - earliest)
            track.insert(0, otio.schema.Gap(source_range=empty))


def _read(path: Path, words: Mapping[str, Any]) -> object:
    try:
        return otio.adapters.read_from_file(str(path), **{"adapter_name": "otio_json", **words})
    except Exception as error:  # adapters raise whatever they come upon
        raise StmatteError(
            f'Timeline "{path}" cannot be read',
            value=str(path),
            allowed=f"the library says: {str(error).strip() or type(error).__name__}",
            repair="Export the timeline again",
        ) from None


def _timeline(read: object, path: Path) -> otio.schema.Timeline:
    within = read if isinstance(read, otio.schema.SerializableCollection) else (read,)
    # to look for clips in a timeline without tracks ends the whole process
    inside = [t for t in within if isinstance(t, otio.schema.Timeline) and t.tracks is not None]
    if len(inside) == 1:
        return inside[0]
    raise StmatteError(
        f'"{path}" holds {len(inside) or "no"} timelines',
        value=len(inside),
        allowed="exactly one",
        repair="Export one timeline to a file of its own",
    )
