# SPDX-License-Identifier: Apache-2.0
"""The DAVIS-2017 evaluation: several objects, all given on the first frame.

Source: Pont-Tuset et al., "The 2017 DAVIS Challenge on Video Object Segmentation", 2017; the
details follow the public evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.davis16 import (
    evaluate_labels,
    make_what_is_measured,
    measured_alike,
    task_of,
    to_score,
)
from stmatte.evaluation.pictures import write_labels
from stmatte.evaluation.processes import each
from stmatte.evaluation.report import Report, Row, write_report
from stmatte.evaluation.running import Tell, make_masks
from stmatte.evaluation.scoring import SEVERAL_OBJECTS, numbers_several, score_objects
from stmatte.evaluation.tasks import LabelMethod, SoftMethod, Task


def evaluate17(
    sequences: Sequence[DavisSequence],
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    jobs: int = 1,
) -> Report:
    """Return the DAVIS-2017 scores of a method, and leave its masks and tables in a folder.

    sequences  at least one; annotations are label pictures, 255 being background
    out        gets `SEQ/00000.png` with the objects' numbers, `scores.csv`, `scores.md`,
               `method.txt`
    label      see `running.make_masks`
    jobs       processes that score

    Raises StmatteError as `running.make_masks` does.
    """
    tasks = [task_of(sequence, binary=False) for sequence in sequences]
    reused = make_masks(tasks, method, out, label=label, progress=progress)
    report = Report(SEVERAL_OBJECTS, _scored(sequences, tasks, out, jobs), reused)
    write_report(report, out)
    return report


def evaluate17_closely(
    sequences: Sequence[DavisSequence],
    method: SoftMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    jobs: int = 1,
) -> Report:
    """Return the same, and of every object how steady it is and whether it stays itself.

    Where the truth is soft, also how good soft edges are; see `davis16.evaluate_closely`.
    """
    tasks = [task_of(sequence, binary=False) for sequence in sequences]
    reused = make_what_is_measured(sequences, tasks, method, out, label, progress, write_labels)
    rows = _scored(sequences, tasks, out, jobs)
    found = measured_alike(sequences, tasks, out, jobs)
    measures = {
        f"{name}_{number}": measures
        for name, objects in found.items()
        for number, measures in objects.items()
    }
    report = Report(SEVERAL_OBJECTS, rows, reused, measures)
    write_report(report, out)
    return report


def _scored(
    sequences: Sequence[DavisSequence], tasks: Sequence[Task], out: Path, jobs: int
) -> tuple[Row, ...]:
    return tuple(
        row for rows in each(score_objects, to_score(sequences, tasks, out), jobs) for row in rows
    )


def evaluate_davis(
    sequences: Sequence[DavisSequence],
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    jobs: int = 1,
) -> Report:
    """Return the scores by the rules that the annotations ask for, as `scoring.score` does.

    Where a first frame tells several objects apart it is DAVIS-2017, else DAVIS-2016.
    """
    several = any(numbers_several(sequence.annotations[0]) for sequence in sequences)
    run = evaluate17 if several else evaluate_labels
    return run(sequences, method, out, label=label, progress=progress, jobs=jobs)
