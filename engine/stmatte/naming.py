# SPDX-License-Identifier: Apache-2.0
"""What an object may be called, so that every host shows the name that the artist gave it.

A name becomes a layer of an EXR, an output in Blender and a part of file names. Hosts do not
refuse a name that they cannot show: they cut it, fold it or read something else from it, and
two mattes are one. So it is refused here, before anything is computed. Knows no host's code,
only what hosts were seen to do with names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from stmatte.errors import StmatteError

OBJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

MOST_LETTERS = 63
"""Blender cuts off what is longer; of two names that are alike up to there it shows one or none."""

_LAYERS = frozenset(
    (
        *("rgb", "rgba", "alpha", "depth", "motion", "forward", "backward", "deep"),
        *("disparity", "disparityl", "disparityr", "mask", "rotopaint_mask"),
        *("mask_planartrack", "mask_splinewarp"),
    )
)
_VIEWS = frozenset(("main", "left", "right"))
_PICTURES = frozenset(("combined", "image"))
_SETS = frozenset(("all", "none"))

_SHOWN = 40  # letters of a name that a sentence repeats


def check_object_name(name: str) -> str:
    """Return `name` if every host shows it as it is, else raise StmatteError.

    What a host keeps for itself is refused in capitals, too: the disks of many machines do
    not tell them apart.
    """
    if OBJECT_NAME.fullmatch(name) is None:
        raise StmatteError(
            f'Object name "{_short(name)}" cannot become a layer name',
            value=name,
            allowed="a name starts with a letter and goes on with letters, digits and "
            f'underscores; Nuke would show this one as "{_short(in_nuke(name))}"',
            repair=f'Rename the object, for instance "{proposed(name)}"',
        )
    if len(name) > MOST_LETTERS:
        raise StmatteError(
            f'Object name "{_short(name)}" has {len(name)} letters',
            value=name,
            allowed=f"at most {MOST_LETTERS}; Blender cuts off the rest",
            repair=f'Shorten it, for instance to "{proposed(name)}"',
        )
    kept = _kept_for(name.lower())
    if kept:
        raise StmatteError(
            f'Object name "{name}" is taken',
            value=name,
            allowed=kept.format(name=name),
            repair=f'Rename the object, for instance "{proposed(name)}"',
        )
    return name


def alike(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, earlier name) for every name that differs from an earlier one in capitals only.

    Such names are one file name on many disks.
    """
    first: dict[str, str] = {}
    for name in dict.fromkeys(names):
        earlier = first.setdefault(name.lower(), name)
        if earlier != name:
            yield name, earlier


def in_nuke(name: str) -> str:
    """Return what Nuke's reader makes of the channel `<name>.A`, for names of any letters.

    It splits at the first two dots, drops digits in front of a part, turns every byte that is
    no letter and no digit into "_", and joins all parts but the last.
    """
    parts = [
        re.sub(rb"[^A-Za-z0-9]", b"_", part.lstrip(b"0123456789")).decode()
        for part in f"{name}.A".encode("utf-8", "replace").split(b".", 2)
    ]
    *layer, channel = [part for part in parts if part]
    channel = {"A": "alpha", "a": "alpha"}.get(channel, channel)
    return f"{'_'.join(layer) or 'rgba'}.{channel}"


def proposed(name: str) -> str:
    """Return a name that is allowed and as near to `name` as it can be."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_")
    letters = words.lstrip("0123456789_")
    digits = words[: len(words) - len(letters)].strip("_")
    nearest = "_".join(part for part in (letters or "object", digits) if part)[:MOST_LETTERS]
    return f"{nearest}_object" if _kept_for(nearest.lower()) else nearest


def _kept_for(name: str) -> str:
    """Return what a name, in small letters, stands for in a host; "" where it is free."""
    if name in _LAYERS:
        return "Nuke has a layer of that name, and the matte would become a part of it"
    if name in _VIEWS:
        return 'Nuke has a view of that name, and would show "{name}.A" as the alpha of that view'
    if name == "ci":
        return "Nuke reads a layer of that name as the picture's own channels"
    if name in _SETS:
        return "in Nuke's lists of channels that is a choice of its own"
    if name in _PICTURES:
        return "Blender uses that name for the whole picture"
    return ""


def _short(name: str) -> str:
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
