# SPDX-License-Identifier: Apache-2.0
"""The nouns of STMatte: Shot, Key, Settings, FrameRange.

A shot is a plate, the keys that an artist gave, and settings. It is plain and frozen:
it knows no torch, no numpy and no file, so that a host can build one and a farm can
carry one. Pictures and mattes are either paths (text) or anything shaped like an
array; the pipeline finds out which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from stmatte.errors import StmatteError


class Array(Protocol):
    """Anything with a shape, such as a numpy array. Its numbers stay unread here."""

    @property
    def shape(self) -> tuple[int, ...]: ...


PlateSource = str | Mapping[int, Array]
"""A sequence pattern, folder, first frame or video file; or frame number -> (H, W, 3) array."""

OBJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


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


def check_object_name(name: str) -> str:
    """Return `name` if it can be a layer name in every host, else raise StmatteError."""
    if OBJECT_NAME.fullmatch(name) is None:
        raise StmatteError(
            f'Object name "{name}" cannot become a layer name',
            value=name,
            allowed="a name starts with a letter and goes on with letters, digits and underscores",
            repair='Rename the object, for instance "hero" or "car_2"',
        )
    return name


@dataclass(frozen=True)
class Key:
    """What the artist gave on one frame: one matte per object that the key speaks for.

    frame   the plate's frame number
    mattes  object name -> soft matte (H, W) in [0, 1], of the plate's size or its aspect.
            Objects that are not named here are not spoken of: they are not "absent".
    """

    frame: int
    mattes: Mapping[str, Array]

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
class Settings:
    """How mattes are made. Everything here changes pixels; nothing else does.

    model           name of a network that ships, or path of a weights file
    working_height  picture height in pixels that the network sees; smaller plates are not enlarged
    memory_every    an own result becomes a lasting memory frame every so many frames; 0 = never
    device          "auto", "cpu" or "cuda"
    """

    model: str = "stmatte-s"
    working_height: int = 480
    memory_every: int = 5
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.working_height < 64:
            raise StmatteError(
                f"Working height {self.working_height} is too small",
                value=self.working_height,
                allowed="64 pixels or more",
            )
        if self.memory_every < 0:
            raise StmatteError(
                f"Memory every {self.memory_every} frames is not possible",
                value=self.memory_every,
                allowed="0 (never) or more",
            )
        if self.device not in ("auto", "cpu", "cuda"):
            raise StmatteError(
                f'Device "{self.device}" is not known',
                value=self.device,
                allowed="auto, cpu or cuda",
            )


@dataclass(frozen=True)
class Shot:
    """A plate, its keys and its settings: all that the mattes depend on.

    plate   see `PlateSource`
    keys    at least one; several keys may share a frame as long as they speak for other objects
    frames  the frames to make mattes for; None means every frame of the plate
    """

    plate: PlateSource
    keys: tuple[Key, ...]
    frames: FrameRange | None = None
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        if not self.keys:
            raise StmatteError(
                "The shot has no key",
                allowed="at least one frame carries a matte",
                repair="Key a roto shape on a frame where the object is well seen",
            )
        seen: set[tuple[int, str]] = set()
        for key in self.keys:
            for name in key.mattes:
                if (key.frame, name) in seen:
                    raise StmatteError(
                        f'Object "{name}" has two keys at frame {key.frame}',
                        value=key.frame,
                        allowed="one key per object and frame",
                        repair="Remove one of them",
                    )
                seen.add((key.frame, name))

    @property
    def objects(self) -> tuple[str, ...]:
        """Names of all objects, in the order in which the keys name them."""
        return tuple(dict.fromkeys(name for key in self.keys for name in key.mattes))
