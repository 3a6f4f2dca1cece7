# SPDX-License-Identifier: Apache-2.0
"""What the entries of a document have against each other, each said at its place.

The rules are those of `shot.Shot`, which knows no places and asks again at the end; here
are only further limits, so that a slip of the pen cannot fill the machine's memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stmatte.document.entries import (
    MOST_FRAMES,
    AbsenceEntry,
    KeyEntry,
    LockEntry,
    ObjectEntry,
)
from stmatte.document.places import DocumentError, Place, quoted
from stmatte.naming import alike

MOST_OBJECTS = 1000
"""How many objects a shot may speak of."""

_FRAME_PLACE = re.compile(r"#|%0?[0-9]*d")


@dataclass(frozen=True)
class Sound:
    """The entries of a document that alone are right, by their position in their list.

    complete  nothing is left out where objects are named, so that other names are strangers
    """

    objects: Mapping[int, ObjectEntry]
    keys: Mapping[int, KeyEntry]
    absences: Mapping[int, AbsenceEntry]
    locks: Mapping[int, LockEntry]
    complete: bool = True


def disagreements(sound: Sound) -> Iterator[DocumentError]:
    """Yield every problem that takes two entries, in the order of the document."""
    yield from _objects(sound)
    too_many = list(_too_many(sound))
    if too_many:  # what follows counts frames one by one
        yield from too_many
        return
    yield from _keys(sound)
    yield from _locks(sound)


def _objects(sound: Sound) -> Iterator[DocumentError]:
    first: dict[str, int] = {}
    for i, entry in sound.objects.items():
        if first.setdefault(entry.name, i) != i:
            yield DocumentError(
                f"object {quoted(entry.name)} is listed again",
                ("objects", i, "name"),
                value=entry.name,
                allowed=f"every object has a name of its own, this one is objects"
                f"[{first[entry.name]}]",
                repair="Rename one of them, or remove it",
            )
    places: dict[str, Place] = {name: ("objects", i, "name") for name, i in first.items()}
    if not places:
        for i, key in sound.keys.items():
            places.setdefault(key.object, ("keys", i, "object"))
    names = list(places)
    for name, earlier in alike(names):
        yield DocumentError(
            f"object {quoted(name)} differs from {quoted(earlier)} in capitals only",
            places[name],
            value=name,
            allowed="on many disks their files would be one",
            repair=f'Rename one of them, for instance "{name}_2"',
        )
    if sound.complete:
        for place, name in _said(sound):
            if name not in names:
                yield DocumentError(
                    f"{quoted(name)} is no object of the shot",
                    place,
                    value=name,
                    allowed=f"objects are {_some(names) or 'none'}",
                    repair="Add the object, or correct the name",
                )


def _said(sound: Sound) -> Iterator[tuple[Place, str]]:
    """Yield every name that speaks of an object, with its place."""
    for i, key in sound.keys.items():
        yield ("keys", i, "object"), key.object
    for i, absence in sound.absences.items():
        yield ("absences", i, "object"), absence.object
    for i, lock in sound.locks.items():
        yield ("locks", i, "object"), lock.object


def _too_many(sound: Sound) -> Iterator[DocumentError]:
    names = {entry.name for entry in sound.objects.values()} | {name for _, name in _said(sound)}
    if len(names) > MOST_OBJECTS:
        yield DocumentError(
            f"the shot speaks of {len(names)} objects",
            value=len(names),
            allowed=f"at most {MOST_OBJECTS}",
            repair="Cut it into several shots",
        )
    for name, entries in (("absences", sound.absences), ("locks", sound.locks)):
        count = sum(len(entry.frames) for entry in entries.values())
        if count > MOST_FRAMES:
            yield DocumentError(
                f"the ranges have {count} frames together",
                (name,),
                value=count,
                allowed=f"at most {MOST_FRAMES}",
                repair="Name only frames of the plate",
            )


def _keys(sound: Sound) -> Iterator[DocumentError]:
    absent = {
        (frame, absence.object): i
        for i, absence in sound.absences.items()
        for frame in absence.frames
    }
    first: dict[tuple[int, str], int] = {}
    for i, key in sound.keys.items():
        said = (key.frame, key.object)
        if first.setdefault(said, i) != i:
            yield DocumentError(
                f"object {quoted(key.object)} has a second key at frame {key.frame}",
                ("keys", i),
                value=key.frame,
                allowed=f"one key per object and frame, the first is keys[{first[said]}]",
                repair="Remove one of them",
            )
        if said in absent:
            yield DocumentError(
                f"object {quoted(key.object)} is keyed at frame {key.frame} and said to be "
                "absent there",
                ("keys", i),
                value=key.frame,
                allowed=f"an object is there or it is not, and absences[{absent[said]}] says "
                "it is not",
                repair="Remove the key, or shorten the absence",
            )


def _locks(sound: Sound) -> Iterator[DocumentError]:
    first: dict[tuple[int, str], int] = {}
    for i, lock in sound.locks.items():
        others = {first.setdefault((frame, lock.object), i) for frame in lock.frames} - {i}
        for other in sorted(others):
            yield DocumentError(
                f"frames {lock.frames} of object {quoted(lock.object)} are partly locked already",
                ("locks", i, "frames"),
                value=str(lock.frames),
                allowed="locks of one object don't overlap, and "
                f"locks[{other}] has {sound.locks[other].frames}",
                repair="Shorten one of them",
            )
        name = re.split(r"[/\\]", lock.mattes.path)[-1]
        if len(lock.frames) > 1 and _FRAME_PLACE.search(name) is None:
            yield DocumentError(
                f"{quoted(lock.mattes.path)} has no place for the frame number",
                ("locks", i, "mattes", "path"),
                value=lock.mattes.path,
                allowed="a lock of several frames has a file for each, and the file name holds "
                "#### or %04d",
                repair="Write the number's place into the name",
            )


def _some(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
