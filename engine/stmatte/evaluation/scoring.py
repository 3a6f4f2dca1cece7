# SPDX-License-Identifier: Apache-2.0
"""Folders of masks against folders of truth, by the rules of DAVIS-2016 or DAVIS-2017.

In both, the first frame is left out, since it was given, and so is the last, by the
benchmark's custom. Their predictions are not even opened.
Source: Perazzi et al., CVPR 2016; Pont-Tuset et al., "The 2017 DAVIS Challenge on Video
Object Segmentation", 2017; the details follow the public evaluation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.evaluation.metrics import f_measure, jaccard
from stmatte.evaluation.pictures import Labels, read_labels, read_mask
from stmatte.evaluation.processes import each
from stmatte.evaluation.report import Report, Row
from stmatte.evaluation.tasks import VOID

ONE_OBJECT, SEVERAL_OBJECTS = "DAVIS-2016", "DAVIS-2017"


def score(
    predictions: Path, truth: Path, sequences: Sequence[str] | None = None, jobs: int = 1
) -> Report:
    """Return the scores of a folder of masks.

    predictions   the masks, laid out and named as the truth
    truth         `SEQ/00000.png`, or the frames of one sequence themselves
    sequences     names of those to score; None means every sequence of the truth
    jobs          processes that score, each its sequences

    The truth decides the rules. Where a first frame has several numbers, or one that is
    neither 1 nor 255, every object of every sequence is a row (DAVIS-2017): objects are
    those of the first frame, 255 is background, a prediction may not hold other numbers.
    Else all that is not 0 is one object per sequence (DAVIS-2016).

    Raises StmatteError if a prediction is missing (naming it), sizes differ, a sequence
    has fewer than three frames, or a prediction holds an object that the truth has not.
    """
    truths = _truths(truth, sequences)
    several = any(numbers_several(paths[0]) for paths in truths.values())
    asked = [
        (name, [predictions / path.relative_to(truth) for path in paths], paths)
        for name, paths in truths.items()
    ]
    if several:
        rows = [row for rows in each(score_objects, asked, jobs) for row in rows]
    else:
        rows = each(score_one, asked, jobs)
    return Report(SEVERAL_OBJECTS if several else ONE_OBJECT, tuple(rows))


def score_one(name: str, masks: Sequence[Path], truths: Sequence[Path]) -> Row:
    """Return the scores of a sequence with one object, by DAVIS-2016.

    masks, truths   PNGs of every frame, in order; all that is not 0 is inside
    """
    judged = _judged(name, masks, truths)
    j, f = [], []
    for mask_path, truth_path in judged:
        mask, truth = read_mask(mask_path), read_mask(truth_path)
        _check_size(mask_path, mask.shape, truth.shape)
        j.append(jaccard(mask, truth))
        f.append(f_measure(mask, truth))
    return Row(name, _stems(judged), tuple(j), tuple(f))


def score_objects(name: str, masks: Sequence[Path], truths: Sequence[Path]) -> list[Row]:
    """Return the scores of every object of a sequence, by DAVIS-2017 (semi-supervised).

    masks, truths   label PNGs of every frame, in order; objects are 1 to the largest
                    number of the first truth
    """
    judged = _judged(name, masks, truths)
    count = int(_without_void(read_labels(truths[0])).max())
    if not count:
        raise StmatteError(
            f'The first frame of sequence "{name}" holds no object',
            value=str(truths[0]),
            allowed="the objects to score are those of the first frame",
        )
    return score_pairs(name, judged, range(1, count + 1))


def score_pairs(
    name: str,
    pairs: Sequence[tuple[Path, Path]],
    numbers: Sequence[int],
    most: int | None = None,
) -> list[Row]:
    """Return the scores of objects over frames, a row each, called "<sequence>_<object>".

    pairs    label PNGs (prediction, truth) of every frame that is judged, in order
    numbers  of the objects, ascending
    most     the largest number that a prediction may hold; None means the last of `numbers`

    Raises StmatteError if sizes differ, or a prediction holds another object.
    """
    j, f = np.empty((2, len(numbers), len(pairs)))
    for at, (mask_path, truth_path) in enumerate(pairs):
        mask, truth = read_labels(mask_path), _without_void(read_labels(truth_path))
        _check_size(mask_path, mask.shape, truth.shape)
        _check_labels(mask_path, mask, numbers[-1] if most is None else most)
        for row, number in enumerate(numbers):
            j[row, at] = jaccard(mask == number, truth == number)
            f[row, at] = f_measure(mask == number, truth == number)
    return [
        Row(f"{name}_{number}", _stems(pairs), tuple(j[i].tolist()), tuple(f[i].tolist()))
        for i, number in enumerate(numbers)
    ]


def _truths(folder: Path, wanted: Sequence[str] | None) -> dict[str, list[Path]]:
    """Return sequence name -> its truth files in frame order."""
    if not folder.is_dir():
        raise StmatteError(f"There is no folder {folder}", value=str(folder))
    found = {folder.name: _pngs(folder)}
    if not found[folder.name]:
        inner = sorted(path for path in folder.iterdir() if path.is_dir())
        found = {path.name: pngs for path in inner if (pngs := _pngs(path))}
    if not found:
        raise StmatteError(
            f"Folder {folder} holds no truth",
            value=str(folder),
            allowed="PNGs of one sequence, or one folder of PNGs per sequence",
        )
    for name in wanted or ():
        if name not in found:
            raise StmatteError(
                f'Sequence "{name}" has no truth in {folder}',
                value=name,
                allowed=f"there are {', '.join(found)}",
            )
    return found if wanted is None else {name: found[name] for name in wanted}


def _pngs(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*.png"))


def _judged(name: str, masks: Sequence[Path], truths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return (prediction, truth) of all frames but the first and the last."""
    judged = list(zip(masks, truths, strict=True))[1:-1]
    if not judged:
        raise StmatteError(
            f'Sequence "{name}" has {len(truths)} frames, none is left to score',
            value=len(truths),
            allowed="three or more; the first and the last are left out",
        )
    for mask, _ in judged:
        if not mask.is_file():
            raise StmatteError(
                f"Prediction {mask} is missing",
                value=str(mask),
                allowed="every frame but the first and the last has one, named as its truth",
                repair="Make the missing masks, or name the sequences to score",
            )
    return judged


def _stems(judged: Sequence[tuple[Path, Path]]) -> tuple[str, ...]:
    return tuple(truth.stem for _, truth in judged)


def numbers_several(first_truth: Path) -> bool:
    """Say whether a sequence's first truth tells objects apart by their numbers."""
    mask = set(np.unique(read_labels(first_truth)).tolist()) - {0}
    return len(mask) > 1 or bool(mask - {1, VOID})


def _without_void(labels: Labels) -> Labels:
    return np.where(labels == VOID, np.uint8(0), labels)


def _check_size(path: Path, size: tuple[int, ...], true_size: tuple[int, ...]) -> None:
    if size != true_size:
        raise StmatteError(
            f"Prediction {path} is {size[1]}x{size[0]}, its truth is {true_size[1]}x{true_size[0]}",
            value=size,
            allowed="both have the same size",
            repair="Scale the masks to the size of the truth before scoring",
        )


def _check_labels(path: Path, mask: Labels, count: int) -> None:
    largest = int(mask.max())
    if largest > count:
        raise StmatteError(
            f"Prediction {path} holds the number {largest}",
            value=largest,
            allowed=f"the first frame of the truth has objects 1 to {count}, 0 is background",
            repair="Write each object with its number in the truth",
        )
