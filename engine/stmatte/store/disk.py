# SPDX-License-Identifier: Apache-2.0
"""A store on a disk: one file an entry, for any number of processes and machines.

There is no index and no lock: an entry is written beside its place, brought to the disk and
renamed, so that a process may be killed at any moment. Whatever doesn't open when it is
read is removed and counts as missing. What a power cut takes is found out the same way.

The limit holds exactly for one process. Several don't tell each other what they write: each
looks at the folder again after every tenth of the limit that it wrote itself, so that n of
them stay within the limit and n - 1 tenths of it, and n - 1 entries.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from stmatte.errors import StmatteError
from stmatte.placing import replacing
from stmatte.store.entry import FRAME, HEADER, NOTE, Kind, promised_size, seal, unseal
from stmatte.store.kept import check_digest, warn_too_large
from stmatte.store.notes import note_digest, pack_note, unpack_note
from stmatte.store.shelf import file_of, held, on_disk, shed, shelved, sweep

LOOK_AGAIN = 10
"""The folder is looked at after every 1 / LOOK_AGAIN of the limit that was written."""

FREED = 10
"""When there is no room, 1 / FREED of the limit is made free at once."""


class DiskStore:
    """Keeps the promises of `Store` in a folder; see there.

    folder  made by the first `put`; entries lie in folders of the digests' first two digits
    limit   bytes on the disk; files count in blocks of 4096 bytes
    """

    def __init__(self, folder: Path, limit: int):
        self.folder = folder
        self.limit = limit
        self._lock = Lock()
        self._held: int | None = None  # bytes, as far as this process knows; None: not looked yet
        self._written = 0  # bytes since it looked
        self._damaged: set[Path] = set()  # what must not be there and could not be removed
        self._warned = False

    def has(self, digest: str) -> bool:
        """See `Store.has`; reads the header only."""
        path = file_of(self.folder, FRAME, check_digest(digest))
        try:
            with path.open("rb") as file:
                promised = promised_size(FRAME, digest, file.read(HEADER))
                whole = promised == os.fstat(file.fileno()).st_size
        except OSError:
            return False
        return whole and path not in self._damaged

    def get(self, digest: str) -> bytes | None:
        """See `Store.get`; what cannot be read is not there."""
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
        path = file_of(self.folder, kind, digest)
        try:
            with path.open("rb") as file:
                content = file.read(HEADER)
                size = promised_size(kind, digest, content)
                if size == os.fstat(file.fileno()).st_size:
                    content += file.read()
        except OSError:
            return None
        payload = unseal(kind, digest, content)
        if payload is None:
            self._forget(path)
        else:
            self._damaged.discard(path)
            with suppress(OSError):  # a read-only disk
                os.utime(path)  # used now, by the clock of the disk's own machine
        return payload

    def _forget(self, path: Path) -> None:
        """Remove what must not be there, or at least remember that."""
        try:
            path.unlink(missing_ok=True)
        except OSError:
            self._damaged.add(path)

    def _write(self, kind: Kind, digest: str, payload: bytes) -> None:
        content = seal(kind, digest, payload)
        path = file_of(self.folder, kind, digest)
        size = on_disk(len(content))
        if size > self.limit:
            self._forget(path)  # what is there was kept under a larger limit, or is an older note
            if not self._warned:
                warn_too_large(size, self.limit)
            self._warned = True
            return
        self._make_room(size)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as beside:
                beside.write_bytes(content)
        except OSError as error:
            # Windows replaces no file that another process has open: then it is there already.
            if self._read(kind, digest) != payload:
                raise self._unwritable(error) from None
        self._damaged.discard(path)

    def _make_room(self, size: int) -> None:
        """Count `size` bytes more, after others were thrown away if need be."""
        with self._lock:
            if (
                self._held is None
                or self._held + size > self.limit
                or self._written + size > self.limit // LOOK_AGAIN
            ):
                files = sweep(list(shelved(self.folder)))
                self._held = held(files)
                self._written = 0
                if self._held + size > self.limit:
                    self._held = shed(files, self.limit - max(size, self.limit // FREED))
            self._held += size
            self._written += size

    def _unwritable(self, error: OSError) -> StmatteError:
        return StmatteError(
            f'Store folder "{self.folder}" cannot be written ({error.strerror or error})',
            value=str(self.folder),
            allowed="it must be writable and have room",
            repair="Make room there, or name another folder in STMATTE_STORE",
        )
