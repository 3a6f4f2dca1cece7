# SPDX-License-Identifier: Apache-2.0
"""Which channels of a picture show the plate.

Most pictures have R, G and B, and that is it. Renders and comps have dozens of channels in
layers; then a layer that is named as the picture itself is taken, or the only one with
colours, or the one that a person names. Knows names, no pixels.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from stmatte.errors import StmatteError
from stmatte.images.raster import Part, PictureFile

Channels = tuple[str, ...]
"""Three names, of red, green and blue; or one, of a grey picture."""

_THE_PICTURE = ("rgba", "rgb", "combined", "beauty", "color", "colour", "main")
_GREY = ("Y", "LUMINANCE", "I")
_MOST_LISTED = 12


def plate_channels(picture: PictureFile, frame: int, layer: str = "") -> tuple[Part, Channels]:
    """Return the part of a picture that shows the plate, and its channels.

    frame  for messages
    layer  a layer, a part or a single channel by its name; "" chooses: R, G and B outside of
           any layer, else of the layer that is named as the picture is ("Combined", "beauty"),
           else of the only layer that has colours, else luminance

    Raises StmatteError if there is no such layer, nothing to be seen, or a choice to be made.
    """
    if layer:
        return _named(picture, frame, layer)
    for part in picture.parts:
        if found := _colours(part.channels, ""):
            return part, found
    layers = dict(_layers(picture))
    for name in layers:
        if name.rpartition(".")[2].casefold() in _THE_PICTURE:
            return layers[name]
    if len(layers) > 1:
        raise StmatteError(
            f"Plate frame {frame} has {len(layers)} layers with colours, and nobody said which "
            "one is meant",
            value=tuple(layers),
            allowed=f"they are {_some(layers)}",
            repair="Name one of them with --layer",
        )
    if layers:
        return next(iter(layers.values()))
    for part in picture.parts:
        for name in part.channels:
            if name.rpartition(".")[2].upper() in _GREY:
                return part, (name,)
    for part in picture.parts:
        if part.channels in (("R",), ("channel0",)):
            return part, part.channels
    names = _all(picture)
    raise StmatteError(
        f"Plate frame {frame} has no colour",
        value=names,
        allowed=f"a plate has channels R, G, B or Y, alone or in a layer; this one has "
        f"{_some(names)}",
        repair="Render the plate with colour channels, or name a channel with --layer",
    )


def _named(picture: PictureFile, frame: int, layer: str) -> tuple[Part, Channels]:
    wanted = layer.casefold()
    for name, colours in _layers(picture):
        if wanted in (name.casefold(), name.rpartition(".")[2].casefold()):
            return colours
    for part in picture.parts:
        if part.name.casefold() == wanted and (found := _colours(part.channels, "")):
            return part, found
        for channel in part.channels:
            inside = channel.casefold() == wanted
            alone = [c for c in part.channels if c.casefold().startswith(f"{wanted}.")]
            if inside or alone == [channel]:
                return part, (channel,)
    names = tuple(dict.fromkeys((*(name for name, _ in _layers(picture)), *_all(picture))))
    near = difflib.get_close_matches(layer, names, 1)
    raise StmatteError(
        f'Plate frame {frame} has no layer "{layer}"',
        value=layer,
        allowed=f"it has {_some(names)}",
        repair=f'Write "{near[0]}"' if near else "Name one of them, or leave the layer out",
    )


def _layers(picture: PictureFile) -> Iterator[tuple[str, tuple[Part, Channels]]]:
    """Yield every layer with colours: its name, its part and their names."""
    seen: set[str] = set()
    for part in picture.parts:
        for channel in part.channels:
            name = channel.rpartition(".")[0]
            found = _colours(part.channels, f"{name}.") if name else ()
            if found and name not in seen:
                seen.add(name)
                yield name, (part, found)


def _colours(channels: tuple[str, ...], layer: str) -> Channels:
    """Return the names of the layer's R, G and B, or () if it has not all three."""
    by_name = {name.lower(): name for name in reversed(channels)}
    for names in (("r", "g", "b"), ("red", "green", "blue")):
        found = tuple(by_name.get((layer + name).lower(), "") for name in names)
        if all(found):
            return found
    return ()


def _all(picture: PictureFile) -> tuple[str, ...]:
    return tuple(name for part in picture.parts for name in part.channels)


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _MOST_LISTED} more" if len(every) > _MOST_LISTED else ""
    return ", ".join(every[:_MOST_LISTED]) + more
