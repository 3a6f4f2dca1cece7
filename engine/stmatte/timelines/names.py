# SPDX-License-Identifier: Apache-2.0
"""What the shots of a timeline are called: names that files and folders can have.

A clip's name may be a file's ("sh010.[1001-1100].exr"), hold slashes and blanks, or be
there twice. A shot's name is unique and stands for `{shot}` in patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from stmatte.images.sequences import PICTURES, VIDEOS

_NUMBERS = re.compile(r"[._-]?(\[-?\d+-+\d+\]|#+|@+|%0?\d*d|\$F\d*|(?<=\.)\d{3,})$")
_STRANGE = re.compile(r"[^A-Za-z0-9_.-]+")


def named_after(clip: str) -> str:
    """Return the name of a clip as files can have it; "clip" if nothing is left of it.

    >>> named_after("sh010.[1001-1100].exr")
    'sh010'
    """
    name = clip
    ending = Path(name).suffix[1:].lower()
    if ending in PICTURES or ending in VIDEOS:
        name = _NUMBERS.sub("", Path(name).stem)
    return _STRANGE.sub("_", name).strip("._-") or "clip"


def unique(names: Iterable[str]) -> list[str]:
    """Return the names in their order; one that was there before gets a number: sh010_2.

    The number is one that no other name has.
    """
    every = list(names)
    taken = set(every)
    given: set[str] = set()
    found = []
    for name in every:
        candidate, number = name, 1
        while candidate in given or (number > 1 and candidate in taken):
            number += 1
            candidate = f"{name}_{number}"
        given.add(candidate)
        found.append(candidate)
    return found
