# SPDX-License-Identifier: Apache-2.0
"""What pydantic finds wrong with a document, in words for the person who wrote it.

Knows pydantic's names for errors and the models' names for entries. Pydantic's own words
are written for programmers and never shown.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from stmatte.document.entries import Document, Entry
from stmatte.document.places import DocumentError, Place, quoted
from stmatte.errors import StmatteError


def problems(errors: Sequence[ErrorDetails]) -> Iterator[DocumentError]:
    """Yield a problem for each of pydantic's errors, in their order.

    A name that is missing isn't told where one beside it is nearly that name.
    """
    strangers: dict[Place, list[str]] = {}
    for error in errors:
        if error["type"] == "extra_forbidden":
            strangers.setdefault(error["loc"][:-1], []).append(str(error["loc"][-1]))
    for error in errors:
        place = error["loc"]
        if error["type"] == "missing":
            near = difflib.get_close_matches(str(place[-1]), strangers.get(place[:-1], []), 1)
            if not near:
                yield _missing(place)
        elif error["type"] == "extra_forbidden":
            yield _unknown(place)
        else:
            yield _wrong(place, error)


def _missing(place: Place) -> DocumentError:
    needed = [name for name, f in _model_at(place[:-1]).model_fields.items() if f.is_required()]
    return DocumentError(
        f"{quoted(place[-1])} is missing",
        place[:-1],
        value=place[-1],
        allowed=f"{_listed(needed)} {'is' if len(needed) == 1 else 'are'} needed here",
        repair="Add it",
    )


def _unknown(place: Place) -> DocumentError:
    known = list(_model_at(place[:-1]).model_fields)
    name = str(place[-1])
    near = difflib.get_close_matches(name[:40], known, 1)
    return DocumentError(
        f"{quoted(name)} is not known" + (f" (did you mean {quoted(near[0])}?)" if near else ""),
        place[:-1],
        value=name,
        allowed=f"{_listed(known)} can stand here",
        repair="Correct the name" if near else "Remove it",
    )


def _wrong(place: Place, error: ErrorDetails) -> DocumentError:
    value, kind = error["input"], error["type"]
    limits: dict[str, Any] = error.get("ctx", {})
    if isinstance(refusal := limits.get("error"), StmatteError):
        return DocumentError.of(refusal, place)
    what, repair = f"{quoted(value)} cannot stand here", "Correct it"
    if kind == "int_type":
        allowed = "a whole number can, without quotes and without a point"
        repair = _as_number(value) or repair
    elif kind == "string_type":
        allowed = "text can, in double quotes"
        if isinstance(value, int) and not isinstance(value, bool):
            repair = f'Write "{quoted(value)}"'
    elif kind == "list_type":
        allowed = "a list in [ ] can"
    elif kind in ("model_type", "model_attributes_type"):
        allowed = f"an entry in {{ }} can, with {_listed(list(_model_at(place).model_fields))}"
    elif kind in ("greater_than_equal", "less_than_equal"):
        bound = f"{limits['ge']} or more" if "ge" in limits else f"{limits['le']} or less"
        allowed = f"{bound} can"
    elif kind == "string_too_short":
        what, allowed = "the text is empty", "something must be written here"
    elif kind == "string_too_long":
        what, allowed = "the text is too long", f"at most {limits['max_length']} letters"
    elif kind == "string_unicode":
        what, allowed = f"{quoted(value)} holds half a letter", "text is whole Unicode"
    else:
        allowed = "the schema of the format tells what can"
    return DocumentError(what, place, value=value, allowed=allowed, repair=repair)


def _as_number(value: object) -> str:
    """Return how to repair what was meant as a whole number; "" if nobody can tell."""
    if isinstance(value, float) and value.is_integer():
        return f"Write {quoted(int(value))}"
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,8}", value):
        return f"Write {int(value)}"
    return ""


def _model_at(place: Place) -> type[Entry]:
    """Return the model of the entry at a place, by the annotations on the way there."""
    model: type[Entry] = Document
    for step in place:
        if isinstance(step, str):
            annotation = model.model_fields[step].annotation
            (model,) = (
                kind
                for kind in (annotation, *typing.get_args(annotation))
                if isinstance(kind, type) and issubclass(kind, Entry)
            )
    return model


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
