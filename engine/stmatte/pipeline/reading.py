# SPDX-License-Identifier: Apache-2.0
"""The plate as a plan wants it: frames by digest, read as rarely as possible and beforehand.

A digest covers all pixels of a frame as the file has them. Where a file was not written
again since its digest was taken, it isn't read for its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Picture, Plate
from stmatte.images.plate import Stamp
from stmatte.pipeline.ahead import Ahead
from stmatte.store import Store

UNREADABLE = "unreadable"
"""Digest of a frame that cannot be read and is passed over."""

HELD = 4
"""Pictures that are held: that of the frame in hand, and those that are still being finished."""

Skipped = Callable[[int, StmatteError], None]
Look = Callable[[Picture], NDArray[np.float32]]


@dataclass(eq=False)
class _Read:
    """A frame that was read.

    stamp   that of its file before it was read: later it could be another one
    digest  of its pixels; None where it was noted before
    look    what makes the view of it
    """

    picture: Picture
    stamp: Stamp | None
    digest: str | None
    look: Look

    @cached_property
    def view(self) -> NDArray[np.float32]:
        return self.look(self.picture)


class PlateReader:
    """Reads a plate's frames, their digests and their views.

    store    where digests are noted from one run to the next
    look     makes of a picture what the network sees of it
    views    whether views will be asked for, so that they are made beforehand, too
    skipped  told once of each frame that cannot be read; None means that this is an error
    """

    def __init__(
        self,
        plate: Plate,
        store: Store,
        look: Look,
        skipped: Skipped | None = None,
        *,
        views: bool = True,
    ):
        self.plate = plate
        self._store = store
        self._look = look
        self._skipped = skipped
        self._digests: dict[int, str] = {}
        self._frames = Ahead(self._fetch, HELD, lambda read: read.view if views else None)
        self._name = f"plate {plate.label}"
        self._noted = dict(store.note(self._name) or {})
        self._fresh_notes = False

    def expect(self, order: Sequence[int]) -> None:
        """Say in which order frames will be looked at; the next are then read beforehand."""
        self._frames.expect(order)

    def read(self, frame: int) -> Picture | None:
        """Return a frame; None if it cannot be read and is passed over."""
        read = self._get(frame)
        return None if read is None else read.picture

    def view(self, frame: int) -> NDArray[np.float32] | None:
        """Return a frame as the network sees it, whole; None if it is passed over."""
        read = self._get(frame)
        return None if read is None else read.view

    def digest(self, frame: int) -> str:
        """Return the digest of a frame's pixels; `UNREADABLE` if it is passed over."""
        if frame not in self._digests:
            self._digests[frame] = self._noted_digest(frame) or self._digest_anew(frame)
        return self._digests[frame]

    def keep_notes(self) -> None:
        """Note the digests for the next run, beside what others noted meanwhile."""
        if self._fresh_notes:
            self._store.keep_note(
                self._name, {**(self._store.note(self._name) or {}), **self._noted}
            )
            self._fresh_notes = False

    def _get(self, frame: int) -> _Read | None:
        if self._digests.get(frame) == UNREADABLE:
            return None
        try:
            return self._frames.get(frame)
        except StmatteError as error:
            if self._skipped is None:
                raise
            self._digests[frame] = UNREADABLE
            self._skipped(frame, error)
            return None

    def _fetch(self, frame: int) -> _Read:
        stamp = self.plate.stamp(frame)
        picture = self.plate.read(frame)
        known = frame in self._digests or self._noted_digest(frame) is not None
        return _Read(picture, stamp, None if known else _digest(picture), self._look)

    def _noted_digest(self, frame: int) -> str | None:
        stamp = self.plate.stamp(frame)
        noted = self._noted.get(str(frame))
        if stamp is None or not isinstance(noted, list) or noted[:2] != list(stamp):
            return None
        return str(noted[2])

    def _digest_anew(self, frame: int) -> str:
        read = self._get(frame)
        if read is None:
            return UNREADABLE
        digest = read.digest or _digest(read.picture)
        if read.stamp is not None:
            self._noted[str(frame)] = [*read.stamp, digest]
            self._fresh_notes = True
        return digest


def _digest(picture: Picture) -> str:
    words = f"{picture.space} {picture.pixels.shape}"
    digest = hashlib.blake2b(words.encode(), digest_size=16)
    digest.update(np.ascontiguousarray(picture.pixels, "<f4").data)
    return digest.hexdigest()
