# SPDX-License-Identifier: Apache-2.0
"""Which colour space a plate is in, and from there to another: OpenColorIO, by OpenImageIO.

The config is that of $OCIO, else the studio config that OpenColorIO carries. Colour spaces
are kept by their interop name where they have one (`lin_ap1_scene`), since configs of
several ages call the same space by several names. Plain sRGB needs no config at all.

OpenImageIO takes the config from the environment once, when it first needs it. To name one
with every call would build it anew each time, which takes longer than the conversion.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio  # noqa: N813  the name that all its documents use
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.raster import ColourTags

SRGB = "srgb_rec709_scene"
"""What screens show and most pictures with whole numbers are in."""

LINEAR = "lin_rec709_scene"
"""Light itself, with the primaries of sRGB."""

AS_IT_IS = "data"
"""Numbers that are shown as they are."""

DEFAULT_CONFIG = "ocio://studio-config-latest"

_WHITES = {  # x, y of red, green, blue and white
    "lin_ap1_scene": (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767),
    "lin_ap0_scene": (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767),
    LINEAR: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
}
_ROUNDING = 2e-3  # so far chromaticities may be from those that are published

_FILM = ("dpx", "cineon")
_VIDEO = ("ITU-R 709-4", "SMPTE 274M", "ITU-R 601-5 system B or G", "ITU-R 601-5 system M")


@dataclass(frozen=True)
class ColourSpace:
    """The colour space of a plate.

    name     by which the config knows it
    why      how it is known, as a part of a sentence: "as its files say"
    guessed  nobody said it: it is what is usual for the type of file
    """

    name: str
    why: str
    guessed: bool = False


def find_space(name: str) -> str:
    """Return the name under which a colour space is kept.

    name  as a person writes it: a name, an alias or a role of the config, in any case

    Raises StmatteError, with the nearest names, if the config has no such space.
    """
    if name.casefold() in ("srgb", SRGB):
        return SRGB
    config = _config()
    found = config.resolve(name)
    if not name or config.getColorSpaceIndex(found) < 0:
        near = difflib.get_close_matches(name.casefold(), _names(), 3, 0.4)
        raise StmatteError(
            f'Colour space "{name}" is not in the OCIO config',
            value=name,
            allowed=f"the config {config.configname() or os.environ['OCIO']} has "
            f"{config.getNumColorSpaces()} spaces"
            + (f"; the nearest are {_listed(near)}" if near else ""),
            repair="Correct the name, or point $OCIO at the config of the show",
        )
    if config.isData(found):
        return AS_IT_IS
    interop = config.get_color_interop_id(found)
    return str(interop if interop and config.resolve(interop) == found else found)


def space_of(tags: ColourTags, path: str) -> ColourSpace:
    """Return the colour space of a file that nobody named.

    What the file says counts first, then what its name says by the config's rules, then
    what is usual for its type: scene-linear for floating point numbers, log for DPX and
    Cineon, sRGB for all others.

    Raises StmatteError if the type's usual space is not in the config.
    """
    if tagged := _tagged(tags):
        return tagged
    if not tags.floating and tags.kind not in _FILM:
        return ColourSpace(SRGB, "as pictures with whole numbers are", guessed=True)
    config = _config()
    named = config.getColorSpaceFromFilepath(path)
    if not config.filepathOnlyMatchesDefaultRule(path) and config.getColorSpaceIndex(named) >= 0:
        return ColourSpace(find_space(named), "as its name says")
    if tags.floating:
        return ColourSpace(_role("scene_linear"), "as floating point pictures are", guessed=True)
    if tags.transfer in _VIDEO:
        return ColourSpace(SRGB, f"as its transfer, {tags.transfer}, says")
    if tags.transfer == "Linear":
        return ColourSpace(_role("scene_linear"), "as its transfer, Linear, says")
    return ColourSpace(_role("compositing_log"), "as DPX and Cineon are log", guessed=True)


@cache
def is_scene_referred(space: str) -> bool:
    """Return whether numbers of a space are light, or the logarithm of light.

    Such numbers have no white: the same scene may be brighter or darker by stops. It is asked
    for every piece of every frame, and the config of a process never changes.
    """
    if space in (SRGB, AS_IT_IS):
        return False
    if space == LINEAR or _config().isColorSpaceLinear(space):
        return True
    one = convert(np.ones((1, 1, 3), np.float32), space, LINEAR)
    return bool(one.max() > 2)  # a display's largest number is white; a log's is far above


def convert(pixels: NDArray[np.float32], space: str, to: str) -> NDArray[np.float32]:
    """Return a picture in another colour space.

    pixels   (H, W, 3) float32
    returns  (H, W, 3) float32, not clamped

    Raises StmatteError if the config cannot do that.
    """
    if space == to:
        return pixels
    _config()
    # with a fourth channel OpenImageIO is twice as fast as with three
    four = np.ones((*pixels.shape[:2], 4), np.float32)
    four[:, :, :3] = pixels
    done = oiio.ImageBufAlgo.colorconvert(oiio.ImageBuf(four), space, to, unpremult=False)
    if done.has_error or done.spec().width != pixels.shape[1]:
        raise StmatteError(
            f'The OCIO config cannot bring "{space}" to "{to}"',
            value=(space, to),
            allowed=done.geterror().strip().rstrip(".") or "it knows both spaces",
            repair="Point $OCIO at a config that has both, such as one of ACES",
        )
    converted: Any = done.get_pixels(oiio.FLOAT)
    return np.ascontiguousarray(converted[:, :, :3], np.float32)


def config_identity(space: str) -> str:
    """Return what changes when the config says something else about a space."""
    if space in (SRGB, AS_IT_IS):
        return ""
    name = str(_config().configname())
    file = Path(name)
    return hashlib.blake2b(file.read_bytes()).hexdigest() if file.is_file() else name


def _tagged(tags: ColourTags) -> ColourSpace | None:
    if tags.colorspace in (SRGB, "sRGB"):
        return ColourSpace(SRGB, "as its files say")
    if tags.colorspace:
        config = _config()
        found = config.resolve(tags.colorspace)
        if config.getColorSpaceIndex(found) >= 0:
            return ColourSpace(find_space(found), "as its files say")
    if tags.floating and len(tags.chromaticities) == 8:
        for name, expected in _WHITES.items():
            if np.allclose(tags.chromaticities, expected, atol=_ROUNDING, rtol=0):
                return ColourSpace(find_space(name), "as its chromaticities say")
    return None


def _role(role: str) -> str:
    config = _config()
    if config.getColorSpaceIndex(config.resolve(role)) < 0:
        raise StmatteError(
            f'The OCIO config has no role "{role}", and nobody said which colour space the plate '
            "is in",
            value=role,
            allowed="a colour space of the config",
            repair="Name it with --colorspace",
        )
    return find_space(role)


def _config() -> Any:
    return _open_config(os.environ.setdefault("OCIO", DEFAULT_CONFIG))


@cache
def _open_config(name: str) -> Any:
    """Open the config; a wrong one doesn't fail by itself, it gives a few spaces of its own."""
    config = oiio.ColorConfig()
    if reason := config.geterror():
        raise StmatteError(
            f'The OCIO config "{name}" cannot be read ({reason.strip().splitlines()[0]})',
            value=name,
            allowed="$OCIO names a config file, or one that OpenColorIO carries",
            repair=f'Correct $OCIO, or set it to "{DEFAULT_CONFIG}"',
        )
    return config


def _names() -> dict[str, str]:
    """Return every name and alias, as it is compared -> as it is written."""
    config = _config()
    names = [str(name) for name in config.getColorSpaceNames()]
    aliases = [str(alias) for name in names for alias in config.getAliases(name)]
    return {name.casefold(): name for name in (*aliases, *names, *config.getRoles())}


def _listed(near: list[str]) -> str:
    names = _names()
    return ", ".join(f'"{names[name]}"' for name in near)
