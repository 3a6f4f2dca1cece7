# SPDX-License-Identifier: Apache-2.0
"""A key: the mattes that an artist gives on one frame, from one picture.

Three kinds of pictures are keys, told apart by what they hold:

labels  integer picture whose largest number is at most 32, or a palette PNG: 0 is
        background, 1 to n are objects. In a palette, 255 beside labels means "no matter"
        (COCO, VOC) and counts as background.
mask    one soft matte: grey, or alpha where it is not 1 everywhere. Any integer picture
        with larger numbers, and any floating point one. 0 and 255 alone are a mask.
layers  EXR with one channel per object, `hero.A`, `car.V` (or a part of that name), or a
        layer with an alpha; the layer's name is the object's.

A key speaks only for objects that it shows: a name without its label or layer is left out
of the result. A layer that is there and is 0 everywhere says that its object is absent.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.geometry import to_plate, to_working
from stmatte.images.palette import palette_indices
from stmatte.images.raster import Part, PictureFile, open_picture, to_float
from stmatte.shot import OBJECT_NAME, check_object_name

Matte = NDArray[np.float32]

_log = logging.getLogger("stmatte")

_MOST_LABELS = 32
_ROUNDING = 1e-3  # so far outside [0, 1] nobody needs to know
_OVERSHOOT = 0.1  # so far a sharpening filter goes; beyond, the picture is no matte


def read_key(
    path: Path, names: Sequence[str], size: tuple[int, int], *, frame: int | None = None
) -> dict[str, Matte]:
    """Read what one picture says about the objects.

    names    the objects in the order of the labels; () for object1, object2, ... or for
             the layers of an EXR
    size     (H, W) of the plate; a key of the same aspect is scaled to it, with a warning
    frame    the key's frame, for messages
    returns  object name -> (H, W) float32 in [0, 1], softness kept

    Raises StmatteError if the picture cannot be read, has another aspect than the plate,
    is empty, has more labels than there are names, or holds numbers that are no matte.
    """
    for name in names:
        check_object_name(name)
    subject = "Key" if frame is None else f"Key at frame {frame}"
    asked = _Asked(path, tuple(names), f'{subject} "{path.name}"')
    with open_picture(path, subject) as picture:
        _check_aspect(picture.parts[0].size, size, asked)
        layers = _layers(picture)
        mattes = _from_layers(picture, layers, asked) if layers else _from_flat(picture, asked)
    if not any(matte.any() for matte in mattes.values()):
        raise StmatteError(
            f"{asked.subject} is empty",
            value=str(path),
            allowed="a key holds at least one pixel that is not 0",
            repair="Draw the object, or choose a frame where it is seen",
        )
    return {name: _to_size(matte, size) for name, matte in mattes.items()}


def fit_key(matte: NDArray[Any], name: str, frame: int, size: tuple[int, int]) -> Matte:
    """Return a matte that a program keyed, in the plate's size and checked like one from a file.

    matte    (H, W) in [0, 1], of the plate's size or its aspect
    returns  (H, W) float32 in [0, 1]

    Raises StmatteError as `read_key`; an empty matte is allowed here: it says "absent".
    """
    subject = f'Key at frame {frame} of object "{name}"'
    asked = _Asked(Path(), (name,), subject)
    plane = matte.astype(np.float32) if matte.dtype == bool else to_float(matte)
    if plane.ndim != 2 or 0 in plane.shape:
        raise asked.error(
            f"is an array of shape {plane.shape}", "a matte is (H, W)", value=plane.shape
        )
    _check_aspect((plane.shape[0], plane.shape[1]), size, asked)
    return _to_size(_in_range(plane, "the matte", asked), size)


class _Asked:
    """What the caller wants from a key, and how its errors begin."""

    def __init__(self, path: Path, names: tuple[str, ...], subject: str):
        self.path = path
        self.names = names
        self.subject = subject

    def error(
        self, what: str, allowed: str, repair: str = "", value: object = None
    ) -> StmatteError:
        return StmatteError(f"{self.subject} {what}", value=value, allowed=allowed, repair=repair)


# --- layers ---------------------------------------------------------------------------

_Layers = dict[str, tuple[Part, str]]


def _layers(picture: PictureFile) -> _Layers:
    """Return layer -> (part, channel) of every layer that can be an object's matte."""
    found: dict[str, dict[str, tuple[Part, str]]] = {}
    for part in picture.parts:
        for channel in part.channels:
            layer, dot, short = channel.rpartition(".")
            if not dot and len(picture.parts) > 1 and "R" not in part.channels:
                layer = part.name
            if layer and short.upper() != "Z":  # depth is never a matte
                found.setdefault(layer, {})[short.upper()] = (part, channel)
    layers: _Layers = {}
    for layer, channels in found.items():
        matte = channels.get("A") or channels.get("ALPHA")
        if matte is None and len(channels) == 1:
            matte = next(iter(channels.values()))
        if matte is not None:
            layers.setdefault(_object_name(layer), matte)
    return layers


def _object_name(layer: str) -> str:
    """Return the object's name: Blender's "ViewLayer.hero" is hero."""
    last = layer.rpartition(".")[2]
    return last if OBJECT_NAME.fullmatch(last) else layer


def _from_layers(picture: PictureFile, layers: _Layers, asked: _Asked) -> dict[str, Matte]:
    wanted = {name: name for name in asked.names or layers if name in layers}
    if not wanted and len(layers) == len(asked.names) == 1:
        wanted = {asked.names[0]: next(iter(layers))}
        _log.info("%s: layer %s is taken as %s", asked.subject, next(iter(layers)), asked.names[0])
    if not wanted:
        raise asked.error(
            f"shows none of the objects {', '.join(asked.names)}",
            f"its layers are {', '.join(layers)}",
            "Name its layers with --object",
            tuple(layers),
        )
    mattes = {}
    for name, layer in wanted.items():
        part, channel = layers[layer]
        matte = to_float(picture.read(part, [channel])[:, :, 0])
        mattes[check_object_name(name)] = _in_range(matte, f'channel "{channel}"', asked)
    return mattes


# --- one picture ----------------------------------------------------------------------


def _from_flat(picture: PictureFile, asked: _Asked) -> dict[str, Matte]:
    grey, may_be_labels = _grey(picture, asked)
    indices = palette_indices(asked.path)
    if indices is not None:
        present = set(np.unique(indices).tolist())
        if present <= {0, 255}:
            return _from_mask(indices, asked)
        if 255 in present:
            _log.info("%s: label 255 is taken as background", asked.subject)
        return _from_labels(np.where(indices == 255, 0, indices), asked)
    if grey is None:
        raise asked.error(
            "is a colour picture",
            "a key is a label PNG (palette, or grey 0, 1, 2, ...), a grey mask, a picture "
            "with alpha, or an EXR with a channel per object",
            "Render the matte instead of the picture",
        )
    if may_be_labels and grey.dtype.kind == "u" and int(grey.max()) <= _MOST_LABELS:
        return _from_labels(grey, asked)
    return _from_mask(grey, asked)


def _grey(picture: PictureFile, asked: _Asked) -> tuple[NDArray[Any] | None, bool]:
    """Return the picture's one plane of numbers, and whether these may be labels.

    None in place of the plane says that the picture is coloured.
    """
    part = picture.parts[0]
    names = {name.upper(): name for name in part.channels}
    colour = [names[c] for c in "RGB" if c in names] or [names[c] for c in "Y" if c in names]
    if len(part.channels) == 1 and "Z" not in names:
        return picture.read(part, part.channels)[:, :, 0], True
    if not colour:
        raise asked.error(
            "has no matte",
            f"a key has grey, alpha or layers; this one has {', '.join(part.channels[:12])}",
            "Render one channel per object, such as hero.A",
            part.channels,
        )
    pixels = picture.read(part, [*colour, names["A"]] if "A" in names else colour)
    planes = pixels[:, :, : len(colour)]
    if "A" in names:
        alpha = pixels[:, :, len(colour)]
        full = 1 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max
        if not (alpha == full).all():
            return alpha, False
    if (planes == planes[:, :, :1]).all():
        return planes[:, :, 0], True
    return None, False


def _from_mask(grey: NDArray[Any], asked: _Asked) -> dict[str, Matte]:
    if len(asked.names) > 1:
        raise asked.error(
            f"holds one matte, but {len(asked.names)} objects are named",
            "several objects need labels (1, 2, ...) or an EXR with a channel for each",
            "Name one object, or draw the others too",
            len(asked.names),
        )
    name = asked.names[0] if asked.names else "object1"
    return {name: _in_range(to_float(grey), "the mask", asked)}


def _from_labels(labels: NDArray[Any], asked: _Asked) -> dict[str, Matte]:
    present = [int(label) for label in np.unique(labels) if label]
    most = max(present, default=0)
    if not asked.names and most > _MOST_LABELS:
        raise asked.error(
            f"has label {most}",
            f"without names, labels run from 1 to {_MOST_LABELS}",
            "Save a soft mask as a grey picture without a palette, or name the objects",
            most,
        )
    names = asked.names or tuple(f"object{label}" for label in range(1, most + 1))
    if most > len(names):
        raise asked.error(
            f"has label {most}, but only {len(names)} "
            f"{'object is' if len(names) == 1 else 'objects are'} named",
            f"labels run from 1 to the number of names ({', '.join(names)})",
            "Name every label with --object, in the order of the labels",
            most,
        )
    return {names[label - 1]: (labels == label).astype(np.float32) for label in present}


# --- numbers and size -----------------------------------------------------------------


def _in_range(matte: Matte, where: str, asked: _Asked) -> Matte:
    """Return the matte in [0, 1]; a filter's overshoot is clamped, anything else is an error."""
    low, high = float(matte.min()), float(matte.max())
    if not (low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT):  # NaN fails both
        raise asked.error(
            f"runs from {low:g} to {high:g} in {where}",
            "every number of a matte is in [0, 1]",
            "Clamp it, or render the matte instead of another channel",
            (low, high),
        )
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        _log.warning(
            "%s runs from %.3f to %.3f in %s and is clamped", asked.subject, low, high, where
        )
    return np.ascontiguousarray(np.clip(matte, 0, 1))


def _check_aspect(key: tuple[int, int], plate: tuple[int, int], asked: _Asked) -> None:
    """Let a key pass whose aspect is the plate's to within a pixel of the smaller one."""
    if key == plate:
        return
    (h, w), (height, width) = sorted([key, plate])
    is_, want = f"{key[1]}x{key[0]}", f"{plate[1]}x{plate[0]}"
    if abs(w - width * h / height) > 1:
        raise StmatteError(
            f"{asked.subject} is {is_}, the plate is {want}",
            value=key,
            allowed="a key has the plate's size, or its aspect",
            repair="Render the key through the plate's Reformat",
        )
    _log.warning("%s is %s and is scaled to the plate's %s", asked.subject, is_, want)


def _to_size(matte: Matte, size: tuple[int, int]) -> Matte:
    if matte.shape == size:
        return matte
    smaller = size[0] <= matte.shape[0] and size[1] <= matte.shape[1]
    return np.clip(to_working(matte, size), 0, 1) if smaller else to_plate(matte, size)
