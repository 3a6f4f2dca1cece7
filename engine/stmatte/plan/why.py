# SPDX-License-Identifier: Apache-2.0
"""Why mattes are stale: what a span listened to the last time, beside what it listens to now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from stmatte.plan.said import NOTHING, Said
from stmatte.plan.spans import Span


@dataclass(frozen=True)
class Heard:
    """What a span was made from, as far as a person can understand it.

    first, last  the span's first and last frame
    keys         frame -> digest of every key that it listens to
    scheme       digest of model and settings
    """

    first: int
    last: int
    keys: Mapping[int, str]
    scheme: str


def heard_by(span: Span, said: Said, scheme: str) -> Heard:
    """Return what a span listens to."""
    keys = {frame: said[frame].digest for frame in span.heard}
    return Heard(span.frames[0], span.frames[-1], keys, scheme)


def why(now: Heard, before: Sequence[Heard], there: Collection[int]) -> str:
    """Return in words why a span has stale frames.

    before  what the spans of the same object listened to when they were last made
    there   frames on which anything is given for the object now
    """
    near = [old for old in before if old.first <= now.last and now.first <= old.last]
    if not near:
        return "not made yet"
    if any(old.scheme != now.scheme for old in near):
        return "the model or a setting changed"
    known: dict[int, str] = {}
    for old in near:
        known.update(old.keys)
    changes = [
        *(f"{_key(now.keys[f])} at {f} is new" for f in sorted(now.keys.keys() - known.keys())),
        *(
            f"{_key(now.keys[f])} at {f} changed"
            for f in sorted(now.keys.keys() & known.keys())
            if now.keys[f] != known[f]
        ),
        *(
            f"{_key(known[f])} at {f} is gone"
            for f in sorted(known.keys() - now.keys.keys())
            if f not in there
        ),
    ]
    return ", ".join(changes) or "not finished, or the plate or the files changed"


def _key(digest: str) -> str:
    return "absence" if digest == NOTHING else "key"
