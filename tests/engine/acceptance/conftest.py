# SPDX-License-Identifier: Apache-2.0
"""Deliveries to check: a disc that moves over noise, its mattes as EXR, and what breaks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813
import pytest
from numpy.typing import NDArray

from stmatte.images.stored import StoredMatte, StoredMattes
from stmatte.images.windows import Box

SIZE = (64, 96)
DISPLAY = Box(0, 0, 96, 64)


def stored_of(
    *names: str,
    display: Box = DISPLAY,
    data: Box = DISPLAY,
    pixel_aspect: float = 1.0,
    kind: str = "half",
    compression: str = "zips",
    format: str = "openexr",  # noqa: A002  as OpenImageIO calls it
) -> StoredMattes:
    """Return what a file with these objects says of itself; its mattes are empty."""
    mattes = {
        name: StoredMatte(name, f"{name}.A", kind, data, np.zeros(data.size, np.float32))
        for name in names or ("hero",)
    }
    channels = tuple(sorted(matte.channel for matte in mattes.values()))
    return StoredMattes(format, compression, display, data, pixel_aspect, channels, mattes)


WriteExr = Callable[..., Path]


@pytest.fixture(scope="session")
def write_exr() -> WriteExr:
    return write_exr_file


def write_exr_file(
    path: Path,
    pixels: NDArray[Any],
    channels: Sequence[str] = ("hero.A",),
    *,
    kind: str = "half",
    compression: str = "zips",
    at: tuple[int, int] = (0, 0),
    display: Box | None = None,
    words: dict[str, Any] | None = None,
) -> Path:
    """Write (H, W) or (H, W, C); `at` is where the data window begins."""
    pixels = pixels if pixels.ndim == 3 else np.repeat(pixels[:, :, None], len(channels), axis=2)
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], kind)
    spec.channelnames = tuple(channels)
    spec.x, spec.y = at
    shown = display or Box.of_size(pixels.shape[:2])
    spec.full_x, spec.full_y = shown.x, shown.y
    spec.full_width, spec.full_height = shown.width, shown.height
    spec.attribute("compression", compression)
    for name, value in (words or {}).items():
        spec.attribute(name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    output: Any = oiio.ImageOutput.create("openexr")
    assert output.open(str(path), spec), output.geterror()
    assert output.write_image(np.ascontiguousarray(pixels, np.float32)), output.geterror()
    output.close()
    return path
