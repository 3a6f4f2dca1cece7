# SPDX-License-Identifier: Apache-2.0
"""A node group as the engine wants to hear of it: plate, keys, marks, places of files.

Reads the .blend and changes nothing in it. Knows where files lie beside the mattes; rasterising
and asking the engine are others'. Scene frames come in, plate frames go out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy

from . import group as groups
from . import held, mask_keys, plates, rasterise
from .plates import Plate
from .state import NodeObject, NodeState, mask_of, plate_of, state_of, why_unread
from .stmatte_host import (
    AbsentFrames,
    DrawnKey,
    EngineError,
    HostShot,
    LockedFrames,
    key_files,
    locks,
    spans,
)
from .stmatte_host.marking import frames_marked, ranges_of
from .stmatte_host.shown import KeyRow

CHANNELS = "object.V"
"""Never `object.A`: Blender 5.2 crashes on a GPU with it."""

EXPOSED = "stmatte_exposed"
"""ID property of a group: the plate that the recorded exposure was measured on."""

Heard = dict[str, tuple[int, ...]]
"""Object -> scene frames of its keys."""


@dataclass(frozen=True)
class Gathered:
    """A shot as it stands in Blender at this moment.

    shot         for the engine, in plate frames
    wanted       keys to rasterise first: (layer, scene frame, path)
    plate        what the plate is
    first, last  scene frames of the shot
    heard        object -> scene frames of the keys that the engine is told of
    unheard      keys that it is not told of, with the reason
    notes        sentences that an artist should read
    """

    shot: HostShot
    wanted: tuple[tuple[str, int, Path], ...]
    plate: Plate
    first: int
    last: int
    heard: Heard
    unheard: tuple[KeyRow, ...]
    notes: tuple[str, ...]

    @property
    def offset(self) -> int:
        """Plate frame minus scene frame."""
        return self.plate.offset


def said(group: bpy.types.NodeTree) -> NodeState:
    """Return the state of a node group of ours. Raises EngineError if it has none."""
    state = state_of(group)
    if state is None:
        why = why_unread(group)
        raise EngineError(
            why or f'"{group.name}" is not a node of STMatte',
            repair="Add one: Add > STMatte in the compositor",
            sentence=why,
        )
    return state


def frames_there(group: bpy.types.NodeTree, plate: Plate, first: int, last: int) -> tuple[int, ...]:
    """Return the scene frames in first..last whose mattes are there; held ones are not."""
    done = held.finished_in(groups.folder_of(group), said(group).take)
    return tuple(frame for frame in range(first, last + 1) if frame + plate.offset in done)


def frame_range(state: NodeState, plate: Plate, scene: bpy.types.Scene) -> tuple[int, int]:
    """Return first and last scene frame of the shot: what was asked for and the plate has.

    Raises EngineError if that is nothing.
    """
    first = scene.frame_start if state.first is None else state.first
    last = scene.frame_end if state.last is None else state.last
    inside = max(first, plate.first), min(last, plate.last)
    if inside[0] > inside[1]:
        raise EngineError(
            f"Frames {first}-{last} are not in the plate",
            allowed=f"in this scene the plate has frames {plate.first}-{plate.last}",
            repair="Choose a range within the plate, or move the plate's start frame",
        )
    return inside


def host_shot(
    group: bpy.types.NodeTree, scene: bpy.types.Scene, keys_folder: Path | None = None
) -> Gathered:
    """Return the shot of a node group as it is now. Raises EngineError for what a person can mend.

    keys_folder  where rasterised keys lie; None means `keys` beside the mattes
    """
    state = said(group)
    folder = groups.folder_of(group)
    mask = mask_of(group)
    if mask is None:
        raise EngineError(
            f'STMatte "{state.take}" has no mask',
            repair="Choose one in the STMatte panel, or draw one in the Clip or Image editor",
        )
    gone = groups.gone(group)
    objects = tuple(each for each in state.objects if each.on and each not in gone)
    if not objects:
        raise EngineError(
            f'STMatte "{state.take}" has no objects',
            allowed=f'each layer of the mask "{mask.name}" is one',
            repair="Draw a shape in the mask, and key it",
        )
    plate = plates.plate_from(plate_of(group), scene)
    first, last = frame_range(state, plate, scene)
    shapes = mask_keys.shapes_of(mask)
    found = mask_keys.key_frames(mask, None, shapes)
    heard, unheard, notes = _keys(state, objects, mask, found, first, last)
    notes += mask_keys.remarks(mask, scene.frame_current, shapes)
    notes += tuple(
        f'The object "{each.name}" has no layer "{each.layer}" in the mask "{mask.name}" any more: '
        "it is left out, and its output is 0."
        for each in gone
    )
    layers = {each.name: each.layer for each in objects}
    drawn = [
        DrawnKey(
            frame + plate.offset,
            name,
            mask_keys.drawn(mask, layers[name], frame, plate.size, shapes),
        )
        for name, frames in heard.items()
        for frame in frames
    ]
    files, missing = key_files(keys_folder or folder / "keys", drawn, rasterise.CHANNEL)
    absences, approved = _marked(state, objects, plate, folder, first, last)
    shot = HostShot(
        plate=plate.pattern,
        objects=tuple(each.name for each in objects),
        out=groups.out_pattern(group),
        base=str(folder),
        frames=f"{first + plate.offset}-{last + plate.offset}",
        keys=files,
        absences=absences,
        locks=approved,
        settings=_settings(group, state, plate),
        choices={
            "name": state.take,
            "channels": CHANNELS,
            "compression": "zip",
            "uncertainty": state.uncertainty,
            "cryptomatte": state.cryptomatte,
        },
    )
    wanted = tuple((layers[key.object], key.frame - plate.offset, path) for key, path in missing)
    return Gathered(shot, wanted, plate, first, last, heard, unheard, notes)


def _keys(
    state: NodeState,
    objects: tuple[NodeObject, ...],
    mask: bpy.types.Mask,
    found: Heard,
    first: int,
    last: int,
) -> tuple[Heard, tuple[KeyRow, ...], tuple[str, ...]]:
    """Return the keys that count, those that don't, and what an artist should know of them.

    found  layer -> scene frames of its keys
    """
    heard: Heard = {}
    unheard: list[KeyRow] = []
    notes: list[str] = []
    for each in objects:
        keyed = tuple(sorted(found.get(each.layer, ())))
        if not keyed:
            raise EngineError(
                f'Layer "{each.layer}" of the mask "{mask.name}" has no key',
                allowed="each object is keyed on one frame at least",
                repair="Select its points and press I in the Clip or Image editor's mask mode "
                "(Mask > Animation > Insert Shape Key)",
            )
        ignored = frames_marked(state.marks, each.name, "ignored")
        outside = [frame for frame in keyed if not first <= frame <= last]
        kept = tuple(f for f in keyed if first <= f <= last and f not in ignored)
        unheard += [KeyRow(each.name, frame, "ignored") for frame in keyed if frame in ignored]
        if outside:
            which = spans.shortly(spans.runs(outside))
            notes.append(
                f'Keys of "{each.name}" at {which} lie outside the frames {first}-{last} '
                "and are not heard."
            )
        if not kept:
            raise EngineError(
                f'No key of the object "{each.name}" is heard',
                allowed=f"one lies in the frames {first}-{last} and is not ignored",
                repair="Key it in that range, or take an ignored key back",
            )
        heard[each.name] = kept
    return heard, tuple(unheard), tuple(notes)


def _marked(
    state: NodeState,
    objects: tuple[NodeObject, ...],
    plate: Plate,
    folder: Path,
    first: int,
    last: int,
) -> tuple[tuple[AbsentFrames, ...], tuple[LockedFrames, ...]]:
    """Return absences and locks, cut to the shot and joined, in plate frames."""
    absences: list[AbsentFrames] = []
    approved: list[LockedFrames] = []
    for each in objects:
        for kind in ("absent", "locked"):
            for a, b in spans.within(ranges_of(state.marks, each.name, kind), first, last):
                frames = f"{a + plate.offset}-{b + plate.offset}"
                if kind == "absent":
                    absences.append(AbsentFrames(each.name, frames))
                else:
                    pattern = str(locks.locked_path(folder, each.name, None))
                    approved.append(LockedFrames(each.name, frames, pattern, f"{each.name}.V"))
    return tuple(absences), tuple(approved)


def _settings(group: bpy.types.NodeTree, state: NodeState, plate: Plate) -> dict[str, object]:
    """Return the shot's settings; an exposure that was measured on another plate is left out."""
    settings = dict(state.settings)
    if group.get(EXPOSED, plate.pattern) != plate.pattern:
        settings.pop("exposure", None)
    return settings
