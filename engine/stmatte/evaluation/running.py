# SPDX-License-Identifier: Apache-2.0
"""Has a method propagate the sequences of a benchmark, and keeps the masks.

Masks are written as they come, and the soft mattes beside them where they are asked for. A
sequence whose masks are complete is not propagated again, so a long evaluation that was stopped
goes on where it was. Scores nothing.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import Matte
from stmatte.evaluation.pictures import Labels, Picture, write_labels, write_matte
from stmatte.evaluation.tasks import LabelMethod, SoftMethod, Starts, Task
from stmatte.evaluation.writing import make_folder, write_whole

METHOD_FILE, SPEED_FILE = "method.txt", "speed.csv"
MATTES = "mattes"


@dataclass(frozen=True)
class Progress:
    """Where an evaluation is, told after every frame and after every reused sequence.

    sequence    name of the sequence at work
    number      which one it is, from 1
    sequences   how many there are
    frame       how many of its frames are done
    frames      how many it has
    reused      True: its masks were there already
    """

    sequence: str
    number: int
    sequences: int
    frame: int
    frames: int
    reused: bool = False


Tell = Callable[[Progress], None]
Write = Callable[[Path, Labels], None]


def mask_paths(task: Task, out: Path) -> list[Path]:
    """Return where the masks of a sequence lie, one for each frame, in order."""
    return [out / task.name / f"{frame}.png" for frame in task.frame_names]


def matte_paths(task: Task, out: Path, number: int) -> list[Path]:
    """Return where the mattes of an object lie, one for each frame, in order."""
    folder = out / MATTES / task.name / str(number)
    return [folder / f"{frame}.png" for frame in task.frame_names]


def make_masks(
    tasks: Sequence[Task],
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    write: Write = write_labels,
) -> tuple[str, ...]:
    """Leave the masks of a method in a folder; return the sequences whose masks were there.

    tasks     at least one
    out       gets `SEQ/00000.png`, `method.txt`, and `speed.csv` with what each sequence took
    label     what makes these masks differ from others: the method, its weights' digest, its
              settings. Masks of another label are never taken for one's own
    progress  called often, from this thread
    write     how a label picture is written

    Raises StmatteError if `out` holds other masks or cannot be written, nothing is given for a
    sequence, or the method does not give one label picture of the frame's size per frame.
    """

    def bare(
        frames: Iterable[Picture], starts: Starts
    ) -> Iterator[tuple[Labels, Mapping[int, Matte]]]:
        return ((labels, {}) for labels in method(frames, starts))

    return _make(tasks, bare, out, label, progress, write, mattes=False)


def make_mattes(
    tasks: Sequence[Task],
    method: SoftMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    write: Write = write_labels,
) -> tuple[str, ...]:
    """Do as `make_masks`, and keep the mattes, too: `mattes/SEQ/OBJECT/00000.png`, 8-bit grey."""
    return _make(tasks, method, out, label, progress, write, mattes=True)


def _make(
    tasks: Sequence[Task],
    method: SoftMethod,
    out: Path,
    label: str,
    progress: Tell,
    write: Write,
    *,
    mattes: bool,
) -> tuple[str, ...]:
    if not tasks:
        raise StmatteError("There is no sequence to evaluate", allowed="one or more")
    claim(out, label, [task.name for task in tasks])
    reused: list[str] = []
    for number, task in enumerate(tasks, start=1):
        masks = mask_paths(task, out)
        count = len(masks)
        if all(mask.is_file() for mask in masks) and not (mattes and _lacking(task, out)):
            reused.append(task.name)
            progress(Progress(task.name, number, len(tasks), count, count, reused=True))
            continue
        make_folder(out / task.name)
        begun = time.perf_counter()
        for done in _propagate(task, method, out, write):
            progress(Progress(task.name, number, len(tasks), done, count))
        _note_speed(out / SPEED_FILE, task.name, count, time.perf_counter() - begun)
    return tuple(reused)


def _lacking(task: Task, out: Path) -> bool:
    """Say whether a matte is not there. Each is written before the mask of its frame."""
    numbers = [number for masks in task.starts().values() for number in masks]
    return not all(path.is_file() for n in numbers for path in matte_paths(task, out, n))


def _note_speed(path: Path, sequence: str, frames: int, seconds: float) -> None:
    """Add a line to what sequences took, reading and writing included."""
    new = not path.exists()
    try:
        with path.open("a", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            if new:
                rows.writerow(("sequence", "frames", "seconds"))
            rows.writerow((sequence, frames, f"{seconds:.3f}"))
    except OSError as problem:
        raise StmatteError(
            f"{path} cannot be written: {problem.strerror or problem}", value=str(path)
        ) from problem


def claim(out: Path, label: str, names: Sequence[str]) -> None:
    """Make `out` the folder of this label.

    names  of the folders in it that hold what was made

    Raises StmatteError if it holds what another label made.
    """
    note = out / METHOD_FILE
    if note.is_file():
        theirs = note.read_text("utf-8").rstrip("\n")
    elif any((out / name).exists() for name in names):
        theirs = "unknown"
    else:
        make_folder(out)
        write_whole(note, f"{label}\n".encode())
        return
    if theirs != label:
        raise StmatteError(
            f'Folder {out} holds masks of "{theirs}", not of "{label}"',
            value=str(out),
            allowed="a folder holds the masks of one method",
            repair="Choose another folder, or remove this one",
        )


def _propagate(task: Task, method: SoftMethod, out: Path, write: Write) -> Iterator[int]:
    """Write every mask of a sequence in frame order; yield how many are done."""
    starts, masks = task.starts(), mask_paths(task, out)
    shape = next(mask.shape for given in starts.values() for mask in given.values())
    done = 0
    for done, (labels, mattes) in enumerate(method(task.frames(), starts), start=1):
        if done > len(masks) or labels.shape != shape:
            break
        for number, matte in mattes.items():
            path = matte_paths(task, out, number)[done - 1]
            make_folder(path.parent)
            write_matte(path, matte)
        write(masks[done - 1], labels)
        yield done
    else:
        if done == len(masks):
            return
    raise StmatteError(
        f'The method broke its promise at matte {done} of sequence "{task.name}"',
        value=done,
        allowed=f"{len(masks)} mattes of {shape[1]}x{shape[0]}, one for each frame",
    )
