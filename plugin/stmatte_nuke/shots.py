# SPDX-License-Identifier: Apache-2.0
"""A node as the engine wants to hear of it: plate, keys, marks, places of files.

Reads the script and changes nothing in it. Knows where files lie beside the mattes; rendering keys
and plate and asking the engine are others'. Nuke's frames are the plate's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nuke

from stmatte_host import (
    AbsentFrames,
    DrawnKey,
    EngineError,
    HostShot,
    LockedFrames,
    key_files,
    locks,
    spans,
)
from stmatte_host.marking import NodeMark, ranges_of
from stmatte_host.shown import KeyRow

from . import (
    keying,
    knobs,
    marks_text,
    places,
    plates,
    rendering,
    rotos,
    sources,
    state,
    upstream,
)
from .heard import heard
from .out_path import OutPath
from .plates import Plate
from .sources import PLATE, Source
from .state import NodeObject

CHANNELS = "object.A"
"""Nuke shows `hero.A` as `hero.alpha`."""

_RECIPE = "key 1"
"""Of a rendered key: another number has all keys rendered anew."""

_CRYPTO_NAME = re.compile(r".*[^._-]\.#+\.exr")


@dataclass(frozen=True)
class Gathered:
    """A shot as it stands in Nuke at this moment.

    shot         for the engine
    wanted       keys to render first: (object, source, frame, path)
    plate        what the plate is
    first, last  frames of the shot
    heard        object -> frames of the keys that the engine is told of
    unheard      keys that it is not told of, with the reason
    notes        sentences that an artist should read
    """

    shot: HostShot
    wanted: tuple[tuple[str, Source, int, Path], ...]
    plate: Plate
    first: int
    last: int
    heard: dict[str, tuple[int, ...]]
    unheard: tuple[KeyRow, ...]
    notes: tuple[str, ...]

    @property
    def offset(self) -> int:
        """Plate frame minus Nuke's frame: they are the same."""
        return 0


def gather(group: nuke.Node, frame: int) -> Gathered:
    """Return the shot of a node as it is now.

    frame  the script's current one

    Raises EngineError for what a person can mend.
    """
    out, view = places.out_of(group), places.view_of(group)
    marks = marks_text.marks_in(knobs.text(group, "marks"))
    objects, notes = _objects(group)
    plate, first, last, more = _plate(group, out, view)
    notes += more
    frames: dict[str, tuple[int, ...]] = {}
    unheard: list[KeyRow] = []
    for each, source in objects:
        times = keying.found_keys(group, source, view)
        keys = heard(each.name, times.frames, marks, (first, last), frame)
        frames[each.name] = keys.frames
        unheard += keys.unheard
        notes += [*times.notes, *keys.notes]
    files, missing = key_files(
        out.beside / "keys", _drawn(group, objects, frames, plate, view), rendering.CHANNEL
    )
    notes += _remarks(group, objects, marks)
    names = [each.name for each, _ in objects]
    shot = HostShot(
        plate=plate.pattern,
        objects=tuple(names),
        out=out.pattern,
        base=out.folder.as_posix(),
        frames=f"{first}-{last}",
        keys=files,
        absences=_absent(names, marks, (first, last)),
        locks=_locked(names, marks, (first, last), out),
        settings=state.settings(group, plate.pattern, plate.colorspace),
        choices={
            "name": out.take,
            "channels": CHANNELS,
            "compression": "zips",
            "uncertainty": knobs.flag(group, "uncertainty"),
            "cryptomatte": _cryptomatte(group, out),
        },
    )
    source_of = {each.name: source for each, source in objects}
    wanted = tuple((key.object, source_of[key.object], key.frame, path) for key, path in missing)
    told = tuple(dict.fromkeys(notes))
    return Gathered(shot, wanted, plate, first, last, frames, tuple(unheard), told)


_Objects = tuple[tuple[NodeObject, Source], ...]


def _objects(group: nuke.Node) -> tuple[_Objects, list[str]]:
    """Return the objects that are on and there, and a sentence for each that is gone."""
    every = state.rows(group)
    if not any(each.on for each in every):
        raise EngineError(
            "No object of the node is switched on" if every else "The node has no object",
            allowed="mattes are made for objects, each a row of the table",
            repair="Switch one on" if every else "Draw a shape, and press Find objects",
        )
    found, notes = [], []
    for each in every:
        if not each.on:
            continue
        source = sources.parse(each.source)
        gone = _gone(group, each, source)
        if gone:
            notes.append(f'The object "{each.name}" is left out of the mattes: {gone}')
        else:
            found.append((each, source))
    if not found:
        raise EngineError("No object is left", sentence="\n".join(notes))
    return tuple(found), notes


def _gone(group: nuke.Node, each: NodeObject, source: Source) -> str:
    """Return why an object's shape is not there any more, as a sentence; "" if it is there.

    Raises EngineError where nothing is connected, or not what its source says.
    """
    node = group.input(source.input_number)
    if node is None:
        raise EngineError(
            f'The object "{each.name}" takes its keys from the input "{source.input_name}", and '
            "nothing is connected there",
            repair="Connect a Roto or any node with an alpha, or switch the object off",
        )
    if source.shape:
        roto = rotos.roto_behind(node)
        if roto is None:
            raise EngineError(
                f'The object "{each.name}" is the shape "{source.shape}" of a Roto, and the input '
                f'"{source.input_name}" is "{node.name()}", which is none',
                repair="Connect the Roto itself, or write roto as the object's source",
            )
        try:
            rotos.chain(rotos.curves_of(roto), source.shape)
        except EngineError as error:
            return str(error)
    elif source.channel not in node.channels():
        raise EngineError(
            f'The object "{each.name}" takes its keys from {source.channel} of "{node.name()}", '
            "which has no such channel",
            allowed=f"it has {', '.join(sorted(node.channels())[:12]) or 'none'}",
            repair=f"Write another source, such as {source.input_name} channel rgba.red",
        )
    return ""


def _plate(group: nuke.Node, out: OutPath, view: str) -> tuple[Plate, int, int, list[str]]:
    """Return the plate, first and last frame of the shot, and sentences on both."""
    whole = plates.range_of(group, view)
    first, last = state.shot_range(group, *whole)
    how = knobs.text(group, "plate_from")
    plate = plates.plate_of(group, first, last, out.beside, view, how)
    notes = [plate.why] if plate.why else []
    wished = state.wished_range(group)
    if wished is not None and wished != (first, last):
        notes.append(
            f"The plate has frames {plate.first}-{plate.last}: of {wished[0]}-{wished[1]} mattes "
            f"are made for {first}-{last}."
        )
    return plate, first, last, notes


def _drawn(
    group: nuke.Node,
    objects: _Objects,
    frames: dict[str, tuple[int, ...]],
    plate: Plate,
    view: str,
) -> Iterable[DrawnKey]:
    """Yield each key with text that changes whenever it might look different."""
    size = f"{plate.size[0]}x{plate.size[1]} {plate.pixel_aspect!r}"
    for each, source in objects:
        above = upstream.read(group, source, view)
        for frame in frames[each.name]:
            yield DrawnKey(frame, each.name, "\n".join((_RECIPE, size, above.drawn(frame))))


def _absent(
    names: Iterable[str], marks: tuple[NodeMark, ...], shot: spans.Range
) -> tuple[AbsentFrames, ...]:
    return tuple(
        AbsentFrames(name, f"{first}-{last}")
        for name in names
        for first, last in spans.within(ranges_of(marks, name, "absent"), *shot)
    )


def _locked(
    names: Iterable[str], marks: tuple[NodeMark, ...], shot: spans.Range, out: OutPath
) -> tuple[LockedFrames, ...]:
    """Return locks, cut to the shot. Raises EngineError where a locked matte is not there."""
    found = []
    for name in names:
        pattern = locks.locked_path(out.beside, name, None).as_posix()
        for first, last in spans.within(ranges_of(marks, name, "locked"), *shot):
            lacking = [
                frame
                for frame in range(first, last + 1)
                if not locks.locked_path(out.beside, name, frame).is_file()
            ]
            if lacking:
                raise EngineError(
                    f'"{name}" is locked at {spans.shortly(spans.runs(lacking))}, and no approved '
                    f"matte lies in {(out.beside / 'locked').as_posix()}",
                    repair="Write these frames beside the button Lock and press it, or take them "
                    "out of the marks",
                )
            found.append(LockedFrames(name, f"{first}-{last}", pattern, f"{name}.A"))
    return tuple(found)


def _cryptomatte(group: nuke.Node, out: OutPath) -> bool:
    """Return whether a Cryptomatte is wanted. Raises EngineError where Nuke would not find it."""
    wanted = knobs.flag(group, "cryptomatte")
    if wanted and not _CRYPTO_NAME.fullmatch(out.name):
        raise EngineError(
            f'The Cryptomatte of "{out.name}" would not be found by the node',
            allowed="the frame number stands between two dots: hero.####.exr",
            repair="Write `out` so, or switch the Cryptomatte off",
        )
    return wanted


def _remarks(group: nuke.Node, objects: _Objects, marks: tuple[NodeMark, ...]) -> list[str]:
    """Return what an artist should know of names, a sentence each."""
    notes = []
    known = [each.name for each in state.rows(group)]
    strangers = sorted({mark.object for mark in marks} - set(known))
    if strangers:
        notes.append(
            f"The marks speak of {', '.join(strangers)}, and the objects are {', '.join(known)}: "
            "those lines are not heard."
        )
    plate = group.input(PLATE)
    there = set() if plate is None else set(plate.channels())
    notes += [
        f"The plate carries {each.name}.alpha already: below this node it is this node's."
        for each, _ in objects
        if f"{each.name}.alpha" in there
    ]
    return notes
