# SPDX-License-Identifier: Apache-2.0
"""The plate as a plan wants it: frames by digest, read as rarely as possible.

A digest covers all pixels of a frame as the file has them. Where a file was not written
again since its digest was taken, it isn't read for its digest.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from stmatte.errors import StmatteError
from stmatte.images import Picture, Plate
from stmatte.store import Store

UNREADABLE = "unreadable"
"""Digest of a frame that cannot be read and is passed over."""

HELD = 2
"""Pictures that are held: the one whose digest was just asked for is read only once."""

Skipped = Callable[[int, StmatteError], None]


class PlateReader:
    """Reads a plate's frames and their digests.

    store    where digests are noted from one run to the next
    skipped  told once of each frame that cannot be read; None means that this is an error
    """

    def __init__(self, plate: Plate, store: Store, skipped: Skipped | None = None):
        self.plate = plate
        self._store = store
        self._skipped = skipped
        self._digests: dict[int, str] = {}
        self._held: OrderedDict[int, Picture] = OrderedDict()
        self._name = f"plate {plate.label}"
        self._noted = dict(store.note(self._name) or {})
        self._fresh_notes = False

    def read(self, frame: int) -> Picture | None:
        """Return a frame; None if it cannot be read and is passed over."""
        if self._digests.get(frame) == UNREADABLE:
            return None
        if frame not in self._held:
            try:
                self._held[frame] = self.plate.read(frame)
            except StmatteError as error:
                if self._skipped is None:
                    raise
                self._digests[frame] = UNREADABLE
                self._skipped(frame, error)
                return None
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return self._held[frame]

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

    def _noted_digest(self, frame: int) -> str | None:
        stamp = self.plate.stamp(frame)
        noted = self._noted.get(str(frame))
        if stamp is None or not isinstance(noted, list) or noted[:2] != list(stamp):
            return None
        return str(noted[2])

    def _digest_anew(self, frame: int) -> str:
        stamp = self.plate.stamp(frame)  # before it is read: later it could be another one
        picture = self.read(frame)
        if picture is None:
            return UNREADABLE
        digest = _digest(picture)
        if stamp is not None:
            self._noted[str(frame)] = [*stamp, digest]
            self._fresh_notes = True
        return digest


def _digest(picture: Picture) -> str:
    words = f"{picture.space} {picture.pixels.shape}"
    digest = hashlib.blake2b(words.encode(), digest_size=16)
    digest.update(np.ascontiguousarray(picture.pixels, "<f4").data)
    return digest.hexdigest()
