# SPDX-License-Identifier: Apache-2.0
"""The nouns of STMatte: Shot, ObjectSpec, Key, Absence, Lock, FrameRange.

A shot is a plate, what an artist said about its objects, and settings. It is plain and
frozen: it knows no torch, no numpy and no file, so that a host can build one and a farm can
carry one. Pictures and mattes are either paths (text) or anything shaped like an
array; the pipeline finds out which. `document` turns shots into JSON and back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from stmatte.errors import StmatteError, raise_all
from stmatte.naming import OBJECT_NAME as OBJECT_NAME
from stmatte.naming import alike
from stmatte.naming import check_object_name as check_object_name
from stmatte.settings import Settings


class Array(Protocol):
    """Anything with a shape, such as a numpy array. Its numbers stay unread here."""

    @property
    def shape(self) -> tuple[int, ...]: ...


PlateSource = str | Mapping[int, Array]
"""A sequence pattern, folder, first frame or video file; or frame number -> (H, W, 3) array."""


@dataclass(frozen=True, order=True)
class FrameRange:
    """Plate frame numbers from `first` to `last`, both included; may be negative.

    Written as an artist writes it: "1001-1080", "-5-10", "1001".
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise StmatteError(
                f"Frame range {self.first}-{self.last} runs backwards",
                value=(self.first, self.last),
                allowed="the first frame comes before the last",
                repair=f"Write {self.last}-{self.first}",
            )

    @classmethod
    def parse(cls, text: str) -> FrameRange:
        """Read "FIRST-LAST" or "FRAME". Raises StmatteError on anything else."""
        match = re.fullmatch(r"\s*(-?\d+)(?:\s*-\s*(-?\d+))?\s*", text)
        if match is None:
            raise StmatteError(
                f'Frame range "{text}" cannot be read',
                value=text,
                allowed='a range is written "1001-1080", a single frame "1001"',
            )
        first = int(match[1])
        return cls(first, first if match[2] is None else int(match[2]))

    def __str__(self) -> str:
        return str(self.first) if len(self) == 1 else f"{self.first}-{self.last}"

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last


@dataclass(frozen=True)
class MatteFile:
    """A matte that lies in a file.

    path     the picture; a pattern with a place for the frame number where several are meant
    channel  name of the channel, such as "hero.A", or of its layer; "" takes the only one
             there is
    label    in a picture of labels, the object's number from 1 up; 0 where it has none
    """

    path: str
    channel: str = ""
    label: int = 0

    def __post_init__(self) -> None:
        if self.label < 0 or (self.label and self.channel):
            raise StmatteError(
                f'Matte "{self.path}" is asked for label {self.label}'
                + (f' and channel "{self.channel}"' if self.channel else ""),
                value=self.label,
                allowed="a label is 1 or more, and a matte has a label or a channel, not both",
            )


Matte = Array | MatteFile
"""A soft matte (H, W) in [0, 1], of the plate's size or its aspect; or where it lies."""


@dataclass(frozen=True)
class ObjectSpec:
    """Something in the plate that gets a matte of its own.

    name  what hosts call its layer
    """

    name: str

    def __post_init__(self) -> None:
        check_object_name(self.name)


@dataclass(frozen=True)
class Key:
    """What the artist gave on one frame: one matte per object that the key speaks for.

    frame   the plate's frame number
    mattes  object name -> matte. Objects that are not named here are not spoken of: they
            are not absent
    """

    frame: int
    mattes: Mapping[str, Matte]

    def __post_init__(self) -> None:
        for name in self.mattes:
            check_object_name(name)
        if not self.mattes:
            raise StmatteError(
                f"Key at frame {self.frame} names no object",
                value=self.frame,
                allowed="a key holds a matte for at least one object",
            )


@dataclass(frozen=True)
class Absence:
    """Frames on which the artist says that an object is not there. That is a key, too.

    The object's matte is 0 on these frames, and memory learns it as negative evidence
    until the next key.
    """

    object: str
    frames: FrameRange

    def __post_init__(self) -> None:
        check_object_name(self.object)


@dataclass(frozen=True)
class Lock:
    """Frames whose mattes are approved: never computed again, never overruled.

    object  whose mattes
    frames  which frames
    mattes  frame number -> matte (H, W) for every frame; or one `MatteFile` whose path has
            a place for the frame number. Neighbours hear the ends of a lock as keys
    """

    object: str
    frames: FrameRange
    mattes: MatteFile | Mapping[int, Matte]

    def __post_init__(self) -> None:
        check_object_name(self.object)
        if isinstance(self.mattes, MatteFile):
            return
        lacking = next((frame for frame in self.frames if frame not in self.mattes), None)
        if lacking is not None:
            raise StmatteError(
                f'Lock of "{self.object}" over frames {self.frames} has no matte at frame '
                f"{lacking}",
                value=lacking,
                allowed="every locked frame has its matte",
                repair="Lock only frames that are done",
            )


@dataclass(frozen=True)
class Shot:
    """A plate, what was said about its objects, and settings: all that mattes depend on.

    plate     see `PlateSource`
    keys      at least one; several may share a frame if they speak for other objects
    frames    the frames to make mattes for; None means every frame of the plate
    settings  see `Settings`
    specs     the objects; () means those that the keys name, in their order
    absences  where objects are not there
    locks     what is approved; inside a lock, keys and absences of its object are not heard
    cuts      first frames of new scenes: what is said on one side is not heard on the other
    """

    plate: PlateSource
    keys: tuple[Key, ...]
    frames: FrameRange | None = None
    settings: Settings = field(default_factory=Settings)
    specs: tuple[ObjectSpec, ...] = ()
    absences: tuple[Absence, ...] = ()
    locks: tuple[Lock, ...] = ()
    cuts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        raise_all(_problems(self))

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of all objects: as listed, or in the order in which the keys name them."""
        if self.specs:
            return tuple(spec.name for spec in self.specs)
        return tuple(dict.fromkeys(name for key in self.keys for name in key.mattes))


def _problems(shot: Shot) -> Iterator[StmatteError]:
    """Yield what the parts of a shot have against each other."""
    if not shot.keys and not shot.locks:
        yield StmatteError(
            "The shot has no key",
            allowed="at least one frame carries a matte",
            repair="Key a roto shape on a frame where the object is well seen",
        )
    yield from _strangers(shot)
    seen: set[tuple[int, str]] = set()
    for key in shot.keys:
        for name in key.mattes:
            if (key.frame, name) in seen:
                yield StmatteError(
                    f'Object "{name}" has two keys at frame {key.frame}',
                    value=key.frame,
                    allowed="one key per object and frame",
                    repair="Remove one of them",
                )
            seen.add((key.frame, name))
            if any(a.object == name and key.frame in a.frames for a in shot.absences):
                yield StmatteError(
                    f'Object "{name}" is keyed at frame {key.frame} and said to be absent there',
                    value=key.frame,
                    allowed="on one frame an object is there or it is not",
                    repair="Remove the key, or shorten the absence",
                )
    ordered = sorted(shot.locks, key=lambda lock: (lock.object, lock.frames))
    for one, next_one in pairwise(ordered):
        if one.object == next_one.object and next_one.frames.first in one.frames:
            yield StmatteError(
                f'Object "{one.object}" is locked twice at frame {next_one.frames.first}',
                value=next_one.frames.first,
                allowed="locks of one object don't overlap",
                repair="Shorten one of them",
            )


def _strangers(shot: Shot) -> Iterator[StmatteError]:
    """Yield what is wrong with the names: one twice, or one that nobody listed."""
    names = shot.objects
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield StmatteError(
            f'Object "{name}" is listed twice',
            value=name,
            allowed="every object has a name of its own",
            repair="Rename one of them",
        )
    for name, earlier in alike(names):
        yield StmatteError(
            f'Objects "{earlier}" and "{name}" differ in capitals only',
            value=name,
            allowed="on many disks their files would be one",
            repair=f'Rename one of them, for instance "{name}_2"',
        )
    said = [(f"The key at frame {key.frame}", name) for key in shot.keys for name in key.mattes]
    said += [(f"The absence at frames {a.frames}", a.object) for a in shot.absences]
    said += [(f"The lock of frames {lock.frames}", lock.object) for lock in shot.locks]
    for what, name in said:
        if name not in names:
            yield StmatteError(
                f'{what} speaks of "{name}", which is no object of the shot',
                value=name,
                allowed=f"objects are {', '.join(names) or 'none'}",
                repair="Add the object, or correct the name",
            )
