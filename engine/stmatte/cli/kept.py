# SPDX-License-Identifier: Apache-2.0
"""The store and the memory budget, as a command names them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.errors import StmatteError
from stmatte.sizes import parse_size

if TYPE_CHECKING:
    from stmatte.store import DiskStore, Store

NONE = "none"

_log = logging.getLogger("stmatte")

option = click.option(
    "--store",
    metavar="DIR",
    help="Folder that keeps what was computed (STMATTE_STORE, else the user's cache folder); "
    f'"{NONE}" forgets it.',
)

shared_option = click.option(
    "--store",
    metavar="DIR",
    help="Folder that all spans of a shot share (STMATTE_STORE, else the user's cache folder).",
)

budget_option = click.option(
    "--memory-budget",
    "budget",
    metavar="SIZE",
    help="Memory that may be taken on the device, such as 4G; half of what is free if left out. "
    "It never changes a matte: what does not fit is refused.",
)


def parse_budget(text: str | None) -> int | None:
    """Return the bytes that a command allows; None if it says nothing."""
    return None if text is None else parse_size(text, "--memory-budget")


def open_kept(text: str | None) -> Store:
    """Open the store that a command names.

    Where nobody named one and the user's cache folder cannot be used, as on some farms,
    nothing is kept after the run, and a warning says so.
    """
    from stmatte.placing import check_writable
    from stmatte.store import RamStore, open_store

    if text == NONE:
        return RamStore()
    try:
        store = open_store(None if text is None else Path(text))
        check_writable(store.folder)
        return store
    except StmatteError as error:
        if text is not None:
            raise
        _log.warning("Nothing will be kept for the next run. %s", error)
        return RamStore()


def open_shared(text: str | None) -> DiskStore:
    """Open the store that a command leaves something in for others, or finds it.

    Raises StmatteError if it would not outlast the command, or cannot be written.
    """
    from stmatte.placing import check_writable
    from stmatte.store import open_store

    if text == NONE:
        raise StmatteError(
            "There is no store to leave spans in",
            value=text,
            allowed="spans hand on by the store what they computed",
            repair="Name a folder that all tasks see in --store, or in STMATTE_STORE",
        )
    store = open_store(None if text is None else Path(text))
    check_writable(store.folder)
    return store


features_option = click.option(
    "--keep-features",
    is_flag=True,
    help="Keep what the network sees of the plate on the disk, too: later corrections are "
    "quicker, at about 9 MB a frame.",
)


def features(store: Store) -> Store | None:
    """Return where features are kept beside a store; a warning says if that is nowhere."""
    from stmatte.pipeline.kept_sights import features_beside

    found = features_beside(store)
    if found is None:
        _log.warning("Features are not kept: there is no store on the disk.")
    return found
