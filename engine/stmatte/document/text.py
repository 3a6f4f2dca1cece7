# SPDX-License-Identifier: Apache-2.0
"""JSON text and the plain values in it: what can be wrong before anyone asks what it means.

Knows JSON and its limits, nothing of shots. The reader of the standard library takes more
than JSON allows (NaN, a name that stands twice) and fails hard on nesting without end;
here each of these is a sentence with its place.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from stmatte.document.places import DocumentError, Place, quoted
from stmatte.errors import StmatteError

MOST_BYTES = 8 * 2**20
"""Size of the largest document; one of a thousand frames with ten objects has one MiB."""

MOST_VALUES = 300_000
"""How many names and values a document may hold; a key has about six."""

DEEPEST = 32
"""How many brackets may be open at once; a shot needs four."""

_ADVICE = (
    ("Expecting property name", "a name in double quotes belongs here, and no comma before }"),
    ("Expecting ',' delimiter", "a comma belongs here, or the closing bracket"),
    ("Expecting ':' delimiter", "a colon belongs between a name and its value"),
    ("Expecting value", "a value belongs here, and no comma before a closing bracket"),
    ("Illegal trailing comma", "no comma belongs before a closing bracket"),
    ("Unterminated string", "the text that begins here has no closing quote"),
    ("Invalid control character", "text in quotes is one line, without tabs"),
    ("Invalid \\", 'a backslash means something else in JSON; paths are written with "/"'),
    ("Extra data", "the document ended before this"),
)


class _Repeated(dict[str, object]):
    """An object of JSON in which some names stand more than once."""

    names: tuple[str, ...] = ()


def read_text(path: Path) -> bytes:
    """Return what is in a file, at most one byte more than a document may have.

    Raises StmatteError if there is no such file or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise StmatteError(
            f'Shot "{path}" does not exist', value=str(path), repair="Check the path"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise StmatteError(
            f'Shot "{path}" cannot be read ({reason})',
            value=str(path),
            allowed="a shot is a file of JSON",
            repair="Check the path, and who may read it",
        ) from None


def parse_json(text: str | bytes) -> object:
    """Return the value that JSON text holds.

    text  bytes are UTF-8, with or without a byte order mark

    Raises DocumentError if the text is too large, no text, no JSON (with line and column), or
    nested too deeply. A name that stands twice is kept for `oddities` to tell.
    """
    if isinstance(text, bytes):
        _check_size(len(text))
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DocumentError(
                "this is no text in UTF-8",
                allowed="a shot is JSON, in UTF-8",
                repair="Check the path, or save the file again as UTF-8",
            ) from None
    _check_size(len(text))
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        advice = (said for begin, said in _ADVICE if error.msg.startswith(begin))
        raise DocumentError(
            f"at line {error.lineno}, column {error.colno}, this is no JSON",
            value=(error.lineno, error.colno),
            allowed=next(advice, "nothing that begins like this belongs here"),
            repair="" if text.strip() else "The text is empty: check the path",
        ) from None
    except RecursionError:
        raise _too_deep(()) from None
    except ValueError:  # the interpreter's limit on the digits of a whole number
        raise DocumentError(
            "a number has thousands of digits", allowed="frame numbers have at most eight"
        ) from None


def oddities(document: object) -> Iterator[DocumentError]:
    """Yield what no JSON can be or no reader should take, with its place.

    Raises DocumentError where looking further makes no sense: there are too many values, they
    are nested too deeply, or a name is no text.
    """
    met = 0
    waiting: list[tuple[Place, object]] = [((), document)]
    while waiting:  # no recursion: depth is what is in question
        place, value = waiting.pop()
        met += 1
        if met + len(waiting) > MOST_VALUES:
            raise DocumentError(
                "there is more than a shot can say",
                value=met + len(waiting),
                allowed=f"a document has at most {MOST_VALUES} values",
                repair="Check the path, or cut the shot into shorter ones",
            )
        if len(place) > DEEPEST:
            raise _too_deep(place)
        if isinstance(value, float) and not math.isfinite(value):
            yield DocumentError(
                f"{value} is no number",
                place,
                value=value,
                allowed="JSON knows no NaN and no infinity",
                repair="Write a number, or leave the entry out",
            )
        elif isinstance(value, Mapping):
            _check_names(value, place)
            if isinstance(value, _Repeated):
                yield from (_twice(name, place) for name in value.names)
            waiting.extend(((*place, name), value[name]) for name in reversed(value))
        elif isinstance(value, list):
            waiting.extend(((*place, i), value[i]) for i in reversed(range(len(value))))


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    counts = Counter(name for name, _ in pairs)
    repeated = _Repeated(plain)
    repeated.names = tuple(name for name, count in counts.items() if count > 1)
    return repeated


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise DocumentError(
            "this is too large for a shot",
            value=size,
            allowed=f"a shot has at most {MOST_BYTES // 2**20} MiB",
            repair="Check the path; mattes belong into files of their own",
        )


def _check_names(value: Mapping[object, object], place: Place) -> None:
    for name in value:
        if not isinstance(name, str) or not _is_unicode(name):
            raise DocumentError(
                f"{quoted(name)} is no name of an entry",
                place,
                value=name,
                allowed="names are text in double quotes",
            )


def _is_unicode(text: str) -> bool:
    """Tell half of a surrogate pair, which JSON can spell and no file can hold, from text."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _twice(name: str, place: Place) -> DocumentError:
    return DocumentError(
        f"{quoted(name)} stands there more than once",
        place,
        value=name,
        allowed="every name stands once in an object",
        repair="Keep one of them",
    )


def _too_deep(place: Place) -> DocumentError:
    return DocumentError(
        "brackets are nested too deeply",
        place[:4],
        allowed=f"at most {DEEPEST} may be open at once",
        repair="Check that this is a shot",
    )
