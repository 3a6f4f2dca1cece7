# SPDX-License-Identifier: Apache-2.0
"""What corrections are worth, as tables: each sequence, their mean, and the keys that are saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from statistics import fmean

from stmatte.evaluation.corrections import (
    BESIDE,
    Corrected,
    Worked,
    keys_needed,
    one_in_twenty,
)
from stmatte.evaluation.curves import as_svg
from stmatte.evaluation.writing import write_whole

CSV_FILE, TABLE_FILE, FLOORS_FILE = "corrections.csv", "corrections.md", "floors.csv"
PLOT_FILE = "corrections.svg"
STEADY = ("jitter", "truth-jitter", "jitter-worst", "offset-spread", "pop", "truth-pop")


def write_corrections(worked: Sequence[Worked], out: Path) -> None:
    """Leave `corrections.csv`, `corrections.md` and `.svg`, and of the simple ways `floors.csv`.

    Raises StmatteError if the place cannot be written.
    """
    write_whole(out / CSV_FILE, as_csv(worked).encode())
    write_whole(out / TABLE_FILE, as_markdown(worked).encode())
    title, across = f"J of {len(worked)} sequences", "corrections"
    plot = as_svg(mean_curves(worked), title, across, "J, in percent")
    write_whole(out / PLOT_FILE, plot.encode())
    rows = [
        (one.sequence, name, keys, score)
        for one in worked
        for name, scores in one.floors.items()
        for keys, score in enumerate(scores, start=1)
    ]
    write_whole(out / FLOORS_FILE, _csv(("sequence", "method", "keys", "J"), rows).encode())


def mean_curves(worked: Sequence[Worked]) -> dict[str, list[float]]:
    """Return J after 0, 1, ... corrections, of what was corrected and of the simple ways.

    A simple way that is as good as the best of the others is not followed further.
    """
    counts = range(max(len(one.rounds) for one in worked))
    curves = {"corrected": [fmean(_at(one, count).j for one in worked) for count in counts]}
    for name in BESIDE:
        known = [one.floors[name] for one in worked]
        curves[name] = [fmean(j[min(count, len(j) - 1)] for j in known) for count in counts]
    return curves


def as_csv(worked: Sequence[Worked]) -> str:
    """Return a row for each sequence and number of corrections.

    `keyed` lists frames from 0; `saved` is keyed frames that the simple way needs more for the
    same J; `one-in-20` is 1 in the row of one correction for each 20 frames.
    """
    columns = (
        *("sequence", "frames", "corrections", "keys", "keyed", "J", "F", "J-unkeyed", "redone"),
        *("seconds", "one-in-20"),
        *(f"{name}-{what}" for name in BESIDE for what in ("keys", "saved")),
    )
    rows = []
    for one in worked:
        for count, now in enumerate(one.rounds):
            keyed = " ".join(map(str, now.keys))
            start = (one.sequence, one.frames, count, len(now.keys), keyed, now.j, now.f)
            more = (now.unkeyed, now.redone, now.seconds, int(count == one_in_twenty(one.frames)))
            needed = [_needed(one, name, now) for name in BESIDE]
            rows.append((*start, *more, *(n for k in needed for n in (k, k - len(now.keys)))))
    return _csv(columns, rows)


def as_markdown(worked: Sequence[Worked]) -> str:
    """Return the means over sequences, then the sequences, then how steady the last masks are."""
    heads = ["J", "F", "J unkeyed", "frames redone", "keys"]
    heads += [f"{name} keys" for name in BESIDE] + [f"{name} saved" for name in BESIDE]
    counts = range(max(len(one.rounds) for one in worked))
    lines = _head("corrections", heads)
    lines += [_row(str(count), worked, [_at(one, count) for one in worked]) for count in counts]
    apart = [_at(one, one_in_twenty(one.frames)) for one in worked]
    lines.append(_row("one in 20 frames", worked, apart))
    lines += ["", *_head("sequence, corrections", heads)]
    for one in worked:
        for count, now in enumerate(one.rounds):
            lines.append(_row(f"{one.sequence}, {count}", [one], [now]))
    lines += ["", *_head("steadiness (px), all corrections made", STEADY)]
    for one in worked:
        numbers = [one.measures[name] for name in STEADY]
        lines.append(_cells([one.sequence, *("" if isnan(n) else f"{n:.2f}" for n in numbers)]))
    return "\n".join(lines) + "\n"


def _row(name: str, worked: Sequence[Worked], rounds: Sequence[Corrected]) -> str:
    """Return a line of means over sequences."""
    needed = [
        [_needed(one, floor, now) for one, now in zip(worked, rounds, strict=True)]
        for floor in BESIDE
    ]
    keys = fmean(len(now.keys) for now in rounds)
    scores = [fmean(score) for score in zip(*((r.j, r.f, r.unkeyed) for r in rounds), strict=True)]
    counted = [fmean(now.redone for now in rounds), keys, *map(fmean, needed)]
    saved = [fmean(counts) - keys for counts in needed]
    told = [f"{number:.3f}" for number in scores]
    return _cells([name, *told, *(f"{number:.1f}" for number in (*counted, *saved))])


def _at(one: Worked, count: int) -> Corrected:
    """Return where a sequence stands after so many corrections; all of it may be keyed before."""
    return one.rounds[min(count, len(one.rounds) - 1)]


def _needed(one: Worked, name: str, now: Corrected) -> int:
    """Return how many keys a simple way needs; one that never gets there needs all frames."""
    return keys_needed(one.floors[name], now.j) or one.frames


def _head(first: str, names: Sequence[str]) -> list[str]:
    return [_cells([first, *names]), _cells(["---", *["---:"] * len(names)])]


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
