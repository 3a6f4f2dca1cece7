# SPDX-License-Identifier: Apache-2.0
"""Approved mattes: copies that nothing which is written later changes.

Knows files beside the mattes. Frames are the plate's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from . import spans
from .errors import EngineError


def locked_path(folder: Path, name: str, frame: int | None) -> Path:
    """Return where an approved matte of an object lies; with None, the pattern of all of them."""
    number = "####" if frame is None else f"{frame:04d}"
    return folder / "locked" / f"{name}.{number}.exr"


def keep_approved(folder: Path, done: Mapping[int, Path], name: str, frames: Iterable[int]) -> None:
    """Copy the mattes of these frames for an object; what was approved there before goes.

    folder  where the mattes lie
    done    frame -> file, of all frames that have a matte

    Raises EngineError if one is not there, or cannot be copied.
    """
    wanted = sorted(frames)
    lacking = [frame for frame in wanted if frame not in done]
    if lacking:
        raise EngineError(
            f'"{name}" has no matte to lock at plate frames {spans.shortly(spans.runs(lacking))}',
            repair="Propagate first, or lock frames that are done",
        )
    for frame in wanted:
        _copy(done[frame], locked_path(folder, name, frame))


def _copy(path: Path, to: Path) -> None:
    """Copy a file so that it is whole or not there."""
    beside = to.with_name(f"{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, beside)
        beside.replace(to)
    except OSError as error:
        raise EngineError(
            f'Cannot copy the matte "{path.name}" to "{to.parent}" ({error.strerror or error})',
            repair="Make room there, or allow writing there",
        ) from None
