# SPDX-License-Identifier: Apache-2.0
"""What a picture holds that can be a matte: layers, labels, or one plane of numbers.

Knows open pictures and how renderers name channels; nothing of plates, sizes and objects.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.images.fitting import Asked
from stmatte.images.palette import palette_indices
from stmatte.images.raster import Part, PictureFile
from stmatte.images.windows import Box
from stmatte.shot import OBJECT_NAME

MOST_LABELS = 32
"""Largest number of a picture without a palette that is still one of labels."""

_log = logging.getLogger("stmatte")

Layers = Mapping[str, tuple[Part, str]]
"""Name of a layer -> the part and the name of the channel that holds its matte."""


def layers_of(picture: PictureFile) -> Layers:
    """Return every layer that can be an object's matte: it has an alpha, or one channel only."""
    found: dict[str, dict[str, tuple[Part, str]]] = {}
    for part in picture.parts:
        for channel in part.channels:
            layer, dot, short = channel.rpartition(".")
            if not dot and len(picture.parts) > 1 and "R" not in part.channels:
                layer = part.name
            if layer and short.upper() != "Z":  # depth is never a matte
                found.setdefault(layer, {})[short.upper()] = (part, channel)
    layers: dict[str, tuple[Part, str]] = {}
    for layer, channels in found.items():
        matte = channels.get("A") or channels.get("ALPHA")
        if matte is None and len(channels) == 1:
            matte = next(iter(channels.values()))
        if matte is not None:
            layers[layer] = matte
    return layers


def object_of(layer: str) -> str:
    """Return the object's name: Blender's "ViewLayer.hero" is hero."""
    last = layer.rpartition(".")[2]
    return last if OBJECT_NAME.fullmatch(last) else layer


@dataclass(frozen=True)
class Flat:
    """The one plane of numbers in a picture without layers.

    plane    (H, W) as stored: labels, or a soft mask
    labels   the numbers are labels; 255 of a palette ("no matter") is 0 then
    palette  the numbers are indices of a palette
    """

    plane: NDArray[Any]
    labels: bool
    palette: bool = False


def flat_of(picture: PictureFile, asked: Asked, window: Box | None = None) -> Flat:
    """Return the plane of a picture without layers. Raises StmatteError if there is none.

    window  what of it is read; None is its display window
    """
    grey, may_be_labels = _grey(picture, asked, window)
    indices = palette_indices(asked.path)  # only PNG has any, which has one window
    if indices is not None:
        present = set(np.unique(indices).tolist())
        if present <= {0, 255}:
            return Flat(indices, labels=False, palette=True)
        if 255 in present:
            _log.info("%s: label 255 is taken as background", asked.subject)
        return Flat(np.where(indices == 255, 0, indices), labels=True, palette=True)
    if grey is None:
        raise asked.error(
            "is a colour picture",
            f"a {asked.noun} is a label PNG (palette, or grey 0, 1, 2, ...), a grey mask, a "
            "picture with alpha, or an EXR with a channel per object",
            "Render the matte instead of the picture",
        )
    labels = may_be_labels and grey.dtype.kind == "u" and int(grey.max()) <= MOST_LABELS
    return Flat(grey, labels)


def _grey(
    picture: PictureFile, asked: Asked, window: Box | None
) -> tuple[NDArray[Any] | None, bool]:
    """Return the picture's one plane of numbers, and whether these may be labels.

    None in place of the plane says that the picture is coloured.
    """
    part = picture.parts[0]
    names = {name.upper(): name for name in part.channels}
    colour = [names[c] for c in "RGB" if c in names] or [names[c] for c in "Y" if c in names]
    if len(part.channels) == 1 and "Z" not in names:
        return picture.read(part, part.channels, window)[:, :, 0], True
    if not colour:
        raise asked.error(
            "has no matte",
            f"a {asked.noun} has grey, alpha or layers; this one has "
            f"{', '.join(part.channels[:12])}",
            "Render one channel per object, such as hero.A",
            part.channels,
        )
    pixels = picture.read(part, [*colour, names["A"]] if "A" in names else colour, window)
    planes = pixels[:, :, : len(colour)]
    if "A" in names:
        alpha = pixels[:, :, len(colour)]
        full = 1 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max
        if not (alpha == full).all():
            return alpha, False
    if (planes == planes[:, :, :1]).all():
        return planes[:, :, 0], True
    return None, False
