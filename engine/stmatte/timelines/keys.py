# SPDX-License-Identifier: Apache-2.0
"""The keys of a timeline's shots: files found by shot and frame, and markers that name files.

A folder of keys is gone through once. A file's name says whose it is, by a pattern:

    {shot}/{object}.{frame}.{ext}     sh010/hero.1034.png    one object's matte
    {shot}.{object}.{frame}.{ext}     sh010.hero.1034.exr
    {shot}/{frame}.{ext}              sh010/1034.png         labels, a mask, or layers: the
    {shot}.{frame}.{ext}              sh010.1034.exr         picture says which objects

A marker on a clip is a key if its metadata say so, at the marker's first frame:

    {"stmatte": {"key": "keys/hero.1034.png", "object": "hero"}}

`channel` and `label` may say where in the picture the object is, `frame` another frame of
the plate; without `object` the picture says which objects it shows. The path is relative to
the timeline.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.images.sequences import PICTURES
from stmatte.shot import FrameRange, MatteFile
from stmatte.timelines.clips import UsedClip
from stmatte.timelines.media import Media
from stmatte.timelines.times import seconds

PATTERNS = (
    "{shot}/{object}.{frame}.{ext}",
    "{shot}.{object}.{frame}.{ext}",
    "{shot}/{frame}.{ext}",
    "{shot}.{frame}.{ext}",
)

_TOKEN = re.compile(r"\{(\w+)\}|(#+|%0?\d*d)")


@dataclass(frozen=True)
class FoundKey:
    """A key that was found for a shot.

    frame   number of the plate's frame
    matte   the file
    object  whose matte it is; "" where the picture says it
    """

    frame: int
    matte: MatteFile
    object: str = ""


class KeyFolder:
    """The keys that lie in a folder, by shot."""

    def __init__(self, folder: Path, patterns: Sequence[str], shots: Iterable[str]):
        """Go through the folder.

        patterns  see the module; () for all of `PATTERNS`
        shots     names of the shots that there are

        Raises StmatteError if there is no such folder, or a pattern is none.
        """
        self._folder = folder
        self._patterns = tuple(patterns) or PATTERNS
        if not folder.is_dir():
            raise StmatteError(
                f'Folder of keys "{folder}" does not exist',
                value=str(folder),
                repair="Check the path",
            )
        names = sorted(set(shots), key=len, reverse=True)
        readers = [_reader(pattern, names) for pattern in self._patterns]
        self._files = [
            Path(root, name).relative_to(folder).as_posix()
            for root, folders, files in os.walk(folder)
            if folders.sort() is None
            for name in sorted(files)
            if not name.startswith(".") and Path(name).suffix[1:].lower() in PICTURES
        ]
        self._keys: dict[str, list[FoundKey]] = {}
        for file in self._files:
            for reader in readers:
                if match := reader.fullmatch(file):
                    words = match.groupdict()
                    key = FoundKey(
                        int(words["frame"]), MatteFile(str(folder / file)), words.get("object", "")
                    )
                    self._keys.setdefault(words["shot"], []).append(key)
                    break

    def keys(self, shot: str) -> list[FoundKey]:
        """Return the keys of a shot, by frame."""
        return sorted(self._keys.get(shot, ()), key=lambda key: (key.frame, key.object))

    def none_for(self, shot: str) -> StmatteError:
        """Return the error for a shot that has no keys here."""
        looked = ", ".join(pattern.replace("{shot}", shot) for pattern in self._patterns)
        near = difflib.get_close_matches(f"{shot}.1001.png", self._files, 3, 0.3)
        near = near or self._files[:3]
        there = f"it holds {', '.join(near)}" if near else "it holds no pictures"
        if len(self._files) > len(near):
            there += f" and {len(self._files) - len(near)} more"
        return StmatteError(
            f'Shot "{shot}" has no key in "{self._folder}"',
            value=shot,
            allowed=f"keys are {looked}; {there}",
            repair="Add a key, or say by --key-pattern what keys are called",
        )


def _reader(pattern: str, shots: Sequence[str]) -> re.Pattern[str]:
    """Return what reads the names of a pattern's files."""
    parts = {
        "shot": "|".join(re.escape(name) for name in shots) or r"(?!)",
        "object": r"[A-Za-z][A-Za-z0-9_]*",
        "frame": r"-?\d+",
        "ext": r"[A-Za-z0-9]+",
    }
    expression, at, seen = "", 0, set()
    for token in _TOKEN.finditer(pattern):
        name = token[1] or "frame"
        if name not in parts:
            raise StmatteError(
                f'Key pattern "{pattern}" has {{{name}}}',
                value=name,
                allowed="a pattern has {shot}, {frame}, {object} and {ext}",
            )
        expression += re.escape(pattern[at : token.start()])
        expression += f"(?P={name})" if name in seen else f"(?P<{name}>{parts[name]})"
        seen.add(name)
        at = token.end()
    if not {"shot", "frame"} <= seen:
        raise StmatteError(
            f'Key pattern "{pattern}" does not say which shot and which frame',
            value=pattern,
            allowed="a pattern has {shot} and {frame}",
            repair=f'Write one such as "{PATTERNS[0]}"',
        )
    return re.compile(expression + re.escape(pattern[at:]))


def marked_keys(used: UsedClip, media: Media, folder: Path) -> list[FoundKey]:
    """Return the keys that the markers of a clip name.

    folder  what their paths are relative to

    Raises StmatteError if a marker's metadata are no key.
    """
    found = []
    for marker in used.clip.markers:
        said = marker.metadata.get("stmatte")
        if not isinstance(said, Mapping) or "key" not in said:
            continue
        words: dict[str, Any] = dict(said)
        _check_words(words, used.name, marker.name)
        frame = words.get("frame", media.frame_at(seconds(marker.marked_range.start_time)))
        path = str(folder / words["key"])
        matte = MatteFile(path, words.get("channel", ""), words.get("label", 0))
        found.append(FoundKey(frame, matte, words.get("object", "")))
    return found


def _check_words(words: Mapping[str, Any], clip: str, marker: str) -> None:
    types = {"key": str, "object": str, "channel": str, "label": int, "frame": int}
    for name, value in words.items():
        if name not in types or not isinstance(value, types[name]):
            raise StmatteError(
                f'Marker "{marker}" of clip "{clip}" has "{name}": {value!r}',
                value=value,
                allowed='a key is written "stmatte": {"key": PATH}, and beside it may stand '
                '"object" and "channel" (text), "label" and "frame" (numbers)',
            )


def within(
    keys: Sequence[FoundKey], frames: FrameRange, shot: str
) -> tuple[list[FoundKey], FrameRange, list[str]]:
    """Choose the keys that a shot hears.

    keys     all that were found
    frames   the frames of the shot
    returns  the keys, the frames, and notes on what was left out or taken in. Keys on the
             frames are heard. An object that has none there hears the nearest that it has,
             and the frames reach as far as this key
    """
    heard, notes = [], []
    for name in dict.fromkeys(key.object for key in keys):
        own = [key for key in keys if key.object == name]
        inside = [key for key in own if key.frame in frames]
        if not inside:
            near = min(own, key=lambda key: _far(key.frame, frames))
            inside = [near]
            notes.append(
                f"{shot}: the nearest key{f' of {name}' if name else ''} is at frame {near.frame}, "
                f"outside {frames}; the frames up to it are made, too"
            )
        elif len(inside) < len(own):
            out = ", ".join(str(key.frame) for key in own if key not in inside)
            notes.append(
                f"{shot}: keys{f' of {name}' if name else ''} at {out} are outside {frames}"
            )
        heard += inside
    numbers = [key.frame for key in heard]
    reach = FrameRange(min(frames.first, *numbers), max(frames.last, *numbers)) if heard else frames
    return sorted(heard, key=lambda key: (key.frame, key.object)), reach, notes


def _far(frame: int, frames: FrameRange) -> int:
    return max(frames.first - frame, frame - frames.last, 0)
