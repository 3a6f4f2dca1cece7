# SPDX-License-Identifier: Apache-2.0
"""The DAVIS-2016 evaluation: propagate the first mask of each sequence, keep, score, measure.

One object per sequence, whatever numbers its annotation has.
Source: Perazzi et al., CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stmatte.evaluation.davis import DavisSequence
from stmatte.evaluation.floors import Method
from stmatte.evaluation.measuring import Kept, Measures, measured
from stmatte.evaluation.pictures import Labels, write_mask
from stmatte.evaluation.processes import each
from stmatte.evaluation.report import Report, write_report
from stmatte.evaluation.running import (
    Tell,
    Write,
    make_masks,
    make_mattes,
    mask_paths,
    matte_paths,
)
from stmatte.evaluation.scoring import ONE_OBJECT, score_one
from stmatte.evaluation.tasks import LabelMethod, SoftMethod, Task, labels_alone, one_object


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
    rows = tuple(each(score_one, to_score(sequences, tasks, out), jobs))
    report = Report(ONE_OBJECT, rows, reused)
    write_report(report, out)
    return report


def evaluate_closely(
    sequences: Sequence[DavisSequence],
    method: SoftMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
    jobs: int = 1,
) -> Report:
    """Return the same, and how steady edges are; where the truth is soft, how good soft edges are.

    out  also gets the mattes of sequences whose truth is soft, as `running.make_mattes` has them
    """
    tasks = [task_of(sequence, binary=True) for sequence in sequences]
    reused = make_what_is_measured(
        sequences, tasks, method, out, label, progress, _write_black_and_white
    )
    rows = tuple(each(score_one, to_score(sequences, tasks, out), jobs))
    found = measured_alike(sequences, tasks, out, jobs)
    measures = {name: objects[1] for name, objects in found.items()}
    report = Report(ONE_OBJECT, rows, reused, measures)
    write_report(report, out)
    return report


def to_score(
    sequences: Sequence[DavisSequence], tasks: Sequence[Task], out: Path
) -> list[tuple[str, list[Path], tuple[Path, ...]]]:
    """Return name, masks and annotations of each sequence, as `scoring` takes them."""
    return [
        (sequence.name, mask_paths(task, out), sequence.annotations)
        for sequence, task in zip(sequences, tasks, strict=True)
    ]


def make_what_is_measured(
    sequences: Sequence[DavisSequence],
    tasks: Sequence[Task],
    method: SoftMethod,
    out: Path,
    label: str,
    progress: Tell,
    write: Write,
) -> tuple[str, ...]:
    """Leave masks, and the mattes too if the truth of all sequences is soft."""
    if all(sequence.alphas for sequence in sequences):
        return make_mattes(tasks, method, out, label=label, progress=progress, write=write)
    bare = labels_alone(method)
    return make_masks(tasks, bare, out, label=label, progress=progress, write=write)


def measured_alike(
    sequences: Sequence[DavisSequence], tasks: Sequence[Task], out: Path, jobs: int
) -> dict[str, dict[int, Measures]]:
    """Return the measures of all objects of the sequences, whose masks are there."""
    soft = all(sequence.alphas for sequence in sequences)
    asked = [
        Kept(
            task.name,
            task.pictures,
            tuple(mask_paths(task, out)),
            sequence.annotations,
            task.binary,
            {n: tuple(matte_paths(task, out, n)) for n in task.starts()[0]} if soft else {},
            sequence.alphas if soft else (),
        )
        for sequence, task in zip(sequences, tasks, strict=True)
    ]
    found = each(measured, [(kept,) for kept in asked], jobs)
    return {kept.name: measures for kept, measures in zip(asked, found, strict=True)}


def task_of(sequence: DavisSequence, *, binary: bool) -> Task:
    """Return what is asked of a sequence: its first annotation is given, all are the truth."""
    truths = dict(enumerate(sequence.annotations))
    return Task(sequence.name, sequence.pictures, {0: truths[0]}, truths, binary)


def _write_black_and_white(path: Path, labels: Labels) -> None:
    write_mask(path, labels != 0)
