# SPDX-License-Identifier: Apache-2.0
"""SegTrack v2: 14 low videos with 24 objects, each object's truth in files of its own.

Source: Li et al., "Video Segmentation by Tracking Many Figure-Ground Segments", ICCV 2013. No
public code says whether the first, given frame is judged: here it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.evaluation.metrics import f_measure, jaccard
from stmatte.evaluation.pictures import PICTURE_ENDINGS, read_mask
from stmatte.evaluation.report import Report, Row, write_report
from stmatte.evaluation.running import Tell, make_masks, mask_paths
from stmatte.evaluation.tasks import LabelMethod, Task

PROTOCOL = "SegTrack-v2"
PICTURES, TRUTH = "JPEGImages", "GroundTruth"


def open_segtrack(root: str | Path, videos: Sequence[str] = ()) -> tuple[Task, ...]:
    """Return a task for each object of each video, called "<video>" or "<video>_<number>".

    root    holds `JPEGImages/VIDEO` and `GroundTruth/VIDEO`; where a video has several objects,
            their folders lie in the latter
    videos  names of those that are wanted; () takes all

    Raises StmatteError if the folder is none, or pictures and truth differ in number.
    """
    root = Path(root)
    for folder in (root / PICTURES, root / TRUTH):
        if not folder.is_dir():
            raise StmatteError(
                f"{root} is not a SegTrack v2 folder, it has no {folder.name}",
                value=str(root),
                allowed=f"it holds {PICTURES} and {TRUTH}",
            )
    names = videos or sorted(path.name for path in (root / TRUTH).iterdir() if path.is_dir())
    return tuple(task for name in names for task in _tasks(root, name))


def evaluate_segtrack(
    tasks: Sequence[Task],
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    keep_first: bool = False,
    progress: Tell = lambda _: None,
) -> Report:
    """Return J and F of every object; J is what the benchmark calls IoU.

    keep_first  judge the given frame, too

    Raises StmatteError as `running.make_masks` does.
    """
    reused = make_masks(tasks, method, out, label=label, progress=progress)
    report = Report(PROTOCOL, tuple(_row(task, out, keep_first) for task in tasks), reused)
    write_report(report, out)
    return report


def _row(task: Task, out: Path, keep_first: bool) -> Row:
    judged = range(0 if keep_first else 1, len(task.pictures))
    masks = mask_paths(task, out)
    pairs = [(read_mask(masks[i]), read_mask(task.truths[i])) for i in judged]
    return Row(
        task.name,
        tuple(task.frame_names[i] for i in judged),
        tuple(jaccard(ours, true) for ours, true in pairs),
        tuple(f_measure(ours, true) for ours, true in pairs),
    )


def _tasks(root: Path, name: str) -> list[Task]:
    pictures = _pictures(root / PICTURES / name)
    truth = root / TRUTH / name
    if not truth.is_dir():
        raise StmatteError(f'Video "{name}" has no truth in {root / TRUTH}', value=name)
    objects = sorted(path for path in truth.iterdir() if path.is_dir()) or [truth]
    return [
        _task(name if folder == truth else f"{name}_{folder.name}", pictures, _pictures(folder))
        for folder in objects
    ]


def _task(name: str, pictures: Sequence[Path], truths: Sequence[Path]) -> Task:
    if len(pictures) != len(truths) or len(pictures) < 2:
        raise StmatteError(
            f'"{name}" has {len(pictures)} pictures and {len(truths)} masks',
            value=(len(pictures), len(truths)),
            allowed="as many of both, two or more",
        )
    by_index = dict(enumerate(truths))
    return Task(name, tuple(pictures), {0: by_index[0]}, by_index, binary=True)


def _pictures(folder: Path) -> list[Path]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        path
        for path in files
        if path.suffix.lower() in PICTURE_ENDINGS and not path.name.startswith(".")
    ]
