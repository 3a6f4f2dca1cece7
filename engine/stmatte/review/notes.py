# SPDX-License-Identifier: Apache-2.0
"""Notes that were typed on a page: a sentence, an object, and the frames it is about.

They come as JSON that the page saves, "stmatte.notes/1". Knows no timeline and no browser.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.shot import FrameRange

FORMAT = "stmatte.notes/1"


@dataclass(frozen=True)
class Note:
    """What somebody wants mended, or liked.

    object  whom it is about; "" for the whole picture
    frames  which frames it is about
    text    in their words
    """

    object: str
    frames: FrameRange
    text: str


@dataclass(frozen=True)
class Notes:
    """The notes on one shot.

    version  of the mattes that were looked at; "" if their files name none
    frames   the shot's first and last frame
    rate     frames a second at which it was looked at
    notes    by their first frame
    """

    shot: str
    version: str
    frames: FrameRange
    rate: float
    notes: tuple[Note, ...]


def read_notes(path: Path) -> list[Notes]:
    """Read a file of notes: those on one shot, or on several.

    Raises StmatteError if it cannot be read or holds no notes.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror or error})") from None
    except ValueError:
        raise _refused(path, "is no JSON") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise _refused(path, f'does not say that its format is "{FORMAT}"')
    try:
        return [_shot(each) for each in _list(said["shots"])]
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(path, f"lacks something, or says it in another way ({error})") from None
    except StmatteError as error:
        raise _refused(path, f"is wrong: {error.what}") from None


def _shot(said: dict[str, Any]) -> Notes:
    found = [_note(each) for each in _list(said["notes"])]
    return Notes(
        _text(said["shot"]),
        _text(said.get("version", "")),
        FrameRange.parse(_text(said["frames"])),
        _rate(said.get("rate", 24)),
        tuple(_ascending(found)),
    )


def _note(said: dict[str, Any]) -> Note:
    return Note(
        _text(said.get("object") or ""),
        FrameRange.parse(_text(said["frames"])),
        _text(said["text"]),
    )


def _ascending(notes: Iterable[Note]) -> list[Note]:
    return sorted(notes, key=lambda note: (note.frames, note.object))


def _rate(said: object) -> float:
    rate = float(said) if isinstance(said, int | float) else 0.0
    if not 0 < rate <= 1000:
        raise ValueError(f"rate {said}")
    return rate


def _list(said: object) -> list[dict[str, Any]]:
    if not isinstance(said, list) or not all(isinstance(each, dict) for each in said):
        raise TypeError("a list of objects is missing")
    return said


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError(f"{said!r} is no text")
    return said


def _refused(path: Path, what: str) -> StmatteError:
    return StmatteError(
        f'Notes "{path}": the file {what}',
        value=str(path),
        allowed="notes are the JSON that a review page saves",
        repair="Press Save notes on the page again",
    )
