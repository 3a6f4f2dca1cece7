# SPDX-License-Identifier: Apache-2.0
"""YouTube-VOS (2018, 2019): objects that begin on any frame, in categories seen or not.

Where the folder has the truth of all annotated frames, masks are scored here. The official
validation keeps its own; for that one the masks are packed as its server wants them. That
server's code is not public: the rule is the published one, and the last frame is judged.
Source: Xu et al., "YouTube-VOS: A Large-Scale Video Object Segmentation Benchmark", 2018.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.evaluation.report import Report, Row, as_table, write_report
from stmatte.evaluation.running import Tell, make_masks, mask_paths
from stmatte.evaluation.scoring import score_pairs
from stmatte.evaluation.tasks import VOID, LabelMethod, Task
from stmatte.placing import replacing

PROTOCOL = "YouTube-VOS"
META, PICTURES, ANNOTATIONS = "meta.json", "JPEGImages", "Annotations"
SUBMISSION = "submission.zip"


@dataclass(frozen=True)
class YouTubeVos:
    """An opened folder; see `open_youtube_vos`.

    tasks       every video, or those that were asked for
    categories  (video, object number) -> category, "" where the folder does not say
    """

    root: Path
    tasks: tuple[Task, ...]
    categories: Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Judged:
    """Scores by whether an object's category was seen in training; NaN where there is none.

    g  the mean of the other four, as far as they are there
    """

    g: float
    j_seen: float
    j_unseen: float
    f_seen: float
    f_unseen: float


def open_youtube_vos(root: str | Path, videos: Collection[str] = ()) -> YouTubeVos:
    """Return the videos of a folder: `JPEGImages/VIDEO`, `Annotations/VIDEO`, `meta.json`.

    videos  names of those that are wanted; () takes all

    Raises StmatteError if the folder is none, or a video has no picture or no annotation.
    """
    root = Path(root)
    meta = _meta(root)
    for name in videos:
        if name not in meta:
            raise StmatteError(
                f'Video "{name}" is not in {root / META}', value=name, allowed="a name in it"
            )
    chosen = sorted(videos or meta)
    categories = {
        (name, int(number)): str(said.get("category", ""))
        for name in chosen
        for number, said in meta[name].get("objects", {}).items()
    }
    return YouTubeVos(root, tuple(_task(root, name) for name in chosen), categories)


def evaluate_youtube_vos(
    opened: YouTubeVos,
    method: LabelMethod,
    out: Path,
    *,
    label: str,
    progress: Tell = lambda _: None,
) -> str:
    """Make and pack the masks, score them where the truth is there, and return the table.

    out  gets the masks, `submission.zip`, and with a truth `scores.csv` and `scores.md`

    What was seen in training is what `train/meta.json` beside the folder says; without it all
    categories count as seen. Raises StmatteError as `running.make_masks` does.
    """
    reused = make_masks(opened.tasks, method, out, label=label, progress=progress)
    archive = out / SUBMISSION
    pack(opened, out, archive)
    if all(set(task.truths) <= set(task.starts()) for task in opened.tasks):
        return f"{archive} is what the benchmark's server takes; the truth is not here.\n"
    report = replace(score_videos(opened, out), reused=reused)
    write_report(report, out)
    training = opened.root.parent / "train" / META
    known = training.is_file()
    seen = seen_categories(training) if known else frozenset(opened.categories.values())
    found = judged_by_category(report, opened.categories, seen)
    said = "" if known else f"All categories count as seen: there is no {training}.\n"
    return f"{as_table(report)}\n{_in_words(found)}\n{said}"


def score_videos(opened: YouTubeVos, out: Path, *, drop_last: bool = False) -> Report:
    """Return a row for each object, from the frame after its first to its video's end.

    out        where `running.make_masks` left the masks
    drop_last  leave the last annotated frame out, as DAVIS does

    Raises StmatteError if the folder keeps no truth but the first masks.
    """
    rows = [row for task in opened.tasks for row in _rows(task, out, drop_last)]
    if not rows:
        raise StmatteError(
            f"{opened.root} holds no truth to score against",
            value=str(opened.root),
            allowed="annotations after an object's first; the official validation keeps them",
            repair="Send the packed masks to the benchmark's server",
        )
    return Report(PROTOCOL, tuple(rows))


def judged_by_category(
    report: Report, categories: Mapping[tuple[str, int], str], seen: Collection[str]
) -> Judged:
    """Return G and its four parts: means over objects, not over categories or videos.

    seen  categories that were trained on; an object whose category is not known counts as seen
    """

    def of(row: Row) -> bool:
        video, _, number = row.name.rpartition("_")
        category = categories.get((video, int(number)), "")
        return not category or category in seen

    parts = [
        _mean([getattr(row, letter) for row in report.rows if of(row) is among])
        for letter in ("j", "f")
        for among in (True, False)
    ]
    j_seen, j_unseen, f_seen, f_unseen = parts
    there = [part for part in parts if not isnan(part)]
    return Judged(sum(there) / len(there), j_seen, j_unseen, f_seen, f_unseen)


def seen_categories(meta: Path) -> frozenset[str]:
    """Return the categories in the `meta.json` of the training set."""
    videos = _read(meta)
    return frozenset(
        str(said["category"])
        for video in videos.values()
        for said in video.get("objects", {}).values()
        if said.get("category")
    )


def pack(opened: YouTubeVos, out: Path, archive: Path) -> None:
    """Pack the masks as the benchmark's server wants them: `Annotations/VIDEO/00000.png`.

    Raises StmatteError if a mask is missing or the archive cannot be written.
    """
    try:
        with replacing(archive) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as packed:
            for task in opened.tasks:
                for path in mask_paths(task, out):
                    packed.write(path, f"{ANNOTATIONS}/{task.name}/{path.name}")
    except OSError as problem:
        raise StmatteError(
            f"{archive} cannot be packed: {problem.strerror or problem}", value=str(archive)
        ) from problem


def _rows(task: Task, out: Path, drop_last: bool) -> Iterable[Row]:
    """Return the rows of one video; its objects may begin on different frames."""
    masks = mask_paths(task, out)
    annotated = sorted(task.truths)
    judged_frames = annotated[: -1 if drop_last else None]
    for begin, given in task.starts().items():
        for number in given:
            pairs = [(masks[i], task.truths[i]) for i in judged_frames if i > begin]
            if pairs:
                yield from score_pairs(task.name, pairs, [number], most=VOID)


def _task(root: Path, name: str) -> Task:
    pictures = tuple(sorted((root / PICTURES / name).glob("[!.]*.jpg")))
    masks = {path.stem: path for path in sorted((root / ANNOTATIONS / name).glob("[!.]*.png"))}
    if not pictures or not masks:
        what = "annotation" if pictures else "picture"
        raise StmatteError(f'Video "{name}" of {root} has no {what}', value=name)
    known = {index: masks[path.stem] for index, path in enumerate(pictures) if path.stem in masks}
    return Task(name, pictures, known, known)


def _meta(root: Path) -> dict[str, Any]:
    path = root / META
    if path.is_file():
        return _read(path)
    if not (root / ANNOTATIONS).is_dir():
        raise StmatteError(
            f"{root} is not a YouTube-VOS folder, it has no {ANNOTATIONS}",
            value=str(root),
            allowed=f"it holds {PICTURES}, {ANNOTATIONS} and {META}",
            repair='Name the folder in which these lie, such as "valid"',
        )
    return {path.name: {} for path in (root / ANNOTATIONS).iterdir() if path.is_dir()}


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8"))["videos"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StmatteError(
            f"{path} cannot be read: {problem}", value=str(path), allowed='an object "videos"'
        ) from problem


def _in_words(found: Judged) -> str:
    parts = {
        "G": found.g,
        "J seen": found.j_seen,
        "J unseen": found.j_unseen,
        "F seen": found.f_seen,
        "F unseen": found.f_unseen,
    }
    return ", ".join(f"{name} {100 * value:.1f}" for name, value in parts.items())


def _mean(rows: Sequence[Sequence[float]]) -> float:
    means = [sum(scores) / len(scores) for scores in rows]
    return sum(means) / len(means) if means else nan
