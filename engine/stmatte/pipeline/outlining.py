# SPDX-License-Identifier: Apache-2.0
"""Outlines of an object from the files of its mattes, kept as JSON that any host can read.

Knows files of mattes, ours or anybody's, and what the JSON holds. How splines are found is
the room `outlines`'.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.sequences import Sequence, find_sequence
from stmatte.images.stored import read_stored
from stmatte.outlines import Outline, outline
from stmatte.pipeline.deliver import Delivery, Progress
from stmatte.placing import placed
from stmatte.plan.ranges import written

FORMAT = "stmatte.outline/1"
_DIGITS = 3  # of a pixel: a thousandth


class _StoppedError(Exception):
    """Somebody has said that it is enough."""


@dataclass(frozen=True)
class Outlining:
    """An outline that was asked for. Nothing is read before `deliver`.

    mattes     files of mattes, of which those of `frames` are looked at
    object     whose
    out        the JSON file that is to be
    frames     at least one, ascending
    tolerance  in pixels
    inset      in pixels; see `stmatte.outlines.outline`
    """

    mattes: Sequence
    object: str
    out: Path
    frames: tuple[int, ...]
    tolerance: float = 1.0
    inset: float = 0.0

    def made(
        self,
        tell: Callable[[int, int], None] | None = None,
        watch: Callable[[], None] = lambda: None,
    ) -> Outline:
        """Read the mattes, fit, write the file, and return what is in it.

        tell   told how many frames were read, of how many
        watch  called now and then; what it raises ends the work, and no file is written

        Raises StmatteError if a file cannot be read or hasn't the object, if there is nothing
        to outline, or if the file cannot be written.
        """
        found = outline(self.read(tell, watch), self.tolerance, self.inset, watch)
        text = json.dumps(as_json(found, self.object, self.tolerance), separators=(",", ":"))
        with placed(self.out) as beside:
            beside.write_text(text, "ascii")
        return found

    def deliver(
        self,
        frames: Collection[int] | None,  # noqa: ARG002  those that were chosen at the beginning
        first: int | None,  # noqa: ARG002
        stop: Callable[[], bool],
        tell: Callable[[Progress], None],
        learns: Callable[[int, int], None] | None = None,  # noqa: ARG002  no network is there
    ) -> Delivery:
        """Do it as a job does; the file is there once all frames are."""
        begun = time.monotonic()

        def told(done: int, wanted: int) -> None:
            seconds = time.monotonic() - begun
            frame = self.frames[done - 1]
            tell(Progress(frame, done, wanted, seconds, self.out, "", False, {}, (self.out,)))

        def watch() -> None:
            if stop():
                raise _StoppedError

        try:
            self.made(told, watch)
        except _StoppedError:
            return Delivery({}, {}, None, cancelled=True)
        return Delivery(dict.fromkeys(self.frames, (self.out,)), {}, None)

    def read(
        self,
        tell: Callable[[int, int], None] | None = None,
        watch: Callable[[], None] = lambda: None,
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        """Yield the object's matte on each frame."""
        for done, frame in enumerate(self.frames, 1):
            watch()
            yield frame, _matte(self.mattes.files[frame], frame, self.object)
            if tell is not None:
                tell(done, len(self.frames))


def outlining(
    mattes: str,
    object: str,  # noqa: A002  the word of the vocabulary
    out: Path,
    frames: Callable[[tuple[int, ...]], Collection[int]] = lambda found: found,
    tolerance: float = 1.0,
    inset: float = 0.0,
) -> Outlining:
    """Find the files of an outline that is wanted.

    mattes  a pattern, a folder or a file; {object} in it stands for the object's name
    frames  chooses among the frames that are there

    Raises StmatteError if there are no such files, or if `out` is not to be a JSON file.
    """
    if out.suffix.casefold() != ".json":
        raise StmatteError(
            f'Outline "{out}" is not written',
            value=str(out),
            allowed="its name ends with .json",
            repair="Write a name such as outline.json",
        )
    found = find_sequence(mattes.replace("{object}", object))
    chosen = tuple(sorted(frames(found.frames)))
    if not chosen:
        raise StmatteError(
            "None of the frames has a matte",
            allowed=f'"{found.label}" has frames {written(found.frames)}',
            repair="Ask for frames of these",
        )
    return Outlining(found, object, out, chosen, tolerance, inset)


def as_json(found: Outline, object: str, tolerance: float) -> dict[str, Any]:  # noqa: A002
    """Return what the file holds; the README says what is what."""
    return {
        "format": FORMAT,
        "object": object,
        "size": [found.size[1], found.size[0]],
        "frames": written(found.frames),
        "tolerance": tolerance,
        "worst": round(max(found.errors), _DIGITS),
        "layers": [
            {
                "name": object,
                "keys": list(found.keys),
                "splines": [
                    {
                        "hole": spline.hole,
                        "first": spline.first,
                        "last": spline.last,
                        "poses": np.round(
                            spline.poses.reshape(len(found.keys), -1, 6), _DIGITS
                        ).tolist(),
                    }
                    for spline in found.splines
                ],
            }
        ],
    }


def _matte(path: Path, frame: int, object: str) -> NDArray[Any]:  # noqa: A002
    """Return one object's matte over the picture's display window."""
    subject = f"Matte frame {frame}"
    stored = read_stored(path, subject)
    matte = stored.mattes.get(object)
    if matte is None and len(stored.mattes) == 1 and not next(iter(stored.mattes.values())).layer:
        matte = next(iter(stored.mattes.values()))  # a picture of this object alone
    if matte is None:
        raise StmatteError(
            f'{subject}, "{path.name}", has no object "{object}"',
            value=object,
            allowed=f"its objects are {', '.join(stored.mattes) or 'none'}",
            repair="Name one of them",
        )
    return matte.on(stored.display)
