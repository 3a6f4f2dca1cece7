# SPDX-License-Identifier: Apache-2.0
"""The mattes that an artist gave: keys, and the mattes of locked frames.

They are read when they are needed, and only a few are held: a lock over a long range at
4K would not fit in memory. What is held for good is the digest of each.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Box, fit_key, read_matte
from stmatte.images.matte_file import matte_path
from stmatte.images.plate import Stamp, stamp_of
from stmatte.plan.said import NOTHING
from stmatte.shot import Lock, Matte, MatteFile, Shot

Pixels = NDArray[np.float32]

HELD = 12
"""Mattes that are held at once."""


@dataclass(frozen=True)
class _Source:
    matte: Matte
    locked: bool


@dataclass(frozen=True, eq=False)
class GivenMattes:
    """Everything that was given, by frame and object.

    size     (H, W) of the plate's canvas, and so of every matte
    shown    where the plate's display window lies on it
    digests  (frame, object) -> digest of the matte's numbers; `NOTHING` where all are 0
    stamps   (frame, object) -> file and stamp that the digest was taken from, where it has any
    """

    size: tuple[int, int]
    shown: Box
    digests: Mapping[tuple[int, str], str]
    stamps: Mapping[tuple[int, str], tuple[MatteFile, Stamp]]
    _sources: Mapping[tuple[int, str], _Source] = field(repr=False)
    _held: OrderedDict[tuple[int, str], Pixels] = field(default_factory=OrderedDict, repr=False)

    def matte(self, frame: int, name: str) -> Pixels:
        """Return a matte that was given: (H, W) float32 in [0, 1]; 0 where one is absent."""
        place = (frame, name)
        if place not in self._sources:
            return np.zeros(self.size, np.float32)
        matte = self._held.get(place)
        if matte is None:  # another thread may load it, too, or throw it away: it does no harm
            matte = self._held[place] = self._load(self._sources[place], frame, name)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return matte

    def _load(self, source: _Source, frame: int, name: str) -> Pixels:
        if isinstance(source.matte, MatteFile):
            return read_matte(
                source.matte,
                self.size,
                frame=frame,
                object=name,
                key=not source.locked,
                shown=self.shown,
            )
        try:
            return fit_key(np.asarray(source.matte), name, frame, self.size, self.shown)
        except (TypeError, ValueError) as error:
            raise StmatteError(
                f'Key at frame {frame} of object "{name}" is no array ({error})',
                allowed="a matte is (H, W) numbers in [0, 1], or a MatteFile",
            ) from None

    def apart(self) -> GivenMattes:
        """Return the same mattes, held apart: for another thread."""
        return replace(self, _held=OrderedDict())

    def keyed(self, frame: int) -> tuple[str, ...]:
        """Return the names of the objects with a key or a locked matte on a frame."""
        return tuple(name for at, name in self._sources if at == frame)


def given_mattes(
    shot: Shot, size: tuple[int, int], shown: Box, before: GivenMattes | None = None
) -> GivenMattes:
    """Read every given matte once, to see that it is right and what its digest is.

    size    (H, W) of the plate's canvas
    shown   where the plate's display window lies on it
    before  what was given the last time: a file that was not written since is not read again

    Raises StmatteError for the first matte that cannot be read or doesn't fit the plate.
    """
    sources = dict(_sources(shot))
    digests: dict[tuple[int, str], str] = {}
    stamps: dict[tuple[int, str], tuple[MatteFile, Stamp]] = {}
    given = GivenMattes(size, shown, digests, stamps, sources)
    alike = before is not None and (before.size, before.shown) == (size, shown)
    known = before.stamps if before is not None and alike else {}
    for place, source in sources.items():
        if stamp := _stamp(source, place[0]):
            stamps[place] = stamp
        if stamp and known.get(place) == stamp and before is not None:
            digests[place] = before.digests[place]
        else:
            digests[place] = _digest(given.matte(*place))
    return given


def _stamp(source: _Source, frame: int) -> tuple[MatteFile, Stamp] | None:
    if not isinstance(source.matte, MatteFile):
        return None
    stamp = stamp_of(matte_path(source.matte, frame))
    return None if stamp is None else (source.matte, stamp)


def _sources(shot: Shot) -> Iterator[tuple[tuple[int, str], _Source]]:
    """Yield what is given where; a lock comes last, and so overrules a key on its frames."""
    for key in shot.keys:
        for name, matte in key.mattes.items():
            yield (key.frame, name), _Source(matte, locked=False)
    for lock in shot.locks:
        for frame in lock.frames:
            yield (frame, lock.object), _Source(_of_lock(lock, frame), locked=True)


def _of_lock(lock: Lock, frame: int) -> Matte:
    return lock.mattes if isinstance(lock.mattes, MatteFile) else lock.mattes[frame]


def _digest(matte: Pixels) -> str:
    if not matte.any():
        return NOTHING
    digest = hashlib.blake2b(repr(matte.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(matte, "<f4").tobytes())
    return digest.hexdigest()
