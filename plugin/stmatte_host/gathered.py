# SPDX-License-Identifier: Apache-2.0
"""A shot as a host gathered it when the artist pressed, and the list of its keys.

Pure. The host counts frames as its artists do, the engine counts the plate's; `offset` lies between
the two. How a shot is gathered is the host's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from . import spans
from .shot import HostShot, KeyFile
from .shown import KeyRow

SentKeys = Mapping[tuple[str, int], KeyFile]
"""(object, the host's frame) -> the key's file."""


class Gathered(Protocol):
    """A shot as it stands in a host at this moment; hosts have nouns of their own that fit."""

    @property
    def shot(self) -> HostShot:
        """The shot for the engine, in plate frames."""

    @property
    def offset(self) -> int:
        """Plate frame minus the host's frame."""

    @property
    def first(self) -> int:
        """The shot's first frame, as the host counts."""

    @property
    def last(self) -> int:
        """Its last one."""

    @property
    def heard(self) -> Mapping[str, tuple[int, ...]]:
        """Object -> the host's frames of the keys that the engine is told of."""

    @property
    def unheard(self) -> tuple[KeyRow, ...]:
        """Keys that it is not told of, with the reason as their state."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that an artist should read."""


def files_of(gathered: Gathered) -> dict[tuple[str, int], KeyFile]:
    """Return the file of each key that the engine is told of."""
    return {(key.object, key.frame - gathered.offset): key for key in gathered.shot.keys}


def key_rows(
    gathered: Gathered, sent: SentKeys, stale: Mapping[str, tuple[int, ...]]
) -> tuple[KeyRow, ...]:
    """Return the key list: what each key is, and how the engine stands to it.

    sent   the keys that the engine has
    stale  object -> the host's frames whose mattes are stale
    """
    rows = list(gathered.unheard)
    files = files_of(gathered)
    for name, frames in gathered.heard.items():
        old = stale.get(name, ())
        for frame in frames:
            first, last = spans.span_under({name: frames}, gathered.first, gathered.last, frame)
            if sent.get((name, frame)) != files[name, frame]:
                state = "new"
            elif any(first <= each <= last for each in old):
                state = "sent"
            else:
                state = "fresh"
            rows.append(KeyRow(name, frame, state))
    return tuple(sorted(rows, key=lambda row: (row.object.lower(), row.frame)))
