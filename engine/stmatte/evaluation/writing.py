# SPDX-License-Identifier: Apache-2.0
"""A result is on disk whole or not at all: written beside its place, then renamed."""

from __future__ import annotations

from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.placing import replacing


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises StmatteError if that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _unwritable(folder, problem) from problem


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    Raises StmatteError if the place cannot be written.
    """
    try:
        with replacing(path) as draft:
            draft.write_bytes(content)
    except OSError as problem:
        raise _unwritable(path, problem) from problem


def _unwritable(path: Path, problem: OSError) -> StmatteError:
    return StmatteError(
        f"{path} cannot be written: {problem.strerror or problem}",
        value=str(path),
        repair="Choose a folder that can be written, with space left",
    )
