# SPDX-License-Identifier: Apache-2.0
"""A store in memory: for one process, gone with it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from stmatte.store.entry import FRAME, NOTE, Kind
from stmatte.store.kept import check_digest, warn_too_large
from stmatte.store.notes import note_digest, pack_note, unpack_note

LIMIT = 4_000_000_000
"""Bytes, unless another limit is given."""


class RamStore:
    """Keeps the promises of `Store` in memory; see there.

    limit  bytes of all payloads
    """

    def __init__(self, limit: int = LIMIT):
        self.limit = limit
        self._lock = Lock()
        self._entries: OrderedDict[tuple[Kind, str], bytes] = OrderedDict()  # last used last
        self._held = 0
        self._warned = False

    def has(self, digest: str) -> bool:
        """See `Store.has`."""
        return (FRAME, check_digest(digest)) in self._entries

    def get(self, digest: str) -> bytes | None:
        """See `Store.get`."""
        return self._read(FRAME, check_digest(digest))

    def put(self, digest: str, payload: bytes) -> None:
        """See `Store.put`."""
        self._write(FRAME, check_digest(digest), payload)

    def note(self, name: str) -> dict[str, Any] | None:
        """See `Store.note`."""
        return unpack_note(self._read(NOTE, note_digest(name)))

    def keep_note(self, name: str, note: Mapping[str, Any]) -> None:
        """See `Store.keep_note`."""
        self._write(NOTE, note_digest(name), pack_note(name, note))

    def _read(self, kind: Kind, digest: str) -> bytes | None:
        with self._lock:
            payload = self._entries.get((kind, digest))
            if payload is not None:
                self._entries.move_to_end((kind, digest))
            return payload

    def _write(self, kind: Kind, digest: str, payload: bytes) -> None:
        with self._lock:
            self._held -= len(self._entries.pop((kind, digest), b""))
            if len(payload) > self.limit:
                if not self._warned:
                    warn_too_large(len(payload), self.limit)
                self._warned = True
                return
            self._entries[kind, digest] = bytes(payload)
            self._held += len(payload)
            while self._held > self.limit:
                self._held -= len(self._entries.popitem(last=False)[1])
