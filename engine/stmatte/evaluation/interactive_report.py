# SPDX-License-Identifier: Apache-2.0
"""What an interactive evaluation leaves in a folder: every round, the curve, the summary.

Rounds are written as they come, so that a long evaluation can be looked at while it goes on, and
gone on with from the sample at which it was stopped. Within a sample it cannot be gone on: what
a method remembers is not in them.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stmatte.errors import StmatteError
from stmatte.evaluation.rounds import Round
from stmatte.evaluation.rounds_summary import AT, Summary
from stmatte.evaluation.writing import write_whole

ROUNDS_FILE = "rounds.csv"
_COLUMNS = (
    *("sequence", "scribble_idx", "interaction", "object_id", "frame"),
    *("jaccard", "contour", "j_and_f", "timing"),
)


@dataclass(frozen=True)
class Report:
    """A summary, and the rounds that it is of."""

    summary: Summary
    rounds: tuple[Round, ...]


def write_rounds(rounds: Sequence[Round], out: Path) -> None:
    """Leave a row for each frame and object of every round, as the challenge's report has them.

    Objects and rounds count from 1, frames from 0; frames vary slower than objects.
    """
    _write_csv(out / ROUNDS_FILE, _COLUMNS, (row for each in rounds for row in _rows(each)))


def read_rounds(out: Path) -> tuple[Round, ...]:
    """Return the rounds that `write_rounds` left, in their order; () where there are none.

    Raises StmatteError if the file is none of these.
    """
    path = out / ROUNDS_FILE
    if not path.is_file():
        return ()
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return tuple(
            _round_of(list(group)) for _, group in itertools.groupby(rows, key=_which_round)
        )
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StmatteError(
            f"Rounds {path} cannot be read ({problem})",
            value=str(path),
            allowed="what an evaluation wrote",
            repair="Choose another folder, or remove this one",
        ) from problem


def write_report(report: Report, out: Path) -> None:
    """Leave `curve.csv`, `summary.json` and `summary.md`."""
    summary = report.summary
    columns = ("seconds", summary.metric)
    _write_csv(out / "curve.csv", columns, zip(summary.times, summary.scores, strict=True))
    text = json.dumps(summary.as_json(), indent=1) + "\n"
    write_whole(out / "summary.json", text.encode())
    write_whole(out / "summary.md", as_markdown(report).encode())


def as_markdown(report: Report) -> str:
    """Return the summary and the curve, a line for each round."""
    summary = report.summary
    samples = len({each.sample for each in report.rounds})
    lines = [
        f"| DAVIS interactive | AUC | {summary.metric} at {AT:g} s |",
        "| --- | ---: | ---: |",
        f"| {samples} samples | {summary.auc:.3f} | {summary.at:.3f} |",
        "",
        f"| round | seconds | {summary.metric} |",
        "| ---: | ---: | ---: |",
    ]
    # the first point is the origin, the last one the end of the time
    points = zip(summary.times[1:-1], summary.scores[1:-1], strict=True)
    lines += [f"| {n} | {at:.1f} | {score:.3f} |" for n, (at, score) in enumerate(points, start=1)]
    return "\n".join(lines) + "\n"


def _rows(done: Round) -> Iterable[tuple[object, ...]]:
    frames, objects = done.j.shape
    for frame in range(frames):
        for place in range(objects):
            j, f = float(done.j[frame, place]), float(done.f[frame, place])
            where = (done.sequence, done.scribble, done.number, place + 1, frame)
            yield (*where, j, f, (j + f) / 2, done.seconds)


def _which_round(row: Mapping[str, str]) -> tuple[str, int, int]:
    return row["sequence"], int(row["scribble_idx"]), int(row["interaction"])


def _round_of(rows: Sequence[Mapping[str, str]]) -> Round:
    """Put a round together from its rows. Raises ValueError if one is missing."""
    frames = 1 + max(int(row["frame"]) for row in rows)
    j, f = (
        np.array([float(row[name]) for row in rows]).reshape(frames, -1)
        for name in ("jaccard", "contour")
    )
    return Round(*_which_round(rows[0]), float(rows[0]["timing"]), j, f)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_whole(path, text.getvalue().encode())
