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

from stmatte.images.contents import MOST_LABELS, Layers, flat_of, layers_of, object_of
from stmatte.images.fitting import Asked, Fit, Matte, fit, in_range
from stmatte.images.raster import Part, PictureFile, open_picture, to_float
from stmatte.images.windows import Box, placed_in
from stmatte.shot import check_object_name

_log = logging.getLogger("stmatte")


def read_key(
    path: Path,
    names: Sequence[str],
    size: tuple[int, int],
    *,
    frame: int | None = None,
    shown: Box | None = None,
) -> dict[str, Matte]:
    """Read what one picture says about the objects.

    names    the objects in the order of the labels; () for object1, object2, ... or for
             the layers of an EXR
    size     (H, W) of the plate's canvas; a key of the same aspect is scaled, with a warning
    frame    the key's frame, for messages
    shown    where the plate's display window lies on the canvas; None is all of it
    returns  object name -> (H, W) float32 in [0, 1], softness kept

    Raises StmatteError if the picture cannot be read, has another aspect than the plate,
    is empty, has more labels than there are names, or holds numbers that are no matte.
    """
    for name in names:
        check_object_name(name)
    subject = "Key" if frame is None else f"Key at frame {frame}"
    asked = Asked(path, tuple(names), f'{subject} "{path.name}"')
    with open_picture(path, subject) as picture:
        fitted = fit(picture.parts[0].display, size, shown, asked)
        layers = _by_object(layers_of(picture))
        mattes = (
            _from_layers(picture, layers, asked, fitted)
            if layers
            else _from_flat(picture, asked, fitted)
        )
    if not any(matte.any() for matte in mattes.values()):
        raise asked.empty()
    return {name: fitted.put(matte) for name, matte in mattes.items()}


def fit_key(
    matte: NDArray[Any],
    name: str,
    frame: int,
    size: tuple[int, int],
    shown: Box | None = None,
) -> Matte:
    """Return a matte that a program keyed, on the plate's canvas and checked like one from a file.

    matte    (H, W) in [0, 1], of the plate's size or its aspect
    size     (H, W) of the plate's canvas
    shown    where the plate's display window lies on the canvas; None is all of it
    returns  (H, W) float32 in [0, 1]

    Raises StmatteError as `read_key`; an empty matte is allowed here: it says "absent".
    """
    subject = f'Key at frame {frame} of object "{name}"'
    asked = Asked(Path(), (name,), subject)
    plane = matte.astype(np.float32) if matte.dtype == bool else to_float(matte)
    if plane.ndim != 2 or 0 in plane.shape:
        raise asked.error(
            f"is an array of shape {plane.shape}", "a matte is (H, W)", value=plane.shape
        )
    box = Box.of_size((plane.shape[0], plane.shape[1]))
    fitted = fit(box, size, shown, asked)
    matte = in_range(plane, "the matte", asked)
    return fitted.put(matte if fitted.window is None else placed_in(matte, box, fitted.window))


def _by_object(layers: Layers) -> Layers:
    """Return object name -> place; of layers that share a name, the first."""
    named: dict[str, tuple[Part, str]] = {}
    for layer, place in layers.items():
        named.setdefault(object_of(layer), place)
    return named


def _from_layers(
    picture: PictureFile, layers: Layers, asked: Asked, fitted: Fit
) -> dict[str, Matte]:
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
        matte = to_float(picture.read(part, [channel], fitted.window)[:, :, 0])
        mattes[check_object_name(name)] = in_range(matte, f'channel "{channel}"', asked)
    return mattes


def _from_flat(picture: PictureFile, asked: Asked, fitted: Fit) -> dict[str, Matte]:
    flat = flat_of(picture, asked, fitted.window)
    return _from_labels(flat.plane, asked) if flat.labels else _from_mask(flat.plane, asked)


def _from_mask(grey: NDArray[Any], asked: Asked) -> dict[str, Matte]:
    if len(asked.names) > 1:
        raise asked.error(
            f"holds one matte, but {len(asked.names)} objects are named",
            "several objects need labels (1, 2, ...) or an EXR with a channel for each",
            "Name one object, or draw the others too",
            len(asked.names),
        )
    name = asked.names[0] if asked.names else "object1"
    return {name: in_range(to_float(grey), "the mask", asked)}


def _from_labels(labels: NDArray[Any], asked: Asked) -> dict[str, Matte]:
    present = [int(label) for label in np.unique(labels) if label]
    most = max(present, default=0)
    if not asked.names and most > MOST_LABELS:
        raise asked.error(
            f"has label {most}",
            f"without names, labels run from 1 to {MOST_LABELS}",
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
