# SPDX-License-Identifier: Apache-2.0
"""Where in a document something is wrong, and how that is said.

Every problem of a document is one sentence that begins with its place:
"At keys[3].frame, ..."; with the file's name, if it came from a file.
"""

from __future__ import annotations

import json

from stmatte.errors import StmatteError

Place = tuple[str | int, ...]
"""Names and list positions from the top of a document down: ("keys", 3, "frame")."""

_LONGEST = 60


class DocumentError(StmatteError):
    """Something that a person can mend in a document.

    about    what was wrong, without saying where; begins with a small letter
    place    where in the document; () for the whole of it
    file     in which file; "" where the document came from elsewhere
    value, allowed, repair  as in `StmatteError`

    >>> print(DocumentError("1.5 is no frame", ("cuts", 0), allowed="a whole number"))
    At cuts[0], 1.5 is no frame: a whole number.
    """

    def __init__(
        self,
        about: str,
        place: Place = (),
        *,
        file: str = "",
        value: object = None,
        allowed: str = "",
        repair: str = "",
    ):
        within = f'in "{file}"' if file else ""
        at = f"at {spelled(place)}" if place else ""
        sentence = ", ".join(part for part in (within, at, about) if part)
        super().__init__(
            sentence[:1].upper() + sentence[1:], value=value, allowed=allowed, repair=repair
        )
        self.about = about
        self.place = place
        self.file = file

    @classmethod
    def of(cls, error: StmatteError, place: Place = (), file: str = "") -> DocumentError:
        """Return what a noun of `shot`, or another of these errors, says; at this place."""
        about = error.what[:1].lower() + error.what[1:]
        if isinstance(error, DocumentError):
            about, place = error.about, error.place
        return cls(
            about,
            place,
            file=file,
            value=error.value,
            allowed=error.allowed,
            repair=error.repair,
        )


def spelled(place: Place) -> str:
    """Return a place as a person writes it: "keys[3].frame"."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def quoted(value: object) -> str:
    """Return a value as JSON shows it, short enough for a sentence and safe to print."""
    if isinstance(value, str):
        short = value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"
        text = json.dumps(short, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, dict):
        return "an entry in { }"
    if isinstance(value, list):
        return "a list in [ ]"
    return f"a value of type {type(value).__name__}"
