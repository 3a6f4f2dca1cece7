# SPDX-License-Identifier: Apache-2.0
"""Pictures and label pictures of a dataset, as the exact bytes that were published.

Evaluation wants 8-bit RGB as it stands and the *numbers* of a palette PNG, not its
colours; what an artist's plate needs (colour views, data windows, EXR) is `images`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.writing import write_whole
from stmatte.images.palette import palette_indices, palette_png

Picture = NDArray[np.uint8]
"""(H, W, 3), 8-bit RGB."""
Labels = NDArray[np.uint8]
"""(H, W), 0 background, 1... one number per object; 255 where a dataset has one object only."""

PICTURE_ENDINGS = frozenset({".jpg", ".jpeg", ".png"})

SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"


def read_picture(path: Path) -> Picture:
    """Return a picture file as (H, W, 3) uint8 RGB.

    Raises StmatteError, naming the file, if it is missing, cut short or no picture.
    """
    stored = _read(path)
    if stored.startswith(JPEG_START) and JPEG_END not in stored[-64:]:
        _refuse(path, "it ends too early")
    if stored.startswith(SIGNATURE):
        _check_png_end(path, stored)
    picture = _decode(path, stored, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(picture[..., ::-1])


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Return a one-object mask PNG as (H, W) bool: True where any colour is not black.

    Takes grey, palette and colour PNGs alike, as DAVIS-2016 has them.
    Raises StmatteError, naming the file, if it is missing, cut short or no PNG.
    """
    inside = np.asarray(_read_numbers(path), dtype=np.bool_)
    return inside if inside.ndim == 2 else np.any(inside, axis=2)


def read_labels(path: Path) -> Labels:
    """Return the numbers of a label PNG as (H, W) uint8; of a palette PNG the indices.

    Raises StmatteError, naming the file, if it is missing, cut short, no PNG, in colour
    without a palette (then which object is which is unknown), or of more than 8 bits.
    """
    numbers = _read_numbers(path)
    if numbers.ndim == 3:
        if (numbers != numbers[..., :1]).any():
            _refuse(path, "it has colours, but no palette that would number them")
        numbers = numbers[..., 0]
    if numbers.dtype != np.uint8:
        _refuse(path, "it has more than 8 bits")
    return numbers


def write_mask(path: Path, mask: NDArray[np.bool_]) -> None:
    """Write a (H, W) mask as a grey PNG, 0 and 255; whole or not at all.

    Raises StmatteError if the place cannot be written.
    """
    _, encoded = cv2.imencode(".png", mask.astype(np.uint8) * 255)
    write_whole(path, encoded.tobytes())


def write_matte(path: Path, matte: NDArray[np.float32]) -> None:
    """Write a soft matte (H, W) in [0, 1] as a grey PNG of 8 bits; whole or not at all.

    Raises StmatteError if the place cannot be written.
    """
    whole = np.clip(matte * 255 + 0.5, 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".png", whole)
    write_whole(path, encoded.tobytes())


def read_mattes(path: Path) -> NDArray[np.float32]:
    """Return the channels (H, W, C) of a PNG of 8 bits as mattes in [0, 1], red first.

    Alpha is a matte like the others here and multiplies nothing; a grey PNG has one channel.
    Raises StmatteError, naming the file, if it is missing, cut short or no PNG.
    """
    stored = _read(path)
    if not stored.startswith(SIGNATURE):
        _refuse(path, "it is no PNG")
    _check_png_end(path, stored)
    picture = _decode(path, stored, cv2.IMREAD_UNCHANGED)
    if picture.dtype != np.uint8:
        _refuse(path, "it has more than 8 bits")
    channels = picture.reshape(*picture.shape[:2], -1)
    if channels.shape[2] >= 3:
        channels = channels[..., [2, 1, 0, 3][: channels.shape[2]]]
    return np.asarray(channels, np.float32) / np.float32(255)


def write_labels(path: Path, labels: Labels) -> None:
    """Write the numbers of a label picture (H, W) as a palette PNG, in DAVIS's colours.

    Raises StmatteError if the place cannot be written.
    """
    write_whole(path, palette_png(labels))


def _read_numbers(path: Path) -> NDArray[Any]:
    """Return a PNG's stored numbers: (H, W) if grey or palette, else (H, W, 3)."""
    stored = _read(path)
    if not stored.startswith(SIGNATURE):
        _refuse(path, "it is no PNG")
    _check_png_end(path, stored)
    indices = palette_indices(path)
    numbers = _decode(path, stored, cv2.IMREAD_UNCHANGED) if indices is None else indices
    return numbers if numbers.ndim == 2 else numbers[..., :3]


def _check_png_end(path: Path, stored: bytes) -> None:
    """Refuse a PNG whose chunks do not lead to its end mark; decoders fill up with black."""
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = int.from_bytes(stored[at : at + 4], "big"), stored[at + 4 : at + 8]
        at += 12 + length  # length, kind, body, checksum
        if at > len(stored):
            _refuse(path, "it ends too early")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise StmatteError(
            f"File {path} cannot be read: {problem.strerror or problem}", value=str(path)
        ) from problem


def _decode(path: Path, stored: bytes, flags: int) -> NDArray[Any]:
    picture = cv2.imdecode(np.frombuffer(stored, np.uint8), flags) if stored else None
    if picture is None:
        _refuse(path, "it is no picture, or a damaged one")
    return np.asarray(picture)


def _refuse(path: Path, reason: str) -> NoReturn:
    raise StmatteError(
        f"Picture {path} cannot be used: {reason}",
        value=str(path),
        repair="Copy the file again from where it came",
    )
