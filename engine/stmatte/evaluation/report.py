# SPDX-License-Identifier: Apache-2.0
"""Scores of many sequences as one table: what a person reads and what a program reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from pathlib import Path

from stmatte.evaluation.statistics import Statistics, statistics
from stmatte.evaluation.writing import write_whole

COLUMNS = ("J&F-Mean", "J-Mean", "J-Recall", "J-Decay", "F-Mean", "F-Recall", "F-Decay")
"""In the order of the DAVIS toolkit."""

TABLES = {
    "steadiness (px)": (
        *("jitter", "jitter-worst", "truth-jitter", "truth-jitter-worst"),
        *("offset", "offset-spread", "offset-iqr", "offset-within", "pop", "truth-pop"),
    ),
    "identities (frames, times)": ("strayed", "switches"),
    "soft edges": ("alpha-error", "alpha-sad", "alpha-mse", "alpha-gradient", "alpha-softness"),
}
"""Heading of a table -> what it shows beside J and F; see `steadiness`, `identities`, `alphas`."""

COUNTED = frozenset({"strayed", "switches"})
"""What is counted has a sum below it and no mean."""

CSV_FILE, TABLE_FILE, FRAMES_FILE = "scores.csv", "scores.md", "frames.csv"


@dataclass(frozen=True)
class Row:
    """Scores of one object.

    name     "<sequence>", or "<sequence>_<object>" where a sequence may have several
    frames   names of the frames that were judged: neither the first nor the last
    j, f     a score per judged frame, 0 to 1
    """

    name: str
    frames: tuple[str, ...]
    j: tuple[float, ...]
    f: tuple[float, ...]

    @property
    def region(self) -> Statistics:
        """Mean, recall and decay of J."""
        return statistics(self.j)

    @property
    def contour(self) -> Statistics:
        """Mean, recall and decay of F."""
        return statistics(self.f)


@dataclass(frozen=True)
class Report:
    """Scores of a whole evaluation.

    protocol   "DAVIS-2016" or "DAVIS-2017"
    rows       one per object, at least one
    reused     sequences whose masks were there already and were not made again
    measures   name of a row -> what else is known of it, by the names in `TABLES`
    """

    protocol: str
    rows: tuple[Row, ...]
    reused: tuple[str, ...] = ()
    measures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def region(self) -> Statistics:
        """J of the dataset: every row weighs the same, however long its sequence is."""
        return _average([row.region for row in self.rows])

    @property
    def contour(self) -> Statistics:
        """F of the dataset: every row weighs the same, however long its sequence is."""
        return _average([row.contour for row in self.rows])

    @property
    def mean(self) -> float:
        """The one number: half of mean J and half of mean F."""
        return (self.region.mean + self.contour.mean) / 2


def as_csv(report: Report) -> str:
    """Return a header, a line per row and a last line "mean"; numbers at full precision."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    more = [name for names in TABLES.values() for name in _there(report, names)]
    writer.writerow(("name", "frames", *COLUMNS, *more))
    for name, frames, numbers in _lines(report):
        writer.writerow((name, frames, *numbers, *_blank(_measured(report, name, more))))
    return text.getvalue()


def write_csv(report: Report, path: Path) -> None:
    """Write `as_csv` to a file. Raises StmatteError if the place cannot be written."""
    write_whole(path, as_csv(report).encode())


def write_report(report: Report, folder: Path) -> None:
    """Leave the scores in a folder: `scores.csv`, `scores.md`, and of each frame `frames.csv`.

    Raises StmatteError if the place cannot be written.
    """
    write_csv(report, folder / CSV_FILE)
    write_whole(folder / FRAMES_FILE, _frames(report).encode())
    write_whole(folder / TABLE_FILE, as_table(report).encode())


def as_table(report: Report) -> str:
    """Return the scores with three decimals, aligned to be read as text or as Markdown."""
    head = (report.protocol, "frames", *COLUMNS)
    body = [
        (name, str(frames), *(f"{number:.3f}" for number in numbers))
        for name, frames, numbers in _lines(report)
    ]
    lines = _table(head, body)
    for heading, columns in TABLES.items():
        if there := _there(report, columns):
            names = [*(row.name for row in report.rows), "mean"]
            cells = [[name, *_told(_measured(report, name, there), there)] for name in names]
            if COUNTED.issuperset(there):
                cells[-1][0] = "sum"
            lines += ["", *_table((heading, *there), cells)]
    if report.reused:
        lines += ["", f"Masks that were there already: {', '.join(report.reused)}."]
    return "\n".join(lines) + "\n"


def _frames(report: Report) -> str:
    """Return a header, and a line for every object and judged frame."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "frame", "J", "F"))
    for row in report.rows:
        writer.writerows(
            (row.name, frame, j, f) for frame, j, f in zip(row.frames, row.j, row.f, strict=True)
        )
    return text.getvalue()


def as_comparison(reports: Mapping[str, Report]) -> str:
    """Return one line for each report, its means, to be read as text or as Markdown."""
    head = ("variant", *COLUMNS)
    body = [
        (name, *(f"{number:.3f}" for number in _numbers(report.region, report.contour)))
        for name, report in reports.items()
    ]
    return "\n".join(_table(head, body)) + "\n"


def write_comparison(reports: Mapping[str, Report], folder: Path) -> None:
    """Leave the means of several reports in a folder as `scores.csv` and `scores.md`.

    Raises StmatteError if the place cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("variant", *COLUMNS))
    for name, report in reports.items():
        writer.writerow((name, *_numbers(report.region, report.contour)))
    write_whole(folder / CSV_FILE, text.getvalue().encode())
    write_whole(folder / TABLE_FILE, as_comparison(reports).encode())


def _there(report: Report, names: Sequence[str]) -> list[str]:
    """Return those of the measures that any row has."""
    return [name for name in names if any(name in one for one in report.measures.values())]


def _measured(report: Report, row: str, names: Sequence[str]) -> list[float]:
    """Return the measures of a row, NaN where they are not known; of "mean" what is below all."""
    if row == "mean":
        return [_below(report, name) for name in names]
    return [report.measures.get(row, {}).get(name, nan) for name in names]


def _below(report: Report, name: str) -> float:
    """Return the mean of a measure over the rows that have it, or the sum of what is counted."""
    known = [one[name] for one in report.measures.values() if not isnan(one.get(name, nan))]
    if not known:
        return nan
    return sum(known) if name in COUNTED else sum(known) / len(known)


def _blank(numbers: Sequence[float]) -> list[float | str]:
    return ["" if isnan(number) else number for number in numbers]


def _told(numbers: Sequence[float], names: Sequence[str]) -> list[str]:
    digits = [0 if name in COUNTED else 4 if name == "alpha-mse" else 3 for name in names]
    return [
        "" if isnan(number) else f"{number:.{digit}f}"
        for number, digit in zip(numbers, digits, strict=True)
    ]


def _lines(report: Report) -> list[tuple[str, int, tuple[float, ...]]]:
    """Return (name, number of judged frames, numbers in the order of COLUMNS), the mean last."""
    lines = [(row.name, len(row.frames), _numbers(row.region, row.contour)) for row in report.rows]
    frames = sum(len(row.frames) for row in report.rows)
    return [*lines, ("mean", frames, _numbers(report.region, report.contour))]


def _numbers(j: Statistics, f: Statistics) -> tuple[float, ...]:
    return ((j.mean + f.mean) / 2, j.mean, j.recall, j.decay, f.mean, f.recall, f.decay)


def _average(several: list[Statistics]) -> Statistics:
    count = len(several)
    return Statistics(
        mean=sum(one.mean for one in several) / count,
        recall=sum(one.recall for one in several) / count,
        decay=sum(one.decay for one in several) / count,
    )


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table whose columns are aligned as text, too."""
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [_aligned(line, widths) for line in (head, rule, *body)]


def _aligned(line: Sequence[str], widths: list[int]) -> str:
    cells = [line[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
    return f"| {' | '.join(cells)} |"
