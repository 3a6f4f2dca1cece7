# SPDX-License-Identifier: Apache-2.0
"""What an object and a take are called in files, made from what the artist calls them.

The artist's own words, in any script, stay on the sockets; a file's channel takes few letters
and keeps its name for the object's life. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_LETTERS = 60
"""Blender cuts a layer's name at 63 bytes, with the channel's ending."""

# What hosts keep for themselves, and what the engine writes beside the objects.
_RESERVED = frozenset(
    (
        *("rgb", "rgba", "alpha", "depth", "motion", "forward", "backward", "deep", "mask"),
        *("disparity", "disparityl", "disparityr", "rotopaint_mask", "mask_planartrack"),
        *("mask_splinewarp", "main", "left", "right", "ci", "all", "none", "combined", "image"),
        *("z", "v", "r", "g", "b", "a", "x", "y", "uncertainty", "crypto"),
    )
)


def object_name(layer: str, taken: Iterable[str] = ()) -> str:
    """Return the engine's name for a mask layer: a letter, then letters, digits and "_".

    taken  names of other objects; the new one differs from them without regard to capitals
    """
    plain = _plain(layer).replace("-", "_")
    letters = plain.lstrip("0123456789_")
    digits = plain[: len(plain) - len(letters)].strip("_")
    name = "_".join(part for part in (letters or "object", digits) if part)
    if name.lower() in _RESERVED:
        name = f"{name}_object"
    return _free(name, taken)


def take_name(text: str, taken: Iterable[str] = ()) -> str:
    """Return a name for a take's files: letters, digits, "_" and "-", the ends none of the two.

    taken  names of other takes; a number is put behind until the name is free
    """
    return _free(_plain(text) or "take", taken)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", folded).strip("_-")


def _free(name: str, taken: Iterable[str]) -> str:
    there = {other.lower() for other in taken}
    name = name[:MOST_LETTERS].rstrip("_-")
    free, number = name, 1
    while free.lower() in there:
        number += 1
        ending = f"_{number}"
        free = name[: MOST_LETTERS - len(ending)].rstrip("_-") + ending
    return free
