# SPDX-License-Identifier: Apache-2.0
"""The corpus: one zip file of small pictures with masks, and a manifest that says what is what.

A pack needs only numpy and OpenCV to be read, so that it can travel to a machine which has
nothing else. Pictures stay encoded in memory and are decoded when they are drawn.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError

MANIFEST = "manifest.json"
VERSION = "stmatte.corpus/2"
READABLE = (VERSION, "stmatte.corpus/1")
"""Packs of the first version have no mattes."""
UNKNOWN = 255  # label of pixels that are left out of the loss


@dataclass(frozen=True)
class Still:
    """A photograph with labels 0 background, 1..n objects, 255 unknown."""

    picture: str
    labels: str


@dataclass(frozen=True)
class Clip:
    """Frames in order, with their labels, or else with soft mattes of up to three objects."""

    pictures: tuple[str, ...]
    labels: tuple[str, ...]
    mattes: tuple[str, ...] = ()


class Corpus:
    """What may be trained on, in the kinds that clips are made from.

    digest  the SHA-256 of the pack
    """

    def __init__(self, path: Path):
        """Open a pack. Raises StmatteError if the file is not one."""
        try:
            self.digest = hashlib.sha256(path.read_bytes()).hexdigest()
            with zipfile.ZipFile(path) as archive:
                self._files = {name: archive.read(name) for name in archive.namelist()}
            manifest = json.loads(self._files.pop(MANIFEST))
            version = manifest["version"]
            if version in READABLE:
                self.stills = [Still(**entry) for entry in manifest["stills"]]
                self.objects = [Still(**entry) for entry in manifest["objects"]]
                self.clips = [
                    Clip(tuple(c["pictures"]), tuple(c["labels"]), tuple(c.get("mattes", ())))
                    for c in manifest["clips"]
                ]
                self.cutouts: list[str] = manifest["cutouts"]
                self.backgrounds: list[str] = manifest["backgrounds"]
        except Exception as error:  # whatever a damaged file makes a parser say
            raise StmatteError(
                f"{path} is not a packed corpus ({error})",
                value=str(path),
                allowed="a file that `stmatte train --pack` wrote",
            ) from error
        if version not in READABLE:
            raise StmatteError(
                f"{path} is a corpus of version {version}",
                value=version,
                allowed=VERSION,
                repair="Pack it again with this version",
            )

    def picture(self, name: str) -> NDArray[np.uint8]:
        """Return an RGB picture (H, W, 3)."""
        return cv2.cvtColor(self._decoded(name), cv2.COLOR_BGR2RGB).astype(np.uint8)

    def cutout(self, name: str) -> NDArray[np.uint8]:
        """Return an RGBA picture (H, W, 4), alpha not multiplied in."""
        return cv2.cvtColor(self._decoded(name), cv2.COLOR_BGRA2RGBA).astype(np.uint8)

    def labels(self, name: str) -> NDArray[np.uint8]:
        """Return labels (H, W)."""
        return self._decoded(name)

    def mattes(self, name: str) -> NDArray[np.uint8]:
        """Return coverage (H, W, 3) of three objects, of 255; of those there are not, 0."""
        return cv2.cvtColor(self._decoded(name), cv2.COLOR_BGR2RGB).astype(np.uint8)

    def _decoded(self, name: str) -> NDArray[np.uint8]:
        coded = np.frombuffer(self._files.get(name, b""), np.uint8)
        pixels = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED) if len(coded) else None
        if pixels is None:
            raise StmatteError(
                f'Picture "{name}" of the corpus is damaged or missing',
                value=name,
                repair="Pack it again",
            )
        return pixels.astype(np.uint8)
