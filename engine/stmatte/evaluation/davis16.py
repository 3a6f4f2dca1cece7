# SPDX-License-Identifier: Apache-2.0
"""The DAVIS-2016 evaluation: propagate the first mask of each sequence, keep, score.

Masks are written as they come. A sequence whose masks are complete is not propagated
again, so a long evaluation that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.floors import Method
from stmatte.evaluation.pictures import write_mask
from stmatte.evaluation.report import Report, Row, as_table, write_csv
from stmatte.evaluation.scoring import ONE_OBJECT, score_one
from stmatte.evaluation.writing import make_folder, write_whole

INSIDE_FROM = 0.5
METHOD_FILE, CSV_FILE, TABLE_FILE = "method.txt", "scores.csv", "scores.md"


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


def evaluate(
    sequences: Sequence[DavisSequence],
    method: Method,
    out: Path,
    *,
    label: str,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Return the DAVIS-2016 scores of a method, and leave its masks and tables in a folder.

    sequences   at least one
    method      what propagates; its mattes are inside from 0.5 on
    out         gets `SEQ/00000.png` (0 and 255), `scores.csv`, `scores.md`, `method.txt`
    label       what makes these masks differ from others: the method, its weights' digest,
                its settings. Masks of another label are never taken for one's own
    progress    called often, from this thread

    Raises StmatteError if `out` holds other masks or cannot be written, a first mask is
    empty, or the method does not give one matte of the frame's size per frame.
    """
    if not sequences:
        raise StmatteError("There is no sequence to evaluate", allowed="one or more")
    _claim(out, label, sequences)
    rows: list[Row] = []
    reused: list[str] = []
    for number, sequence in enumerate(sequences, start=1):
        masks = [out / sequence.name / f"{frame}.png" for frame in sequence.frame_names]
        count = len(masks)
        if all(mask.is_file() for mask in masks):
            reused.append(sequence.name)
            progress(Progress(sequence.name, number, len(sequences), count, count, reused=True))
        else:
            make_folder(out / sequence.name)
            for done in _propagate(sequence, method, masks):
                progress(Progress(sequence.name, number, len(sequences), done, count))
        rows.append(score_one(sequence.name, masks, sequence.annotations))
    report = Report(ONE_OBJECT, tuple(rows), tuple(reused))
    write_csv(report, out / CSV_FILE)
    write_whole(out / TABLE_FILE, as_table(report).encode())
    return report


def _claim(out: Path, label: str, sequences: Sequence[DavisSequence]) -> None:
    """Make `out` the folder of this label, or refuse it if it holds other masks."""
    note = out / METHOD_FILE
    if note.is_file():
        theirs = note.read_text("utf-8").rstrip("\n")
    elif any((out / sequence.name).exists() for sequence in sequences):
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


def _propagate(sequence: DavisSequence, method: Method, masks: Sequence[Path]) -> Iterator[int]:
    """Write every mask of a sequence in frame order; yield how many are done."""
    first = sequence.truth(0)
    if not first.any():
        raise StmatteError(
            f'The first mask of sequence "{sequence.name}" is empty',
            value=str(sequence.annotations[0]),
            allowed="the object is seen in the first frame",
        )
    done = 0
    for done, matte in enumerate(method(sequence.frames(), first.astype(np.float32)), start=1):
        if done > len(masks) or matte.shape != first.shape:
            break
        write_mask(masks[done - 1], np.asarray(matte >= INSIDE_FROM, dtype=np.bool_))
        yield done
    else:
        if done == len(masks):
            return
    raise StmatteError(
        f'The method broke its promise at matte {done} of sequence "{sequence.name}"',
        value=done,
        allowed=f"{len(masks)} mattes of {first.shape[1]}x{first.shape[0]}, one for each frame",
    )
