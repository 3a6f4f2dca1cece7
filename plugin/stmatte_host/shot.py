# SPDX-License-Identifier: Apache-2.0
"""What a host has to say about a shot, and the document that the engine reads.

Nouns only, no files: keys and locks are paths of pictures that the host has written. Checking is
the engine's, so that every host gives the same errors in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = "stmatte.shot/1"


@dataclass(frozen=True)
class KeyFile:
    """The matte that an artist gave for one object on one frame.

    path     the picture that the host rasterised
    channel  name of its channel; "" where it has only one
    label    in a picture of labels, the object's number from 1 up; 0 elsewhere
    """

    frame: int
    object: str
    path: str
    channel: str = ""
    label: int = 0


@dataclass(frozen=True)
class AbsentFrames:
    """Frames, such as "1030-1044", on which an object is not there."""

    object: str
    frames: str


@dataclass(frozen=True)
class LockedFrames:
    """Frames, such as "1030-1044", whose mattes of an object are approved.

    path     pattern of the pictures that hold them
    channel  name of the channel in them; "" where they have only one
    """

    object: str
    frames: str
    path: str
    channel: str = ""


@dataclass(frozen=True)
class HostShot:
    """A shot as it stands in the host at this moment.

    plate     pattern of the plate's files
    objects   names, in the order in which they are to appear
    out       pattern for the mattes' files, .exr
    base      folder that relative paths are relative to
    frames    which frames, such as "1001-1100"; "" means all of the plate
    keys      one for each object and keyed frame
    cuts      first frames of new scenes
    settings  what differs from the engine's own, such as {"working_height": 576}
    choices   further parameters of `shot/open`: channels ("object.A" for Nuke, "object.V" for
              Blender), compression, depth, name, uncertainty, raw_probabilities, overwrite,
              skip_existing, cryptomatte, skip_errors
    """

    plate: str
    objects: tuple[str, ...]
    out: str
    base: str
    frames: str = ""
    keys: tuple[KeyFile, ...] = ()
    absences: tuple[AbsentFrames, ...] = ()
    locks: tuple[LockedFrames, ...] = ()
    cuts: tuple[int, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the shot as a document; the same shot gives the same document."""
        document: dict[str, Any] = {
            "format": FORMAT,
            "plate": self.plate,
            "objects": [{"name": name} for name in self.objects],
            "keys": [
                {
                    "frame": key.frame,
                    "object": key.object,
                    "matte": _matte(key.path, key.channel, key.label),
                }
                for key in sorted(self.keys, key=lambda key: (key.frame, key.object))
            ],
            "absences": [{"object": a.object, "frames": a.frames} for a in self.absences],
            "locks": [
                {
                    "object": lock.object,
                    "frames": lock.frames,
                    "mattes": _matte(lock.path, lock.channel, 0),
                }
                for lock in self.locks
            ],
            "cuts": sorted(self.cuts),
            "settings": dict(self.settings),
        }
        if self.frames:
            document["frames"] = self.frames
        return document

    def needs_opening_after(self, before: HostShot) -> bool:
        """Return whether the engine must open this shot anew, for an update would not do.

        An update says what is keyed and how; where things lie, and how many frames there are,
        is said at the opening.
        """
        mine = (self.plate, self.frames, self.out, self.base, dict(self.choices))
        return mine != (before.plate, before.frames, before.out, before.base, dict(before.choices))


def _matte(path: str, channel: str, label: int) -> dict[str, Any]:
    matte: dict[str, Any] = {"path": path}
    if channel:
        matte["channel"] = channel
    if label:
        matte["label"] = label
    return matte
