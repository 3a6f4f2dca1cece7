# SPDX-License-Identifier: Apache-2.0
"""All that can be wrong with a shot and be known before work starts.

A person hears of it in the first second and not after an hour. What remains can only be
found on the way: plate frames that turn out to be damaged, a disk that fills up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Plate, fit_key, open_plate
from stmatte.images.plate import missing_frame
from stmatte.shot import FrameRange, Shot

Matte = NDArray[np.float32]
Keys = Mapping[int, Mapping[str, Matte]]

_log = logging.getLogger("stmatte")


@dataclass(frozen=True)
class CheckedShot:
    """A shot whose plate, frames and keys are there and fit each other.

    plate    opened
    frames   plate frame numbers to make mattes for, ascending; every one of them is there
    gaps     ranges of frames that are asked for and missing, to be passed over
    keys     plate frame number -> {object name: (H, W) float32 in [0, 1], of the plate's size}
    """

    shot: Shot
    plate: Plate
    frames: tuple[int, ...]
    gaps: tuple[FrameRange, ...]
    keys: Keys

    def missing(self) -> Iterator[tuple[int, StmatteError]]:
        """Yield every frame that is asked for and missing, with the sentence about it."""
        for gap in self.gaps:
            for frame in gap:
                yield frame, missing_frame(self.plate, frame)


def check_shot(shot: Shot, *, pass_over: bool = False) -> CheckedShot:
    """Open the plate and hold everything against it.

    pass_over  frames that are missing are gaps, not an error; frames that carry a key never are

    Where the shot doesn't say which frames, those that exist are meant, and a gap between
    them is only warned of.

    Raises StmatteError if the plate isn't there, a frame is missing, or a key doesn't fit,
    lies outside the frames, or lies on a frame that is missing or cannot be read.
    """
    plate = open_plate(shot.plate)
    asked = shot.frames or FrameRange(plate.frames[0], plate.frames[-1])
    frames = tuple(frame for frame in plate.frames if frame in asked)
    if not frames:
        raise StmatteError(
            f"Frames {asked} are not in the plate",
            value=str(asked),
            allowed=f'"{plate.label}" has {_frames_of(plate)}',
            repair="Choose a range within the plate",
        )
    keys = _keys(shot, plate, asked)
    gaps = tuple(_gaps(asked, frames))
    if gaps and shot.frames is None:
        _log.warning("%s: %s", plate.label, _lacking(gaps))
        gaps = ()
    if gaps and not pass_over:
        raise _missing(plate, gaps)
    for frame in keys:
        plate.read(frame)  # all else depends on the keyed frames
    return CheckedShot(shot, plate, frames, gaps, keys)


def _keys(shot: Shot, plate: Plate, asked: FrameRange) -> Keys:
    keys: dict[int, dict[str, Matte]] = {}
    there = set(plate.frames)
    for key in shot.keys:
        names = ", ".join(f'"{name}"' for name in key.mattes)
        if key.frame not in asked:
            raise StmatteError(
                f"Key at frame {key.frame} of {names} is outside the frames",
                value=key.frame,
                allowed=f"frames {asked} are asked for"
                if shot.frames
                else f"the plate has {_frames_of(plate)}",
                repair="Move the key into that range, or extend the range",
            )
        if key.frame not in there:
            raise StmatteError(
                f"Key at frame {key.frame} of {names} has no plate frame under it",
                value=key.frame,
                allowed=f'frame {key.frame} is missing from "{plate.label}"',
                repair="Render or copy that frame, or key another one",
            )
        for name, matte in key.mattes.items():
            fitted = fit_key(np.asarray(matte), name, key.frame, plate.size)
            keys.setdefault(key.frame, {})[name] = fitted
    return keys


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
