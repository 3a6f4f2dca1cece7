# SPDX-License-Identifier: Apache-2.0
"""The DAVIS-2017 evaluation: several objects, all given on the first frame.

Source: Pont-Tuset et al., "The 2017 DAVIS Challenge on Video Object Segmentation", 2017; the
details follow the public evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.davis16 import evaluate_labels, task_of
from stmatte.evaluation.processes import each
from stmatte.evaluation.report import Report, write_report
from stmatte.evaluation.running import Tell, make_masks, mask_paths
from stmatte.evaluation.scoring import SEVERAL_OBJECTS, numbers_several, score_objects
from stmatte.evaluation.tasks import LabelMethod


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
    scored = each(
        score_objects,
        [
            (sequence.name, mask_paths(task, out), sequence.annotations)
            for sequence, task in zip(sequences, tasks, strict=True)
        ],
        jobs,
    )
    rows = [row for rows in scored for row in rows]
    report = Report(SEVERAL_OBJECTS, tuple(rows), reused)
    write_report(report, out)
    return report


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
