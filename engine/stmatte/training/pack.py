# SPDX-License-Identifier: Apache-2.0
"""Shrink the data sets that may be trained on into one pack.

Two layouts are read. That of the project's data folder: stills, objects, backgrounds, photos,
clips and videos; its evaluation sets (davis_dev, clips_holdout) are never opened. And that of
DAVIS and YouTube-VOS: `JPEGImages/SEQ` (or one resolution further down) and `Annotations/SEQ`,
of which every frame that has a label picture is packed.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import read_labels
from stmatte.placing import replacing
from stmatte.training.corpus import MANIFEST, VERSION

LONG_SIDE = 432
QUALITY = 70  # keeps the whole corpus under 60 MB, which is what a lent machine takes
MATTE_STEP = 16  # of 255: what the sampling of a rendered matte leaves of it, and half the bytes
VIDEO_STEP = 30  # frames between two backgrounds taken from one video
OPTIONS = {
    ".jpg": [cv2.IMWRITE_JPEG_QUALITY, QUALITY],
    ".webp": [cv2.IMWRITE_WEBP_QUALITY, 101],  # without loss
}
PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def pack_corpus(data: Path, path: Path) -> dict[str, int]:
    """Write everything under `data` that may be trained on to one zip file at `path`.

    returns  how many stills, clips, cutouts and backgrounds were packed

    Raises StmatteError if `data` holds no picture with masks, a picture cannot be read or has
    masks of another size, or `path` cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as partial:
            return _write(data, partial)
    except OSError as error:
        raise StmatteError(
            f"Corpus {path} cannot be written ({error.strerror})",
            value=str(path),
            repair="Choose a place that can be written to",
        ) from error


def _write(data: Path, path: Path) -> dict[str, int]:
    """Write the pack and return what it holds. What is written here is no pack if this fails."""
    manifest: dict[str, list[object]] = {
        kind: [] for kind in ("stills", "objects", "clips", "cutouts", "backgrounds")
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:

        def keep(name: str, ending: str, pixels: NDArray[np.uint8]) -> str:
            coded = cv2.imencode(ending, pixels, OPTIONS.get(ending, []))[1]
            archive.writestr(name + ending, coded.tobytes())
            return name + ending

        for folder in ("stills", "objects"):
            for picture, labels in _stills(data / folder):
                name = f"{folder}/{picture.stem}"
                pixels, marks = _shrink(*_pair(picture, labels))
                manifest[folder].append(
                    {"picture": keep(name, ".jpg", pixels), "labels": keep(name, ".png", marks)}
                )
        for clip, frames in (*_rendered(data / "clips"), *_annotated(data)):
            read = [(f"clips/{clip}/{f.stem}", *_pair(f, labels)) for f, labels in frames]
            pictures = [keep(name, ".jpg", pixels) for name, pixels, _ in read]
            soft = _mattes([picture for picture, _ in frames])
            if soft:
                mattes = [
                    keep(f"{name}m", ".webp", m) for (name, *_), m in zip(read, soft, strict=True)
                ]
                manifest["clips"].append({"pictures": pictures, "labels": [], "mattes": mattes})
            else:
                hard = [keep(name, ".png", labels) for name, _, labels in read]
                manifest["clips"].append({"pictures": pictures, "labels": hard})
        for cutout in _pictures(data / "stills" / "cutouts"):
            _check_alpha(cutout)
            archive.write(cutout, f"cutouts/{cutout.name}")
            manifest["cutouts"].append(f"cutouts/{cutout.name}")
        for folder in ("backgrounds", "photos"):
            for picture in _pictures(data / folder):
                pixels, _ = _shrink(_read(picture), None)
                manifest["backgrounds"].append(keep(f"{folder}/{picture.stem}", ".jpg", pixels))
        for name, frame in _video_frames(data / "videos"):
            manifest["backgrounds"].append(keep(f"videos/{name}", ".jpg", _shrink(frame, None)[0]))
        archive.writestr(MANIFEST, json.dumps({"version": VERSION, **manifest}))
    counts = {kind: len(entries) for kind, entries in manifest.items()}
    if not any(counts[kind] for kind in ("stills", "objects", "clips")):
        raise StmatteError(
            f"{data} holds nothing to train on",
            value=str(data),
            allowed="a folder stills or objects with pictures in images and masks in masks, or "
            "JPEGImages and Annotations as DAVIS has them",
        )
    return counts


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
