# SPDX-License-Identifier: Apache-2.0
"""A file appears whole or not at all.

What is written goes beside its place under a hidden name, is brought to the disk, and is
renamed. Who reads the folder meanwhile sees the old file or the new one, and after a
failure nothing is left behind. Knows no pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from stmatte.errors import StmatteError


def check_writable(folder: Path) -> None:
    """Make `folder` if need be and prove that a file can be written there, before work starts.

    Raises StmatteError naming the folder and the system's reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = _beside(folder / "probe.txt")
        try:
            probe.write_bytes(b"stmatte")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from None


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """Lend a name to write to; after the block, the file stands at `path`.

    The name lies in the same folder, which is made if need be, is hidden, and has the same
    extension. If the block or the move fails, the file under it is removed and what stood
    at `path` stays. The folder is brought to the disk, too: after a power failure the file that
    was said to be there is there, under its name.

    Raises StmatteError if the place cannot be written or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            yield beside
        _folder_to_disk(path.parent)
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Do what `placed` does in a folder that is there, for rooms with words of their own.

    Raises OSError, as the system says it.
    """
    beside = _beside(path)
    try:
        yield beside
        _to_disk(beside)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def unwritable(path: Path, reason: str) -> StmatteError:
    """Return the error for a place that cannot be written."""
    return StmatteError(
        f'Cannot write "{path}" ({reason})',
        value=str(path),
        allowed="the output folder must be writable and have room",
        repair="Choose another folder, or make room",
    )


def _beside(path: Path) -> Path:
    # Random, since processes of several machines may write the same file of a shared disk.
    return path.with_name(f".{path.stem}.{uuid4().hex}{path.suffix}")


def _to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    # Windows has no such thing, and some shared disks refuse it; there the move itself has to do.
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
