# SPDX-License-Identifier: Apache-2.0
"""One file of mattes as anybody may have written it: how it is stored, and what it holds.

Reads mattes of other programs, too, and judges nothing. Channels are taken for mattes as in
keys: a layer with an alpha or a single channel. Without layers it is the picture's alpha, its
only channel, or each of R, G and B. A Cryptomatte and the layer that says how doubtful
mattes are hold none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.images.contents import layers_of
from stmatte.images.raster import Part, PictureFile, open_picture, to_float
from stmatte.images.windows import Box, placed_in

DOUBT = "uncertainty"
"""Layer of ours that is no matte."""

_CRYPTOMATTE = re.compile(r"cryptomatte/[^/]+/name")


@dataclass(frozen=True)
class StoredMatte:
    """One matte of a file.

    layer    the layer's name; "" where it is a channel of the picture itself
    channel  the channel's name, with its layer's
    kind     of the numbers: "half", "float", "uint8" and so on
    box      the data window of the part that it lies in
    pixels   (H, W) float32 of that box
    """

    layer: str
    channel: str
    kind: str
    box: Box
    pixels: NDArray[np.float32]

    def on(self, window: Box) -> NDArray[np.float32]:
        """Return the matte as another window has it: 0 where it has no pixels."""
        return placed_in(self.pixels, self.box, window)


@dataclass(frozen=True)
class StoredMattes:
    """What a file of mattes is.

    format        the file format, such as "openexr"
    compression   such as "zips", "" where the format has none to choose
    display       the display window of its first part
    data          the data window of its first part
    pixel_aspect  width of a pixel over its height
    channels      names of all channels, sorted
    mattes        object name -> its matte
    """

    format: str
    compression: str
    display: Box
    data: Box
    pixel_aspect: float
    channels: tuple[str, ...]
    mattes: Mapping[str, StoredMatte]


def read_stored(path: Path, subject: str) -> StoredMattes:
    """Read a file of mattes to its last line.

    subject   what it is to the person, such as "Matte frame 1042"

    Raises StmatteError if it cannot be read as a whole.
    """
    header = _header(path)
    with open_picture(path, subject) as picture:
        first = picture.parts[0]
        mattes: dict[str, StoredMatte] = {}
        for part, found in _by_part(picture, header.cryptomattes).items():
            pixels = to_float(picture.read(part, [channel for _, channel in found], part.data))
            for index, (layer, channel) in enumerate(found):
                name = layer or channel
                kind = header.kinds.get((part.index, channel), "")
                plane = np.ascontiguousarray(pixels[:, :, index])
                mattes[name] = StoredMatte(
                    layer, _full(part, layer, channel), kind, part.data, plane
                )
        return StoredMattes(
            first.tags.kind,
            header.compression,
            first.display,
            first.data,
            first.pixel_aspect,
            tuple(sorted(_full(p, "", c) for p in picture.parts for c in p.channels)),
            mattes,
        )


def _full(part: Part, layer: str, channel: str) -> str:
    """Return a channel's name with its layer's, which may be the name of the part."""
    if layer and "." not in channel:
        return f"{layer}.{channel}"
    return channel if "." in channel or not part.name or layer else f"{part.name}.{channel}"


Found = list[tuple[str, str]]
"""(layer, channel) of each matte in a part."""


def _by_part(picture: PictureFile, cryptomattes: tuple[str, ...]) -> dict[Part, Found]:
    found: dict[Part, Found] = {}
    layers = {
        layer: place
        for layer, place in layers_of(picture).items()
        if layer != DOUBT and not any(re.fullmatch(rf"{c}\d*", layer) for c in cryptomattes)
    }
    for layer, (part, channel) in layers.items():
        found.setdefault(part, []).append((layer, channel))
    if not layers:
        for channel in _plain(picture.parts[0].channels):
            found.setdefault(picture.parts[0], []).append(("", channel))
    return found


def _plain(channels: tuple[str, ...]) -> Iterator[str]:
    """Yield the channels of a picture without layers that are mattes."""
    plain = [name for name in channels if "." not in name]
    alphas = [name for name in plain if name.casefold() in ("a", "alpha")]
    if alphas or len(plain) == 1:
        yield from (alphas or plain)[:1]
    else:
        yield from (name for name in plain if name.upper() in ("R", "G", "B"))


@dataclass(frozen=True)
class _Header:
    compression: str
    kinds: Mapping[tuple[int, str], str]
    cryptomattes: tuple[str, ...]


def _header(path: Path) -> _Header:
    """Return what OpenImageIO tells of a file beyond its parts; nothing if it cannot."""
    oiio.geterror()
    source = oiio.ImageInput.open(str(path))
    if source is None:
        oiio.geterror()
        return _Header("", {}, ())
    kinds: dict[tuple[int, str], str] = {}
    cryptomattes: list[str] = []
    compressions: list[str] = []
    try:
        index = 0
        while source.seek_subimage(index, 0):
            spec = source.spec()
            each: Any = spec.channelformats or (spec.format,) * spec.nchannels
            for name, kind in zip(spec.channelnames, each, strict=True):
                kinds[index, name] = str(kind)
            compressions.append(spec.get_string_attribute("compression", ""))
            cryptomattes += [
                re.escape(str(word.value))
                for word in spec.extra_attribs
                if _CRYPTOMATTE.fullmatch(str(word.name))
            ]
            index += 1
        source.geterror()
    finally:
        source.close()
    return _Header(compressions[0] if compressions else "", kinds, tuple(cryptomattes))
