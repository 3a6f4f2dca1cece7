# SPDX-License-Identifier: Apache-2.0
"""Where frames are kept and how much room they may take, unless somebody says otherwise.

STMATTE_STORE names the folder, STMATTE_STORE_LIMIT the room, such as 50G.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from platformdirs import user_cache_path

from stmatte.errors import StmatteError
from stmatte.sizes import parse_size
from stmatte.store.disk import DiskStore
from stmatte.store.shelf import held, shelved

FOLDER = "STMATTE_STORE"
LIMIT = "STMATTE_STORE_LIMIT"

MOST = 20_000_000_000
"""Bytes that a store takes at most, unless somebody says otherwise."""

SHARE = 5
"""Nor does it take more than 1 / SHARE of what is free, its own entries counted as free."""


def default_folder() -> Path:
    """Return the folder that STMATTE_STORE names, else one in the user's cache folder.

    Raises StmatteError if STMATTE_STORE begins with the home of somebody who is unknown.
    """
    named = os.environ.get(FOLDER, "").strip()
    if named:
        try:
            return Path(named).expanduser().absolute()
        except RuntimeError as error:  # somebody's home, of whom nothing is known
            raise _unusable(named, str(error)) from None
    return user_cache_path("stmatte", appauthor=False) / "store"


def open_store(folder: Path | None = None, limit: int | None = None) -> DiskStore:
    """Return the store in `folder`; nothing is made or written yet.

    folder  `default_folder()` unless given
    limit   bytes; unless given, what STMATTE_STORE_LIMIT says, else 20 GB or a fifth of
            what is free on that disk, whichever is less

    Raises StmatteError if STMATTE_STORE_LIMIT is no size, or the disk doesn't answer.
    """
    folder = folder or default_folder()
    if limit is None:
        named = os.environ.get(LIMIT, "").strip()
        repair = f"Correct {LIMIT}, or unset it"
        limit = parse_size(named, LIMIT, repair) if named else _room(folder)
    return DiskStore(folder, limit)


def _room(folder: Path) -> int:
    try:
        existing = next((p for p in (folder, *folder.absolute().parents) if p.exists()), folder)
        free = shutil.disk_usage(existing).free
    except OSError as error:
        raise _unusable(str(folder), error.strerror or str(error)) from None
    if free < MOST * SHARE:
        # Without this, a full store would make itself smaller each time it is opened.
        free += held(list(shelved(folder)))
    return min(MOST, free // SHARE)


def _unusable(folder: str, reason: str) -> StmatteError:
    return StmatteError(
        f'Store folder "{folder}" cannot be used ({reason})',
        value=folder,
        repair=f"Name another folder in {FOLDER}",
    )
