# SPDX-License-Identifier: Apache-2.0
"""Pictures to test with, written by OpenImageIO or byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from numpy.typing import NDArray

WritePicture = Callable[..., Path]


@pytest.fixture(scope="session")
def write_picture() -> WritePicture:
    return _write_picture


def _write_picture(
    path: Path,
    pixels: NDArray[Any],
    *,
    channels: tuple[str, ...] = (),
    kind: str = "",
    window: tuple[int, int, int, int] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Path:
    """Write (H, W, C) pixels; `window` is (x, y, W, H) of the display window."""
    pixels = pixels if pixels.ndim == 3 else pixels[:, :, None]
    kind = kind or {"f": "half"}.get(pixels.dtype.kind, str(pixels.dtype))
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    if channels:
        spec.channelnames = channels
    if window:
        spec.full_x, spec.full_y, spec.full_width, spec.full_height = window
    for name, value in (attributes or {}).items():
        spec.attribute(name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels)), output.geterror()
    output.close()
    return path


@pytest.fixture(scope="session")
def write_palette_png() -> Callable[..., Path]:
    return _write_palette_png


def _write_palette_png(
    path: Path, indices: NDArray[np.uint8], *, depth: int = 8, colours: int = 256
) -> Path:
    """Write a palette PNG in which every second label has the colour of its neighbour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = kind + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b""
    for row in indices:
        bits = "".join(format(index, f"0{depth}b") for index in row)
        bits += "0" * (-len(bits) % 8)
        rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    height, width = indices.shape
    colours = min(colours, 2**depth)
    palette = bytes(c for i in range(colours) for c in (i // 2 * 40 % 256, i // 2 * 90 % 256, 7))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 3, 0, 0, 0))
        + chunk(b"PLTE", palette)
        + chunk(b"tRNS", bytes([0]))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


@pytest.fixture(scope="session")
def write_video() -> Callable[..., Path]:
    return _write_video


def _write_video(path: Path, frames: int) -> Path:
    """Write frames of 64 x 48 whose red is 10 times the frame number, counted from 1."""
    code = {".avi": "MJPG"}.get(path.suffix, "mp4v")
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 24, (64, 48))
    if not video.isOpened():
        pytest.skip("this OpenCV cannot write a video to test with")
    for frame in range(1, frames + 1):
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:, :, 2] = frame * 10
        video.write(picture)
    video.release()
    return path


@pytest.fixture(scope="session")
def write_parts() -> Callable[..., Path]:
    return _write_parts


def _write_parts(path: Path, *parts: tuple[str, tuple[str, ...], float], size: Any) -> Path:
    """Write a multi-part EXR; each part has a name, channels and one value for all pixels."""
    specs = []
    for name, channels, _ in parts:
        spec = oiio.ImageSpec(size[1], size[0], len(channels), "half")
        spec.channelnames = channels
        spec.attribute("oiio:subimagename", name)
        specs.append(spec)
    output = oiio.ImageOutput.create("openexr")
    assert output.open(str(path), tuple(specs))
    for index, (spec, (_, channels, value)) in enumerate(zip(specs, parts, strict=True)):
        if index:
            assert output.open(str(path), spec, "AppendSubimage")
        assert output.write_image(np.full((*size, len(channels)), value, np.float32))
    output.close()
    return path
