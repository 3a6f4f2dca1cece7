# SPDX-License-Identifier: Apache-2.0
"""What every store promises, whether it keeps on a disk or in memory.

A matte is a pure function of its digest. A store may lose an entry at any time, which costs
the time to compute it again; it never gives back anything but the very bytes that were put.
Knows neither pixels nor what a digest is made of.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Protocol

from stmatte.errors import StmatteError

_log = logging.getLogger("stmatte")
_DIGEST = re.compile(r"[0-9a-f]{32}")


class Store(Protocol):
    """Bytes by digest, and small notes by name; the least recently used go first.

    Every digest is 32 hexadecimal digits, in small letters; any other text raises
    StmatteError. A store may be used from several threads.
    """

    def has(self, digest: str) -> bool:
        """Say whether an entry seems to be there.

        It may be gone by the time of `get`, or turn out damaged then. After a `get` that gave
        nothing, this is False until the entry is put again.
        """
        ...

    def get(self, digest: str) -> bytes | None:
        """Return what was put under the digest; None if it is not there or is damaged."""
        ...

    def put(self, digest: str, payload: bytes) -> None:
        """Keep the payload, and throw away others if there is no room.

        A payload that is larger than the whole store is not kept; the log says so once.
        Raises StmatteError if the place cannot be written.
        """
        ...

    def note(self, name: str) -> dict[str, Any] | None:
        """Return the note of that name; None if it is not there or is damaged."""
        ...

    def keep_note(self, name: str, note: Mapping[str, Any]) -> None:
        """Keep a small note in place of the one before; notes share the room with entries.

        name  any text, such as a path
        note  what JSON can say; it comes back as JSON says it: a tuple as a list

        Raises StmatteError if the place cannot be written or JSON cannot say the note.
        """
        ...


def check_digest(digest: str) -> str:
    """Return the digest; raise StmatteError if it is none."""
    if not _DIGEST.fullmatch(digest):
        raise StmatteError(
            f'"{digest}" is no digest', value=digest, allowed="32 hexadecimal digits, a to f small"
        )
    return digest


def warn_too_large(size: int, limit: int) -> None:
    """Log that something of `size` bytes can never be kept in a store of `limit` bytes."""
    _log.warning(
        "A frame of %d bytes is not kept and will be computed again: the whole store may hold "
        "%d bytes. Raise STMATTE_STORE_LIMIT.",
        size,
        limit,
    )
