# SPDX-License-Identifier: Apache-2.0
"""Image data-blocks that show a sequence of the engine's, and what stands in before it is there.

Blender knows an image's layers only from a file. So an image is made from a small file with the
right layers, and is that file for a moment whenever links are made to layers that no file has
yet. Knows no node.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from .exr_header import blank

CRYPTO = "CryptoSTMatte"
"""The layers of the engine's Cryptomatte."""


def sequence(image: Any, name: str, path: str, layers: Sequence[str] = ()) -> Any:
    """Return the image of a sequence, with that path; it is made where there is none.

    layers  of the mattes; none for a Cryptomatte
    """
    if image is None:
        with tempfile.TemporaryDirectory() as folder:
            image = bpy.data.images.load(str(_blank(Path(folder), layers)))
            image.name = name
            image.colorspace_settings.name = "Non-Color"
            image.source = "SEQUENCE"
            image.filepath = path
    if path and image.filepath != path:
        image.filepath = path
    return image


@contextmanager
def stand_in(image: Any, layers: Sequence[str]) -> Iterator[None]:
    """Have an image be a small file with these layers for a while; of a Cryptomatte without."""
    path = image.filepath
    with tempfile.TemporaryDirectory() as folder:
        try:
            image.source = "FILE"
            image.filepath = str(_blank(Path(folder), layers))
            image.reload()
            yield
        finally:
            image.source = "SEQUENCE"
            image.filepath = path
            image.reload()


def _blank(folder: Path, layers: Sequence[str]) -> Path:
    """Write a file of one pixel with these layers, or a Cryptomatte of no object."""
    path = folder / "matte.0001.exr"
    if layers:
        whole = blank([f"{layer}.V" for layer in layers], (1, 1), {})
    else:
        channels = [f"{CRYPTO}00.{channel}" for channel in "RGBA"]
        key = "cryptomatte/0000000"
        words = {f"{key}/name": CRYPTO, f"{key}/manifest": "{}"}
        words |= {f"{key}/hash": "MurmurHash3_32", f"{key}/conversion": "uint32_to_float32"}
        whole = blank(channels, (1, 1), words, fine=True)
    path.write_bytes(whole)
    return path
