# SPDX-License-Identifier: Apache-2.0
"""What J and F don't tell of a sequence: steadiness, identities, and how good its soft edges are.

Reads a sequence's files once, two frames in memory at a time. Where the truth is soft, mattes
are compared with it as they are; where it is a hard mask, the hard masks are, so that ours and
the truth are always measured alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.alphas import AlphaError, alpha_error
from stmatte.evaluation.floors import Matte
from stmatte.evaluation.identities import identities
from stmatte.evaluation.pictures import Labels, Picture, read_labels, read_mattes, read_picture
from stmatte.evaluation.steadiness import (
    Box,
    Offset,
    around,
    jitter,
    offset,
    softened,
    steadiness,
    way_back,
)
from stmatte.evaluation.tasks import VOID
from stmatte.images.motion import grey

Measures = Mapping[str, float]
"""Name of a measure -> its number, NaN where it is not known; see `report.MEASURES`."""


@dataclass(frozen=True)
class Kept:
    """Files of a sequence, one for each frame, in order.

    name      of the sequence
    pictures  the plate
    masks     label PNGs that a method made
    truths    the true ones
    binary    all that is not 0 is the one object
    mattes    object number -> the soft mattes that were made; () for none
    alphas    the true soft mattes, a channel an object; () for none
    keys      indices of frames that were given
    """

    name: str
    pictures: tuple[Path, ...]
    masks: tuple[Path, ...]
    truths: tuple[Path, ...]
    binary: bool = False
    mattes: Mapping[int, tuple[Path, ...]] = field(default_factory=dict)
    alphas: tuple[Path, ...] = ()
    keys: tuple[int, ...] = (0,)

    @property
    def soft(self) -> bool:
        """Whether mattes can be compared with true ones."""
        return bool(self.mattes and self.alphas)


@dataclass(frozen=True)
class _Frame:
    """One frame in memory; edges are what is compared, object number -> matte."""

    picture: Picture
    mask: Labels
    truth: Labels
    ours: Mapping[int, Matte]
    true: Mapping[int, Matte]


def measured(kept: Kept) -> dict[int, Measures]:
    """Return the measures of every object of the first true frame, by its number.

    Frames that were given are left out of all but the jitter, as they are exact.

    Raises StmatteError if a file cannot be read or pictures differ in size.
    """
    numbers = _numbers(kept)
    jitters: dict[int, tuple[dict[int, float | None], dict[int, float | None]]]
    jitters = {number: ({}, {}) for number in numbers}
    offsets: dict[int, list[Offset | None]] = {number: [] for number in numbers}
    alphas: dict[int, list[AlphaError | None]] = {number: [] for number in numbers}
    pairs: list[tuple[Labels, Labels]] = []
    before: _Frame | None = None
    for index, frame in enumerate(_frames(kept, numbers)):
        if before is not None:
            for number, (one, other) in _jitters(before, frame, numbers).items():
                jitters[number][0][index], jitters[number][1][index] = one, other
        if index not in kept.keys:
            pairs.append((frame.mask, frame.truth))
            for number in numbers:
                ours, true = frame.ours[number], frame.true[number]
                box = around([ours >= 0.5, true >= 0.5])
                offsets[number].append(None if box is None else offset(ours[box], true[box]))
                if kept.soft:
                    alphas[number].append(alpha_error(ours, true))
        before = frame
    who = identities(pairs, numbers) if len(numbers) > 1 else {}
    return {
        number: {
            **steadiness(*jitters[number], offsets[number], kept.keys),
            **({"strayed": who[number].strayed, "switches": who[number].switches} if who else {}),
            **(_alpha(alphas[number]) if kept.soft else {}),
        }
        for number in numbers
    }


def _jitters(
    before: _Frame, here: _Frame, numbers: Sequence[int]
) -> dict[int, tuple[float | None, float | None]]:
    """Return what every object's edge did by itself since the frame before: ours, the truth's."""
    box = around([before.mask > 0, here.mask > 0, before.truth > 0, here.truth > 0])
    if box is None:
        return dict.fromkeys(numbers, (None, None))
    back = way_back(_light(before, box), _light(here, box))
    return {
        n: (
            jitter(here.ours[n][box], before.ours[n][box], back),
            jitter(here.true[n][box], before.true[n][box], back),
        )
        for n in numbers
    }


def _light(frame: _Frame, box: Box) -> NDArray[np.uint8]:
    return grey(np.asarray(frame.picture[box], np.float32) / 255)


def _numbers(kept: Kept) -> tuple[int, ...]:
    first = read_labels(kept.truths[0])
    if kept.binary:
        return (1,)
    if kept.soft:
        return tuple(sorted(kept.mattes))
    return tuple(range(1, int(np.where(first == VOID, 0, first).max()) + 1))


def _frames(kept: Kept, numbers: Sequence[int]) -> Iterator[_Frame]:
    for index, (picture, mask_path, true_path) in enumerate(
        zip(kept.pictures, kept.masks, kept.truths, strict=True)
    ):
        mask, truth = (_labels(path, binary=kept.binary) for path in (mask_path, true_path))
        if kept.soft:
            ours = {n: read_mattes(kept.mattes[n][index])[..., 0] for n in numbers}
            true = _true_mattes(kept, index, numbers)
        else:
            ours = {n: softened(mask == n) for n in numbers}
            true = {n: softened(truth == n) for n in numbers}
        seen = read_picture(picture)
        alike: list[NDArray[Any]] = [mask, truth, *ours.values(), *true.values()]
        sizes = {seen.shape[:2], *(each.shape for each in alike)}
        if len(sizes) > 1:
            raise StmatteError(
                f'Frame {true_path.stem} of sequence "{kept.name}" comes in several sizes',
                value=sorted(sizes),
                allowed="picture, mask and truth have the same size",
            )
        yield _Frame(seen, mask, truth, ours, true)


def _true_mattes(kept: Kept, index: int, numbers: Sequence[int]) -> dict[int, Matte]:
    planes = read_mattes(kept.alphas[index])
    if kept.binary:
        return {1: np.clip(planes.sum(axis=2), 0, 1)}
    if planes.shape[2] < max(numbers):
        raise StmatteError(
            f"{kept.alphas[index]} has {planes.shape[2]} mattes",
            value=planes.shape[2],
            allowed=f"the first frame of the truth has objects up to {max(numbers)}",
        )
    return {number: np.ascontiguousarray(planes[..., number - 1]) for number in numbers}


def _labels(path: Path, *, binary: bool) -> Labels:
    labels = read_labels(path)
    if binary:
        return np.asarray(labels != 0, np.uint8)
    return np.where(labels == VOID, np.uint8(0), labels)


def _alpha(errors: Sequence[AlphaError | None]) -> Measures:
    known = [error for error in errors if error is not None]

    def mean(of: Callable[[AlphaError], float]) -> float:
        return fmean(map(of, known)) if known else nan

    due = sum(error.due for error in known)
    return {
        "alpha-error": mean(lambda error: error.mean),
        "alpha-sad": mean(lambda error: error.sad),
        "alpha-mse": mean(lambda error: error.squared),
        "alpha-gradient": mean(lambda error: error.gradient),
        "alpha-softness": sum(error.soft for error in known) / due if due else nan,
    }
