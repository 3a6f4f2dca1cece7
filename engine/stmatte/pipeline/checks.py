# SPDX-License-Identifier: Apache-2.0
"""All that can be wrong with a shot and be known before work starts.

A person hears of it in the first second and not after an hour. What remains can only be
found on the way: plate frames that turn out to be damaged, a disk that fills up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stmatte.errors import StmatteError
from stmatte.images import Plate, open_plate
from stmatte.images.colour import is_scene_referred
from stmatte.images.plate import missing_frame
from stmatte.networks.compiling import uncompiled
from stmatte.networks.precision import slow
from stmatte.networks.registry import choose_device
from stmatte.pipeline.exposing import measured_exposure, side_by_side
from stmatte.pipeline.given import GivenMattes, given_mattes
from stmatte.plan.adapting import adapted_to
from stmatte.plan.ranges import written
from stmatte.plan.said import Said, say
from stmatte.refine import check_edges
from stmatte.settings import Settings
from stmatte.shot import FrameRange, Shot
from stmatte.store import Store

_log = logging.getLogger("stmatte")


@dataclass(frozen=True)
class CheckedShot:
    """A shot whose plate, frames and given mattes are there and fit each other.

    plate   opened
    frames  plate frame numbers to make mattes for, ascending; every one of them is there
    gaps    ranges of frames that are asked for and missing, to be passed over
    exposure  stops by which the network sees the plate brighter; 0 if it is display-referred
    given   the mattes of keys and locks
    said    object name -> what was given for it on the frames of the shot
    notes   sentences about what an artist may not expect
    adapt_on  frames whose keys the network is adapted to, ascending; none if it is not
    """

    shot: Shot
    plate: Plate
    frames: tuple[int, ...]
    gaps: tuple[FrameRange, ...]
    exposure: float
    given: GivenMattes
    said: Mapping[str, Said]
    notes: tuple[str, ...]
    adapt_on: tuple[int, ...] = ()

    def missing(self) -> Iterator[tuple[int, StmatteError]]:
        """Yield every frame that is asked for and missing, with the sentence about it."""
        for gap in self.gaps:
            for frame in gap:
                yield frame, missing_frame(self.plate, frame)


def check_shot(
    shot: Shot,
    *,
    pass_over: bool = False,
    before: CheckedShot | None = None,
    store: Store | None = None,
) -> CheckedShot:
    """Open the plate and hold everything against it.

    pass_over  frames that are missing are gaps, not an error; frames that carry a key never are
    before     the shot as it was checked before an edit: what is as it was isn't read again
    store      where the exposure that is measured is noted, so that it isn't measured again

    Where the shot doesn't say which frames, those that exist are meant, and a gap between
    them is only warned of.

    Raises StmatteError if the plate isn't there, a frame is missing, or a key doesn't fit,
    lies outside the frames, or lies on a frame that is missing or cannot be read.
    """
    check_edges(shot.settings.edges)
    plate = open_plate(shot.plate, colorspace=shot.settings.colorspace, layer=shot.settings.layer)
    asked = shot.frames or FrameRange(plate.frames[0], plate.frames[-1])
    frames = tuple(frame for frame in plate.frames if frame in asked)
    if not frames:
        raise StmatteError(
            f"Frames {asked} are not in the plate",
            value=str(asked),
            allowed=f'"{plate.label}" has {_frames_of(plate)}',
            repair="Choose a range within the plate",
        )
    _check_places(shot, plate, asked)
    same = before if before is not None and _looks_alike(before.shot, shot) else None
    shown = plate.display.within(plate.canvas)
    given = given_mattes(shot, plate.size, shown, None if same is None else same.given)
    gaps = tuple(_gaps(asked, frames))
    if gaps and shot.frames is None:
        _log.warning("%s: %s", plate.label, _lacking(gaps))
        gaps = ()
    if gaps and not pass_over:
        raise _missing(plate, gaps)
    seen = set() if same is None else {frame for frame, _ in same.given.digests}
    # all else depends on the keyed frames
    keyed = sorted({frame for frame, _ in given.digests} - seen)
    side_by_side(plate, lambda frame: plate.read(frame).space, keyed)
    exposure = _exposure(shot, plate, frames, same, store)
    said = {name: _said(shot, name, given, frames) for name in shot.objects}
    adapt_on = adapted_to(said, shot.settings.adapt_on) if shot.settings.adapt else ()
    notes = (
        *_seen_as(shot, plate, exposure),
        *_notes(shot, said),
        *_cut_off(plate, given),
        *_learns_from(shot, adapt_on),
        *_computed(shot.settings),
    )
    return CheckedShot(shot, plate, frames, gaps, exposure, given, said, notes, adapt_on)


def _looks_alike(one: Shot, other: Shot) -> bool:
    """Return whether two shots look at the same plate in the same way."""
    looks = [(shot.settings.colorspace, shot.settings.layer) for shot in (one, other)]
    return one.plate == other.plate and looks[0] == looks[1]


def _exposure(
    shot: Shot,
    plate: Plate,
    frames: Sequence[int],
    before: CheckedShot | None,
    store: Store | None,
) -> float:
    """Return the shot's exposure: as it is recorded, as it was before an edit, or measured."""
    if shot.settings.exposure is not None and is_scene_referred(plate.colorspace.name):
        return shot.settings.exposure
    if before is not None:
        return before.exposure
    return measured_exposure(plate, frames, shot.settings.layer, store)


def _seen_as(shot: Shot, plate: Plate, exposure: float) -> Iterator[str]:
    """Yield how the plate is looked at, where nobody said it."""
    space = plate.colorspace
    if not is_scene_referred(space.name):
        return
    if space.guessed:
        yield (
            f'The plate is taken as "{space.name}", {space.why}. '
            "Name its colour space if that is wrong."
        )
    if shot.settings.exposure is None:
        way = "brighter" if exposure >= 0 else "darker"
        yield (
            f"The network sees the plate {abs(exposure):g} stops {way}, as measured on the shot. "
            f"Record an exposure of {exposure:g} in the shot, so that it stays whatever frames "
            "are added."
        )


def _check_places(shot: Shot, plate: Plate, asked: FrameRange) -> None:
    """Refuse keys and locks outside the frames, or on frames that the plate has not."""
    there = set(plate.frames)
    for what, frames in _places(shot):
        inside = frames.first in asked and frames.last in asked
        if not inside:
            raise StmatteError(
                f"{what} is outside the frames",
                value=frames.first if len(frames) == 1 else (frames.first, frames.last),
                allowed=f"frames {asked} are asked for"
                if shot.frames
                else f"the plate has {_frames_of(plate)}",
                repair="Move the key into that range, or extend the range",
            )
        missing = next((frame for frame in frames if frame not in there), None)
        if missing is not None:
            raise StmatteError(
                f"{what} has no plate frame under it",
                value=missing,
                allowed=f'frame {missing} is missing from "{plate.label}"',
                repair="Render or copy that frame, or key another one",
            )


def _places(shot: Shot) -> Iterator[tuple[str, FrameRange]]:
    for key in shot.keys:
        names = ", ".join(f'"{name}"' for name in key.mattes)
        yield f"Key at frame {key.frame} of {names}", FrameRange(key.frame, key.frame)
    for lock in shot.locks:
        yield f'Lock of "{lock.object}" over frames {lock.frames}', lock.frames


def _said(shot: Shot, name: str, given: GivenMattes, frames: Sequence[int]) -> Said:
    locks = [lock for lock in shot.locks if lock.object == name]
    keys = {key.frame: given.digests[key.frame, name] for key in shot.keys if name in key.mattes}
    absences = [a.frames for a in shot.absences if a.object == name]
    return say(
        keys,
        # of an absence that reaches beyond the shot, the shot's frames are meant
        [FrameRange(f, f) for f in frames if any(f in absent for absent in absences)],
        [(lock.frames, {f: given.digests[f, name] for f in lock.frames}) for lock in locks],
    )


def _notes(shot: Shot, said: Mapping[str, Said]) -> Iterator[str]:
    """Yield what is not an error but may surprise."""
    for key in shot.keys:
        for name in key.mattes:
            if said[name][key.frame].locked:
                yield (
                    f'Key at frame {key.frame} of "{name}" is not heard: the frame is locked. '
                    "Unlock it to let the key count."
                )
    for name, object_said in said.items():
        if not any(not given.absent for given in object_said.values()):
            yield f'Nothing shows "{name}": its matte is empty everywhere. Key it on a frame.'


def _cut_off(plate: Plate, given: GivenMattes) -> Iterator[str]:
    """Yield which given mattes reach beyond the plate's pixels, where nothing is written."""
    for frame, name in sorted(given.digests):
        data = plate.data(frame)
        if data.meets(plate.canvas) and data.shared(plate.canvas) != plate.canvas:
            outside = given.matte(frame, name).copy()
            outside[plate.canvas.slices(data.shared(plate.canvas))] = 0
            if outside.any():
                yield (
                    f'The matte given at frame {frame} for "{name}" reaches beyond the plate\'s '
                    f"data window, which is {data}: what lies outside is not written."
                )


def _learns_from(shot: Shot, frames: Sequence[int]) -> Iterator[str]:
    """Yield what all mattes depend on, where nobody said it."""
    if frames and not shot.settings.adapt_on:
        one = len(frames) == 1
        yield (
            f"The network is adapted to the {'key' if one else 'keys'} at {written(frames)}: if "
            f"{'it changes' if one else 'they change'}, or an object is shown earlier, all mattes "
            f"are made anew. Record adapt_on {written(frames)} in the shot, so that other keys "
            "never matter."
        )


def _computed(settings: Settings) -> Iterator[str]:
    """Yield where this machine cannot compute as quickly as it was asked to."""
    if settings.precision == Settings.precision and not settings.compile:
        return
    device = choose_device(settings.device)
    if hint := slow(settings.precision, device):
        yield hint
    if settings.compile and (hint := uncompiled(device)):
        yield hint


def _gaps(asked: FrameRange, frames: Sequence[int]) -> Iterator[FrameRange]:
    """Yield the ranges within `asked` that are not among `frames`, which are ascending."""
    expected = asked.first
    for frame in (*frames, asked.last + 1):
        if frame > expected:
            yield FrameRange(expected, frame - 1)
        expected = frame + 1


def _missing(plate: Plate, gaps: Sequence[FrameRange]) -> StmatteError:
    if len(gaps) == len(gaps[0]) == 1:
        return missing_frame(plate, gaps[0].first)
    return StmatteError(
        f'{_lacking(gaps)} in "{plate.label}"',
        value=tuple((gap.first, gap.last) for gap in gaps),
        allowed=f"the plate has {_frames_of(plate)}",
        repair="Render or copy these frames, or choose a range without them",
    )


def _lacking(gaps: Sequence[FrameRange]) -> str:
    """Return "Plate frames 3, 7-9 are missing", at most six ranges of them by name."""
    named = ", ".join(str(gap) for gap in gaps[:6])
    more = f" and {len(gaps) - 6} more gaps" if len(gaps) > 6 else ""
    one = len(gaps) == len(gaps[0]) == 1
    return f"Plate frame{'' if one else 's'} {named}{more} {'is' if one else 'are'} missing"


def _frames_of(plate: Plate) -> str:
    frames = FrameRange(plate.frames[0], plate.frames[-1])
    return f"frame{'' if len(frames) == 1 else 's'} {frames}"
