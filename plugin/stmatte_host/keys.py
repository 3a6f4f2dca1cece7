# SPDX-License-Identifier: Apache-2.0
"""Where a rasterised key lies, so that a key which did not change is not rasterised again.

A key's file is named by what was drawn. Change the shape and the file has another name; undo,
and the old file is still there; and a job that reads the old keys is not disturbed by new ones.
Knows names of files, not pictures; it is the host that rasterises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .shot import KeyFile


@dataclass(frozen=True)
class DrawnKey:
    """A key as it is drawn in the host.

    drawn  text that changes when the key would look different: points and their tangents on
           this frame, feather, opacity, blending, the plate's size. It may say too much (then a
           key is rasterised once more) but never too little
    """

    frame: int
    object: str
    drawn: str


def key_path(folder: Path, key: DrawnKey, suffix: str = ".exr") -> Path:
    """Return where the key lies once it is rasterised."""
    digest = hashlib.sha256(key.drawn.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return folder / f"{key.object}.{key.frame:04d}.{digest}{suffix}"


def key_files(
    folder: Path, keys: Iterable[DrawnKey], channel: str = "", suffix: str = ".exr"
) -> tuple[tuple[KeyFile, ...], tuple[tuple[DrawnKey, Path], ...]]:
    """Return the keys for a `HostShot`, and which of them to rasterise first, each with its path.

    folder   where this shot's keys lie
    channel  the channel that the host writes them to

    The host writes under another name in that folder and renames, so that a file under the path
    is always whole.
    """
    placed = [(key, key_path(folder, key, suffix)) for key in keys]
    files = tuple(KeyFile(key.frame, key.object, str(path), channel) for key, path in placed)
    return files, tuple((key, path) for key, path in placed if not path.is_file())
