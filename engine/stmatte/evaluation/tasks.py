# SPDX-License-Identifier: Apache-2.0
"""What a benchmark asks: a sequence, the masks that are given, and where the truth lies.

Objects are numbered as in the label pictures. Knows which files they are, and reads them when
asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import Matte, Method
from stmatte.evaluation.pictures import Labels, Picture, read_labels, read_picture

VOID = 255
"""In a label picture: nobody said what is here."""

INSIDE_FROM = 0.5

Starts = Mapping[int, Mapping[int, Matte]]
"""Index of a frame -> number of an object that begins there -> its mask (H, W), 0 or 1."""

LabelMethod = Callable[[Iterable[Picture], Starts], Iterator[Labels]]
"""(frames, where objects begin) -> one label picture per frame, the first one included."""


SoftMethod = Callable[[Iterable[Picture], Starts], Iterator[tuple[Labels, Mapping[int, Matte]]]]
"""The same, and with each label picture the mattes (H, W) that it was made of, by number."""


@dataclass(frozen=True)
class Task:
    """One sequence to propagate.

    pictures  one file per frame, in order
    given     index of a frame -> label picture, of which the objects that no earlier one has
              begin there
    truths    index of a frame -> label picture, for those frames that have one
    binary    all that is not 0 is the one object
    """

    name: str
    pictures: tuple[Path, ...]
    given: Mapping[int, Path]
    truths: Mapping[int, Path]
    binary: bool = False

    @property
    def frame_names(self) -> tuple[str, ...]:
        """Names of the frames without ending, such as "00000"."""
        return tuple(path.stem for path in self.pictures)

    def frames(self) -> Iterator[Picture]:
        """Yield every picture in frame order, one in memory at a time."""
        return map(read_picture, self.pictures)

    def starts(self) -> dict[int, dict[int, Matte]]:
        """Return the masks that are given, each object's on the frame on which it begins.

        Raises StmatteError if there is none.
        """
        found: dict[int, dict[int, Matte]] = {}
        seen: set[int] = set()
        for index, path in sorted(self.given.items()):
            labels = self.labels(path)
            new = sorted(set(np.unique(labels).tolist()) - seen - {0, VOID})
            if new:
                found[index] = {n: np.asarray(labels == n, np.float32) for n in new}
            seen.update(new)
        if not found:
            raise StmatteError(
                f'The first mask of sequence "{self.name}" is empty',
                value=[str(path) for path in self.given.values()],
                allowed="an object is seen in the first frame that is given",
            )
        return found

    def labels(self, path: Path) -> Labels:
        """Return a label picture of this sequence, (H, W)."""
        labels = read_labels(path)
        return np.asarray(labels != 0, np.uint8) if self.binary else labels


def labels_alone(method: SoftMethod) -> LabelMethod:
    """Return a method without its mattes."""

    def labels(frames: Iterable[Picture], starts: Starts) -> Iterator[Labels]:
        return (found for found, _ in method(frames, starts))

    return labels


def one_object(method: Method) -> LabelMethod:
    """Return a method for one object as one for label pictures; see `one_object_soft`."""
    return labels_alone(one_object_soft(method))


def one_object_soft(method: Method) -> SoftMethod:
    """Return a method for one object as one for several; each object goes alone.

    Where several want a pixel, the one that wants it more gets it, if it is 0.5 or more. An
    object that has not begun has no matte yet, which is one of zeros.
    """

    def found(
        frames: Iterable[Picture], starts: Starts
    ) -> Iterator[tuple[Labels, Mapping[int, Matte]]]:
        pictures = list(frames)
        walks = {
            number: (begin, iter(method(pictures[begin:], mask)))
            for begin, masks in starts.items()
            for number, mask in masks.items()
        }
        height, width = pictures[0].shape[:2]
        labels, mattes = np.zeros((height, width), np.uint8), dict[int, Matte]()
        for index in range(len(pictures)):
            best = np.full((height, width), INSIDE_FROM, np.float32)
            labels = np.zeros((height, width), np.uint8)
            mattes = {}
            for number, (begin, walk) in walks.items():
                if index < begin:
                    mattes[number] = np.zeros((height, width), np.float32)
                    continue
                matte = next(walk, None)
                if matte is None:
                    return  # too few, and that is told by who counts
                wins = (matte > best) | ((matte == best) & (labels == 0))
                labels[wins], best = number, np.maximum(best, matte)
                mattes[number] = matte
            yield labels, mattes
        if any(next(walk, None) is not None for _, walk in walks.values()):
            yield labels, mattes  # one too many

    return found
