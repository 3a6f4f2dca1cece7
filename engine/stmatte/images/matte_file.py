# SPDX-License-Identifier: Apache-2.0
"""One object's matte from a picture: by its channel, by its label, or the only one there is.

`keys.read_key` asks what a picture says about the objects; here somebody said already
where in the picture one object's matte is, and anything else is an error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.contents import MOST_LABELS, Flat, flat_of, layers_of, object_of
from stmatte.images.fitting import Asked, Matte, fit, in_range
from stmatte.images.raster import Part, PictureFile, open_picture, to_float
from stmatte.images.sequences import expand
from stmatte.images.windows import Box
from stmatte.shot import MatteFile


def read_matte(
    file: MatteFile,
    size: tuple[int, int],
    *,
    frame: int,
    object: str,  # noqa: A002  the word of the vocabulary
    key: bool = True,
    shown: Box | None = None,
) -> Matte:
    """Read the matte of one object on one frame.

    file     by channel: its full name ("hero.A"), or that of a layer ("hero") with an alpha
             or a single channel. By label: in a palette PNG, or a grey one of whole numbers
             up to 32. By neither: the only layer, label or mask that the picture holds
    size     (H, W) of the plate's canvas; a matte of the same aspect is scaled, with a warning
    frame    the frame it is for; it replaces #### or %04d in the path
    object   whose matte, for messages
    key      True for a key, in which the object must be seen; False for a locked frame,
             whose matte may be empty
    shown    where the plate's display window lies on the canvas; None is all of it
    returns  (H, W) float32 in [0, 1], softness kept

    Raises StmatteError if the picture cannot be read, has another aspect than the plate,
    hasn't that channel or label, holds several mattes where none of them was named, holds
    numbers that are no matte, or if a key is empty.
    """
    noun = "key" if key else "lock"
    whose = f'at frame {frame} of object "{object}"'
    path = matte_path(file, frame)
    asked = Asked(path, (object,), f'{noun.capitalize()} "{path.name}" {whose}', noun)
    with open_picture(path, f"{noun.capitalize()} {whose}") as picture:
        part, channel = _place(picture, file, asked)
        fitted = fit(part.display, size, shown, asked)
        if channel:
            plane = to_float(picture.read(part, [channel], fitted.window)[:, :, 0])
            matte = in_range(plane, f'channel "{channel}"', asked)
        else:
            flat = flat_of(picture, asked, fitted.window)
            matte = _of_label(flat, file.label, asked) if file.label else _only(flat, asked)
    if key and not matte.any():
        raise asked.empty()
    return fitted.put(matte)


def matte_path(file: MatteFile, frame: int) -> Path:
    """Return the picture in which the matte for `frame` lies; it need not be there.

    A path without a place for the frame number, or of a file that is there, is that file.
    """
    path = Path(file.path)
    if not path.is_file():
        with suppress(StmatteError):  # there is no place for the number
            return expand(file.path, frame)
    return path


def _place(picture: PictureFile, file: MatteFile, asked: Asked) -> tuple[Part, str]:
    """Return the part and the channel of a matte; "" where it is the picture's plane itself."""
    if file.label:
        return picture.parts[0], ""
    if file.channel:
        return _of_channel(picture, file.channel, asked)
    layers = layers_of(picture)
    if len(layers) > 1:
        raise asked.error(
            f"holds {len(layers)} mattes, and nobody said which one is meant",
            f"its layers are {_some(list(layers))}",
            f'Name the channel, such as "{next(iter(layers.values()))[1]}"',
            tuple(layers),
        )
    return next(iter(layers.values()), (picture.parts[0], ""))


def _of_channel(picture: PictureFile, wanted: str, asked: Asked) -> tuple[Part, str]:
    named = list(_channels(picture))
    found = [(part, channel) for name, part, channel in named if wanted in (name, channel)]
    found = found or [
        place for layer, place in layers_of(picture).items() if wanted in (layer, object_of(layer))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        several = [name for name, *place in named if tuple(place) in found]
        raise asked.error(
            f'has several channels that are "{wanted}"',
            f"they are {_some(several)}",
            "Give the full name of one of them",
            tuple(several),
        )
    names = [name for name, *_ in named]
    near = difflib.get_close_matches(wanted, names, 1)
    within = [name for name in names if name.startswith(f"{wanted}.")]
    raise asked.error(
        f'has several channels in layer "{wanted}", and none is alpha'
        if within
        else f'has no channel "{wanted}"',
        f"its channels are {_some(within or names)}",
        f'Write "{near[0]}"' if near and not within else "Name one of them",
        tuple(names),
    )


def _channels(picture: PictureFile) -> Iterator[tuple[str, Part, str]]:
    """Yield every channel: its full name, its part, and its name within the part."""
    for part in picture.parts:
        for channel in part.channels:
            layer = part.name and "." not in channel and len(picture.parts) > 1
            yield f"{part.name}.{channel}" if layer else channel, part, channel


def _of_label(flat: Flat, label: int, asked: Asked) -> Matte:
    if not (flat.labels or flat.palette):
        raise asked.error(
            "holds no labels",
            "labels are a palette PNG, or a grey picture of whole numbers up to "
            f"{MOST_LABELS}; this is a mask",
            "Leave the label out, or give the picture of labels",
            label,
        )
    labels = flat.plane if flat.labels else np.zeros_like(flat.plane)  # 255 alone: no matter
    present = _present(labels)
    if label not in present and asked.noun == "key":
        raise asked.error(
            f"has no label {label}",
            f"its labels are {_some(present) or 'all 0'}",
            "Correct the label, or say that the object is absent",
            label,
        )
    return np.asarray(labels == label, np.float32)


def _only(flat: Flat, asked: Asked) -> Matte:
    if not flat.labels:
        return in_range(to_float(flat.plane), "the mask", asked)
    present = _present(flat.plane)
    if len(present) > 1:
        raise asked.error(
            f"holds {len(present)} labels, and nobody said which one is meant",
            f"its labels are {_some(present)}",
            "Give the label",
            tuple(present),
        )
    return np.asarray(flat.plane > 0, np.float32)


def _present(labels: NDArray[Any]) -> list[int]:
    return [int(label) for label in np.unique(labels) if label]


def _some(names: Sequence[object]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(str(name) for name in names[:12]) + more
