# SPDX-License-Identifier: Apache-2.0
"""The DAVIS-2016 evaluation: propagate the first mask of each sequence, keep, score.

One object per sequence, whatever numbers its annotation has.
Source: Perazzi et al., CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.floors import Method
from stmatte.evaluation.pictures import Labels, write_mask
from stmatte.evaluation.processes import each
from stmatte.evaluation.report import Report, write_report
from stmatte.evaluation.running import Tell, make_masks, mask_paths
from stmatte.evaluation.scoring import ONE_OBJECT, score_one
from stmatte.evaluation.tasks import LabelMethod, Task, one_object


def evaluate(
    sequences: Sequence[DavisSequence],
    method: Method,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
) -> Report:
    """Return the DAVIS-2016 scores of a method, and leave its masks and tables in a folder.

    sequences   at least one
    method      what propagates; its mattes are inside from 0.5 on
    out         gets `SEQ/00000.png` (0 and 255), `scores.csv`, `scores.md`, `method.txt`
    label       see `running.make_masks`
    progress    called often, from this thread

    Raises StmatteError as `running.make_masks` does.
    """
    return evaluate_labels(sequences, one_object(method), out, label=label, progress=progress)


def evaluate_labels(
    sequences: Sequence[DavisSequence],
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    jobs: int = 1,
) -> Report:
    """Return the same for a method that makes label pictures; scored in so many processes."""
    tasks = [task_of(sequence, binary=True) for sequence in sequences]
    reused = make_masks(
        tasks, method, out, label=label, progress=progress, write=_write_black_and_white
    )
    rows = each(
        score_one,
        [
            (sequence.name, mask_paths(task, out), sequence.annotations)
            for sequence, task in zip(sequences, tasks, strict=True)
        ],
        jobs,
    )
    report = Report(ONE_OBJECT, tuple(rows), reused)
    write_report(report, out)
    return report


def task_of(sequence: DavisSequence, *, binary: bool) -> Task:
    """Return what is asked of a sequence: its first annotation is given, all are the truth."""
    truths = dict(enumerate(sequence.annotations))
    return Task(sequence.name, sequence.pictures, {0: truths[0]}, truths, binary)


def _write_black_and_white(path: Path, labels: Labels) -> None:
    write_mask(path, labels != 0)
