# SPDX-License-Identifier: Apache-2.0
"""The same mattes as a Cryptomatte: objects picked by name, in any host, from one layer.

In every pixel the objects are ranked by how much of it they cover; a rank is two float
channels, the object's id and its coverage. Two ranks are one RGBA layer. An id is the hash of
the object's own name, so nothing has to be agreed on with who reads it. Ids survive only in
32 bits without loss, therefore the file is float and `zips`, and a file of its own.

It must be a partition: coverage of a pixel sums to 1 at most. Mattes that overlap, as an
artist may draw them, are scaled down together there; the matte files keep them as drawn.

Source: Psyop's Cryptomatte specification, version 1.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import mmh3
import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.exr import write_exr
from stmatte.images.mattes import Windows
from stmatte.images.metadata import Metadata
from stmatte.images.sound import check_mattes
from stmatte.naming import check_object_name

LAYER = "CryptoSTMatte"
"""Name of the layers. Hosts find it in the header, whatever it is. It is not `CryptoObject`,
which renders have: merged into the stream of one, the two would be one layer."""

MOST_LEVELS = 3
"""RGBA layers at most, as renders have by custom: six objects in one pixel."""

ROUNDING = 1e-3
"""Coverage may sum to more than 1 by this: mattes that meet, each rounded to half float."""

_NO_ATTRIBUTES: Mapping[str, str] = {}


def object_id(name: str) -> int:
    """Return the 32 bits that stand for a name; as a float they are a number, never infinite.

    Raises nothing: any text has an id.
    """
    bits = int(mmh3.hash(name, 0, signed=False))
    exponent = bits >> 23 & 0xFF
    return bits ^ 1 << 23 if exponent in (0, 0xFF) else bits


def levels_for(objects: int) -> int:
    """Return how many RGBA layers so many objects need, at most `MOST_LEVELS`.

    It depends on the number of objects in the shot and not on what a frame shows, so that all
    frames of a sequence have the same channels.
    """
    return min(MOST_LEVELS, (objects + 1) // 2)


def ranked(mattes: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the pixels of a Cryptomatte.

    mattes   object name -> (H, W) in [0, 1], all of one size
    returns  (H, W, 4 * levels): id and coverage of rank 0, of rank 1, ...; 0 where no object
             is left. What covers most comes first; of equals the name that sorts first.
             Where more objects meet than there are ranks, the least of them are left out
    """
    names = sorted(mattes)
    ids = np.array([object_id(name) for name in names], np.uint32)
    size = mattes[names[0]].shape
    pixels = np.zeros((*size, 4 * levels_for(len(names))), np.float32)
    objects = np.zeros(size, np.uint16)
    for name, bits in zip(names, ids, strict=True):
        covered = mattes[name] > 0
        objects += covered
        np.copyto(pixels.view(np.uint32)[:, :, 0], bits, where=covered)
        np.copyto(pixels[:, :, 1], mattes[name], where=covered)
    # Nearly every pixel has one object at most and is done; only the others need sorting.
    several = np.nonzero(objects > 1)
    coverage = np.stack([mattes[name][several] for name in names], axis=1)
    pixels[several] = _sorted(coverage, ids, pixels.shape[2])
    return pixels


def write_cryptomatte(
    path: Path,
    mattes: Mapping[str, NDArray[Any]],
    *,
    windows: Windows | None = None,
    pixel_aspect: float = 1.0,
    metadata: Metadata = (),
    attributes: Mapping[str, str] = _NO_ATTRIBUTES,
) -> None:
    """Write the Cryptomatte of one frame, whole or not at all.

    mattes        object name -> (H, W) floating point in [0, 1]: every object of the shot,
                  also one that is not to be seen on this frame
    windows       where the mattes are; None: all that there is is shown. The whole canvas is
                  written: Blender puts a smaller data window in the wrong place
    pixel_aspect  that of the plate
    metadata      what the plate's header says of the shot
    attributes    further words for the header

    Raises StmatteError if a name cannot be an object's, if two names have one id, if a value
    is not in [0, 1], or if the place cannot be written; then nothing is left beside what
    stood there before.
    """
    checked = _checked(mattes, path)
    pixels = ranked(checked)
    height, width, channels = pixels.shape
    windows = windows or Windows.of_size((height, width))
    spec = oiio.ImageSpec(width, height, channels, "float")
    replace(windows, data=windows.canvas).onto(spec)
    spec.channelnames = [f"{LAYER}{i:02}.{c}" for i in range(channels // 4) for c in "RGBA"]
    for entry in metadata:
        spec.attribute(entry.name, entry.kind, entry.value)
    for name, value in sorted({**attributes, **_header(checked)}.items()):
        spec.attribute(name, value)
    spec.attribute("compression", "zips")
    spec.attribute("PixelAspectRatio", float(pixel_aspect))
    write_exr(path, spec, pixels)


def _sorted(
    coverage: NDArray[np.float32], ids: NDArray[np.uint32], channels: int
) -> NDArray[np.float32]:
    """Rank the objects of pixels that have several.

    coverage  (M, N) of N objects in M pixels
    ids       (N,) bits
    returns   (M, channels)
    """
    total = coverage.sum(axis=1, keepdims=True)
    coverage = np.where(total > 1 + ROUNDING, coverage / total, coverage)
    order = np.argsort(-coverage, axis=1, kind="stable")[:, : channels // 2]
    shares = np.take_along_axis(coverage, order, axis=1)
    pixels = np.zeros((len(coverage), channels), np.float32)
    filled = slice(0, 2 * shares.shape[1], 2)
    pixels.view(np.uint32)[:, filled] = np.where(shares > 0, ids[order], 0)
    pixels[:, 1::2][:, : shares.shape[1]] = shares
    return pixels


def _header(mattes: Mapping[str, Any]) -> dict[str, str]:
    """Return what a reader must know: how names became ids, and which ones there are."""
    key = f"{object_id(LAYER):08x}"[:7]
    manifest = {name: f"{object_id(name):08x}" for name in sorted(mattes)}
    return {
        f"cryptomatte/{key}/name": LAYER,
        f"cryptomatte/{key}/hash": "MurmurHash3_32",
        f"cryptomatte/{key}/conversion": "uint32_to_float32",
        f"cryptomatte/{key}/manifest": json.dumps(manifest, separators=(",", ":")),
    }


def _checked(mattes: Mapping[str, NDArray[Any]], path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the mattes as float32, after a look at every name and every value."""
    check_mattes(mattes, path)
    named: dict[int, str] = {}
    for name in mattes:
        other = named.setdefault(object_id(check_object_name(name)), name)
        if other != name:
            raise StmatteError(
                f'Objects "{other}" and "{name}" have the same id in a Cryptomatte',
                value=name,
                allowed="an id is the hash of a name, and these two fall together",
                repair="Rename one of them",
            )
    return {name: np.asarray(matte, np.float32) for name, matte in mattes.items()}
