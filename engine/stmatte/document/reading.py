# SPDX-License-Identifier: Apache-2.0
"""From a document to a `Shot`, or to everything that keeps it from being one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from stmatte.document.agreement import Sound, disagreements
from stmatte.document.entries import (
    FORMAT,
    AbsenceEntry,
    Document,
    Entry,
    KeyEntry,
    LockEntry,
    MatteEntry,
    ObjectEntry,
)
from stmatte.document.paths import from_document, model_from_document
from stmatte.document.places import DocumentError, quoted
from stmatte.document.sentences import problems
from stmatte.document.text import oddities, parse_json, read_text
from stmatte.errors import ManyError, StmatteError, raise_all
from stmatte.settings import Settings
from stmatte.shot import Absence, Key, Lock, MatteFile, ObjectSpec, Shot

MOST_PROBLEMS = 100
"""So many problems are told at once."""

_VERSIONED = re.compile(r"stmatte\.shot/([1-9][0-9]{0,8})")
_E = TypeVar("_E", bound=Entry)


def read_shot(path: Path) -> Shot:
    """Read a shot document.

    Paths in it are relative to the folder it lies in; `~` and variables are not expanded.
    No picture is looked at.

    Raises StmatteError if the file cannot be read or is no shot document that this version
    knows; several problems are told at once, each with its place.
    """
    return _shot(read_text(path), path.parent, str(path))


def parse_shot(document: str | bytes | Mapping[str, object], base: Path) -> Shot:
    """Return the shot that a document says.

    document  JSON text, or the object that such text holds
    base      the folder that its paths are relative to

    Raises StmatteError as `read_shot`.
    """
    return _shot(document, base, "")


def _shot(document: str | bytes | Mapping[str, object], base: Path, file: str) -> Shot:
    try:
        value = parse_json(document) if isinstance(document, str | bytes) else document
        return _built(check_document(value), base)
    except StmatteError as error:
        found = error.problems if isinstance(error, ManyError) else (error,)
        raise_all(DocumentError.of(problem, file=file) for problem in found)
        raise


def check_document(value: object) -> Document:
    """Return a document as its entries. Raises StmatteError as `parse_shot`."""
    value = _of_this_version(value)
    odd = list(oddities(value))
    try:
        document = Document.model_validate(value)
    except ValidationError as invalid:
        told = {problem.place for problem in odd}
        errors = [e for e in invalid.errors(include_url=False) if e["loc"] not in told]
        raise_all(_first(chain(odd, problems(errors), _disagreements_in(value))))
        raise
    raise_all(_first(chain(odd, disagreements(_whole(document)))))
    return document


def _disagreements_in(value: dict[str, object]) -> Iterator[DocumentError]:
    """Yield what the sound entries have against each other, in a document that is not sound."""
    if value.get("keys") == [] and not value.get("locks"):
        try:
            Shot("", ())
        except StmatteError as error:
            yield DocumentError.of(error)
    yield from disagreements(_sound(value))


def _first(found: Iterable[StmatteError]) -> Iterator[StmatteError]:
    """Yield as many problems as a person can read, and whether there are more."""
    for count, problem in enumerate(found, start=1):
        if count > MOST_PROBLEMS:
            yield DocumentError(
                "there are more problems, which are not listed",
                allowed=f"{MOST_PROBLEMS} are told at once",
                repair="Mend these first",
            )
            return
        yield problem


def _of_this_version(value: object) -> dict[str, object]:
    """Return a document that says it is one of ours. Raises DocumentError if not."""
    name = value.get("format") if isinstance(value, Mapping) else None
    if isinstance(value, Mapping) and name == FORMAT:
        return value if isinstance(value, dict) else dict(value)
    version = _VERSIONED.fullmatch(name) if isinstance(name, str) else None
    if version is not None:
        raise DocumentError(
            f"the format {quoted(name)} is newer than this STMatte",
            value=name,
            allowed=f'it reads "{FORMAT}"',
            repair="Update STMatte, or write the shot again in the older format",
        )
    raise DocumentError(
        "this is no STMatte shot" + ("" if name is None else f" but {quoted(name)}"),
        value=name,
        allowed=f'a shot is JSON in {{ }}, with "format": "{FORMAT}"',
        repair="Check the path, or add the format if it is a shot",
    )


def _whole(document: Document) -> Sound:
    return Sound(
        dict(enumerate(document.objects)),
        dict(enumerate(document.keys)),
        dict(enumerate(document.absences)),
        dict(enumerate(document.locks)),
    )


def _sound(value: dict[str, object]) -> Sound:
    """Return what is right in a document of which something is wrong."""
    objects = _alone(ObjectEntry, value.get("objects"))
    keys = _alone(KeyEntry, value.get("keys"))
    named, found = (
        (value["objects"], objects) if value.get("objects") else (value.get("keys"), keys)
    )
    return Sound(
        objects,
        keys,
        _alone(AbsenceEntry, value.get("absences")),
        _alone(LockEntry, value.get("locks")),
        complete=isinstance(named, list) and len(named) == len(found),
    )


def _alone(model: type[_E], entries: object) -> dict[int, _E]:
    """Return those entries of a list that alone are right, by their position."""
    judged = enumerate(entries if isinstance(entries, list) else ())
    return {i: entry for i, each in judged if (entry := _or_none(model, each)) is not None}


def _or_none(model: type[_E], entry: object) -> _E | None:
    try:
        return model.model_validate(entry)
    except ValidationError:
        return None


def _built(document: Document, base: Path) -> Shot:
    keys: dict[int, dict[str, MatteFile]] = {}
    for entry in document.keys:
        keys.setdefault(entry.frame, {})[entry.object] = _matte(entry.matte, base)
    settings = dict(document.settings)
    settings["model"] = model_from_document(document.settings.model, base)
    return Shot(
        plate=from_document(document.plate, base),
        keys=tuple(Key(frame, mattes) for frame, mattes in keys.items()),
        frames=document.frames,
        settings=Settings(**settings),
        specs=tuple(ObjectSpec(entry.name) for entry in document.objects),
        absences=tuple(Absence(entry.object, entry.frames) for entry in document.absences),
        locks=tuple(
            Lock(entry.object, entry.frames, _matte(entry.mattes, base)) for entry in document.locks
        ),
        cuts=tuple(document.cuts),
    )


def _matte(entry: MatteEntry, base: Path) -> MatteFile:
    return MatteFile(from_document(entry.path, base), entry.channel, entry.label)
