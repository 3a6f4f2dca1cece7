# SPDX-License-Identifier: Apache-2.0
"""Notes as bytes, and their names as digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from stmatte.errors import StmatteError


def note_digest(name: str) -> str:
    """Return 32 hexadecimal digits for a note's name, which may be any text."""
    # paths that are no UTF-8 reach Python with lone surrogates in them
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def pack_note(name: str, note: Mapping[str, Any]) -> bytes:
    """Return the note as JSON. Raises StmatteError if JSON cannot say it."""
    try:
        return json.dumps(dict(note), separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise StmatteError(
            f'Note "{name}" cannot be kept ({error})',
            value=name,
            allowed="notes hold text, numbers, true, false, null, lists and objects",
        ) from error


def unpack_note(payload: bytes | None) -> dict[str, Any] | None:
    """Return the note that was packed; None if the bytes are none."""
    try:
        note = json.loads(payload or b"null")
    except ValueError:
        return None
    return note if isinstance(note, dict) else None
