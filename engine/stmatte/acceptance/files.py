# SPDX-License-Identifier: Apache-2.0
"""Which files a delivery is, by the words that it was written with. Opens none of them."""

from __future__ import annotations

import re
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.images.sequences import Claims, find_claims

_OBJECT = "{object}"
_PLACE = re.compile(r"#+|%0?\d*d|\{frame(?::0?([1-9]))?\}")


def find_delivered(text: str) -> tuple[Claims, ...]:
    """Find the sequences that `text` stands for: one, or one for every object.

    text   a pattern, a folder or a file, as plates are named; {frame} and {object} may stand
           in a pattern as they do where mattes are written

    Raises StmatteError if there is nothing of the kind.
    """
    path = Path(text)
    if path.exists():
        return (find_claims(text),)
    place = _PLACE.search(path.name)
    if place is None:
        raise StmatteError(
            f'Mattes "{text}" do not exist',
            value=text,
            allowed="mattes are a pattern such as matte.####.exr, a folder with one sequence, "
            "or one of its files",
            repair="Check the path",
        )
    if place[0].startswith("{"):
        digits = "#" * int(place[1] or 4)
        text = str(path.with_name(path.name.replace(place[0], digits)))
    if _OBJECT not in text:
        return (find_claims(text),)
    names = _objects(Path(text))
    if not names:
        raise StmatteError(
            f'No file matches "{text}" for any object', value=text, repair="Check the path"
        )
    return tuple(find_claims(text.replace(_OBJECT, name)) for name in names)


def _objects(pattern: Path) -> list[str]:
    """Return the names that stand in the place of the object, by the files that there are."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if _OBJECT in part)
    root = Path(*parts[:first]) if first else Path()
    tail = Path(*parts[first:]).as_posix()
    wild = "/".join(_PLACE.sub("*", part).replace(_OBJECT, "*") for part in parts[first:])
    words = re.escape(tail).replace(re.escape(_OBJECT), "(?P<object>[A-Za-z0-9_]+)", 1)
    words = words.replace(re.escape(_OBJECT), "(?P=object)")
    number = re.escape(_PLACE.search(pattern.name)[0])  # type: ignore[index]
    shape = re.compile(words.replace(number, r"-?\d+"))
    found = (shape.fullmatch(path.relative_to(root).as_posix()) for path in root.glob(wild))
    return sorted({match["object"] for match in found if match})
