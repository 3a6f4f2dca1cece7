# SPDX-License-Identifier: Apache-2.0
"""Shrink the data sets that may be trained on into one pack.

Two layouts are read. That of the project's data folder: stills, objects, backgrounds, photos,
clips and videos; its evaluation sets (davis_dev, clips_holdout) are never opened. And that of
DAVIS and YouTube-VOS: `JPEGImages/SEQ` (or one resolution further down) and `Annotations/SEQ`,
of which every frame that has a label picture is packed.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import read_labels
from stmatte.placing import replacing
from stmatte.sizes import written_size
from stmatte.training.corpus import MANIFEST, VERSION

LONG_SIDE = 432
QUALITY = 70  # of WebP: a third smaller than JPEG's 70; 0.3 dB below it on renders, 1.6 on photos
MATTE_STEP = 16  # of 255: what the sampling of a rendered matte leaves of it, and half the bytes
VIDEO_STEP = 30  # frames between two backgrounds taken from one video
WITHOUT_LOSS = 101  # as OpenCV counts the quality of WebP
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
KINDS = ("stills", "objects", "clips", "cutouts", "backgrounds")
GOLDEN = (math.sqrt(5) - 1) / 2


def pack_corpus(data: Path, path: Path, room: int | None = None) -> dict[str, int]:
    """Write everything under `data` that may be trained on to one zip file at `path`.

    room     bytes that the file may take; None: as many as it needs. Where it is too little,
             clips are left out, from all over the folder
    returns  how many stills, clips, cutouts and backgrounds were packed

    Raises StmatteError if `data` holds no picture with masks, a picture cannot be read or has
    masks of another size, there is no room for the other pictures, or `path` cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as file:
            pack = _Pack(file)
            _fill(pack, data, room)
            return pack.close(data)
    except OSError as error:
        raise StmatteError(
            f"Corpus {path} cannot be written ({error.strerror})",
            value=str(path),
            repair="Choose a place that can be written to",
        ) from error


@dataclass(frozen=True)
class _Entry:
    """What one still, clip, cutout or background adds to a pack.

    files  name -> bytes, as they lie in the archive
    words  how the manifest tells of it
    """

    files: Mapping[str, bytes]
    words: object

    @property
    def size(self) -> int:
        """Bytes that a pack grows by."""
        files = sum(len(held) + _listing(name) for name, held in self.files.items())
        return files + len(json.dumps(self.words)) + len(", ")


class _Pack:
    """An archive that is being filled, its manifest, and how large both are."""

    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive
        self._manifest: dict[str, list[object]] = {kind: [] for kind in KINDS}
        self.size = len(self._told()) + _listing(MANIFEST) + 22  # bytes that end a zip file

    def add(self, kind: str, entry: _Entry) -> None:
        for name, held in entry.files.items():
            self._archive.writestr(name, held)
        self._manifest[kind].append(entry.words)
        self.size += entry.size

    def close(self, data: Path) -> dict[str, int]:
        """Write the manifest, and return how many there are of each kind."""
        counts = {kind: len(entries) for kind, entries in self._manifest.items()}
        if not any(counts[kind] for kind in ("stills", "objects", "clips")):
            raise StmatteError(
                f"{data} holds nothing to train on",
                value=str(data),
                allowed="a folder stills or objects with pictures in images and masks in masks, "
                "or JPEGImages and Annotations as DAVIS has them",
            )
        self._archive.writestr(MANIFEST, self._told())
        return counts

    def _told(self) -> str:
        return json.dumps({"version": VERSION, **self._manifest})


def _listing(name: str) -> int:
    """Return the bytes in which a zip file tells of a file: before it, and at its own end."""
    return 30 + 46 + 2 * len(name.encode())


def _fill(pack: _Pack, data: Path, room: int | None) -> None:
    """Put in what there is room for, clips last."""
    for folder in ("stills", "objects"):
        for picture, labels in _stills(data / folder):
            pack.add(folder, _still(f"{folder}/{picture.stem}", picture, labels))
    for cutout in _pictures(data / "stills" / "cutouts"):
        _check_alpha(cutout)
        name = f"cutouts/{cutout.name}"
        pack.add("cutouts", _Entry({name: cutout.read_bytes()}, name))
    for folder in ("backgrounds", "photos"):
        for picture in _pictures(data / folder):
            pack.add("backgrounds", _background(f"{folder}/{picture.stem}", _read(picture)))
    for name, frame in _video_frames(data / "videos"):
        pack.add("backgrounds", _background(f"videos/{name}", frame))
    if room is not None and pack.size > room:
        raise StmatteError(
            f"A corpus of {written_size(room)} has no room for a single clip",
            value=room,
            allowed=f"other pictures take {written_size(pack.size)}",
        )
    clips = [*_rendered(data / "clips"), *_annotated(data)]
    order = range(len(clips)) if room is None else _from_all_over(len(clips))
    for name, frames in (clips[k] for k in order):
        clip = _clip(name, frames)
        if room is not None and pack.size + clip.size > room:
            break
        pack.add("clips", clip)


def _from_all_over(count: int) -> list[int]:
    """Return 0 to count - 1 in an order of which every beginning is spread over all of them."""
    return sorted(range(count), key=lambda k: k * GOLDEN % 1)


def _still(name: str, picture: Path, labels: Path) -> _Entry:
    pixels, marks = _shrink(*_pair(picture, labels))
    files = {f"{name}.webp": _photograph(pixels), f"{name}.png": _coded(".png", marks)}
    return _Entry(files, dict(zip(("picture", "labels"), files, strict=True)))


def _background(name: str, pixels: NDArray[np.uint8]) -> _Entry:
    small, _ = _shrink(pixels, None)
    return _Entry({f"{name}.webp": _photograph(small)}, f"{name}.webp")


def _clip(clip: str, frames: list[tuple[Path, Path]]) -> _Entry:
    """Take pictures with soft mattes, or with labels where not every frame has a matte."""
    names = [f"clips/{clip}/{picture.stem}" for picture, _ in frames]
    read = [_pair(picture, labels) for picture, labels in frames]
    pictures = {
        f"{name}.webp": _photograph(pixels) for name, (pixels, _) in zip(names, read, strict=True)
    }
    soft = _mattes([picture for picture, _ in frames])
    if soft:
        mattes = {
            f"{name}m.webp": _coded(".webp", matte, cv2.IMWRITE_WEBP_QUALITY, WITHOUT_LOSS)
            for name, matte in zip(names, soft, strict=True)
        }
        words = {"pictures": [*pictures], "labels": [], "mattes": [*mattes]}
        return _Entry({**pictures, **mattes}, words)
    hard = {
        f"{name}.png": _coded(".png", labels) for name, (_, labels) in zip(names, read, strict=True)
    }
    return _Entry({**pictures, **hard}, {"pictures": [*pictures], "labels": [*hard]})


def _photograph(pixels: NDArray[np.uint8]) -> bytes:
    return _coded(".webp", pixels, cv2.IMWRITE_WEBP_QUALITY, QUALITY)


def _coded(ending: str, pixels: NDArray[np.uint8], *options: int) -> bytes:
    return cv2.imencode(ending, pixels, options)[1].tobytes()


def _stills(folder: Path) -> Iterator[tuple[Path, Path]]:
    for picture in _pictures(folder / "images"):
        labels = folder / "masks" / f"{picture.stem}.png"
        if labels.exists():
            yield picture, labels


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES)


def _rendered(folder: Path) -> Iterator[tuple[str, list[tuple[Path, Path]]]]:
    """Yield the name of each rendered clip, and its frames with their labels."""
    for clip in sorted(p for p in folder.glob("*") if (p / "frames").is_dir()):
        frames = _pictures(clip / "frames")
        yield clip.name, [(f, clip / "labels" / f"{f.stem}.png") for f in frames]


def _annotated(data: Path) -> Iterator[tuple[str, list[tuple[Path, Path]]]]:
    """Yield the name of each sequence of DAVIS or YouTube-VOS, and its annotated frames."""
    pictures, annotations = data / "JPEGImages", data / "Annotations"
    for resolution in ("480p", "Full-Resolution"):
        if (pictures / resolution).is_dir():
            pictures, annotations = pictures / resolution, annotations / resolution
            break
    for sequence in sorted(p for p in pictures.glob("*") if p.is_dir()):
        paired = [(f, annotations / sequence.name / f"{f.stem}.png") for f in _pictures(sequence)]
        frames = [(picture, labels) for picture, labels in paired if labels.is_file()]
        if frames:
            yield sequence.name, frames


def _read(path: Path) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise StmatteError(f"Picture {path} cannot be read", value=str(path))
    return pixels.astype(np.uint8)


def _pair(picture: Path, labels: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read a picture and its labels, which must be of one size."""
    pixels, marks = _read(picture), read_labels(labels)
    if marks.shape != pixels.shape[:2]:
        size, wanted = (f"{s[1]}x{s[0]}" for s in (marks.shape, pixels.shape))
        raise StmatteError(
            f"Labels {labels} are {size}", value=size, allowed=f"their picture is {wanted}"
        )
    return pixels, marks


def _mattes(frames: list[Path]) -> list[NDArray[np.uint8]]:
    """Return the soft mattes (H, W, 3) of a clip's frames, in few steps; [] if there are not all.

    Those of four objects are left out: their fourth is in alpha, which writers drop colours for.
    """
    mattes = []
    for frame in frames:
        path = frame.parents[1] / "alpha" / f"{frame.stem}.png"
        matte = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if path.is_file() else None
        if matte is None or matte.ndim != 3 or matte.shape[2] != 3:
            return []
        steps = np.round(matte / MATTE_STEP) * MATTE_STEP
        mattes.append(steps.clip(0, 255).astype(np.uint8))
    return mattes


def _check_alpha(path: Path) -> None:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 4 or pixels.dtype != np.uint8:
        raise StmatteError(
            f"Cutout {path} has no alpha", value=str(path), allowed="RGBA pictures of 8 bits"
        )


def _shrink(
    pixels: NDArray[np.uint8], labels: NDArray[np.uint8] | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Shrink to at most LONG_SIDE; without labels the second result is empty."""
    height, width = pixels.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if labels is None:
        return small.astype(np.uint8), np.zeros((0, 0), np.uint8)
    marks = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    return small.astype(np.uint8), marks.astype(np.uint8)


def _video_frames(folder: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    for video in sorted(p for p in folder.glob("*") if p.suffix in (".mkv", ".mp4", ".webm")):
        capture = cv2.VideoCapture(str(video))
        index = 0
        while capture.grab():
            if index % VIDEO_STEP == 0:
                good, frame = capture.retrieve()
                if good:
                    yield f"{video.stem}_{index:05d}", frame.astype(np.uint8)
            index += 1
        capture.release()
