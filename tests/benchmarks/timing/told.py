# SPDX-License-Identifier: Apache-2.0
"""Results in words: a line for who watches, and the table of a README.

Numbers as they are written down, and nothing else: what was slower stands among what was
quicker. What others take is given in `OTHERS`, with where it comes from; it was not measured in
the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .machine import KEEPS
from .records import Contender, Range, Result, Run

OTHERS: Mapping[str, Mapping[int, float]] = {
    "STM": {1: 1.6, 3: 5.1},
    "STCN": {1: 1.1, 3: 2.5},
    "XMem": {1: 1.17, 3: 2.7},
    "Cutie-base": {1: 0.67, 3: 1.2},
    "Cutie-small": {1: 0.54, 3: 1.05},
    "RGMP": {1: 2.05, 3: 9.0},
}
"""Seconds a frame of public implementations, by number of objects.

Measured once on a machine of the same kind at 480x854, memory every 5 frames, 2 threads,
float32, random weights, network alone.
"""

SAME = {"stm": ("STM",), "stcn": ("STCN",), "rgmp": ("RGMP",)}
"""Whose public implementation a network is held against; ours, and others, against all."""

LIBRARY = ", as a library"
"""Said of a process that leaves malloc as it is; `stmatte` itself does not."""

MUCH = 0.05
"""Share of a machine that other processes may take."""

COLUMNS = (
    *("network", "level", "objects", "covering", "seconds a frame", "frames a second"),
    *("plain path", "plain / ours", "public implementations"),
)
GIVEN_SIZE = (480, 854)


def as_text(result: Result) -> str:
    """Return a line with what one measurement found."""
    words = [f"{_what(result)}: {_range(result.ours.frame)} s a frame"]
    words += [f" ({_parts(result.ours)})"] if result.ours.parts else []
    if result.plain is not None and result.ratio is not None:
        words.append(f"; plain {_range(result.plain.frame)}")
        words += [f" ({_parts(result.plain)})"] if result.plain.parts else []
        words.append(f"; plain takes {_range(result.ratio)} times as long")
    if result.agreement is not None:
        told = result.agreement
        words.append(f"; J of both {told.jaccard:.4f}, probabilities {told.apart:.1e} apart")
    return "".join(words)


def as_markdown(runs: Sequence[Run]) -> str:
    """Return the table of all results of these runs, slower ones among them."""
    ruler = ("---", "---", *["---:"] * (len(COLUMNS) - 3), "---")
    lines = [f"| {' | '.join(cells)} |" for cells in (COLUMNS, ruler)]
    lines += [_row(run, result) for run in runs for result in run.results]
    results = [result for run in runs for result in run.results]
    return "\n".join([*lines, "", *losses(results)])


def disturbed(run: Run) -> str:
    """Return a sentence if other processes took much of the machine; else ""."""
    if run.elsewhere <= MUCH:
        return ""
    return (
        f"Other processes took {100 * run.elsewhere:.0f} % of this machine meanwhile. Measure "
        "again when it does nothing else"
    )


def made_on(runs: Sequence[Run]) -> list[str]:
    """Return a sentence for each machine, with the commands that ran on it."""
    commands: dict[str, list[str]] = {}
    for run in runs:
        on = run.machine
        packages = ", ".join(f"{name} {version}" for name, version in on.packages.items())
        where = (
            f"{on.cpu} ({on.kernels}), {on.cores} cores, {on.threads} threads, {on.device}, "
            f"{on.system}, Python {on.python}, {packages}, commit {on.commit}"
        )
        others = f"{run.command} ({100 * run.elsewhere:.0f} % of the machine taken by others)"
        commands.setdefault(where, []).append(others if run.elsewhere > MUCH else run.command)
    return [f"Made on {where}: {'; '.join(each)}." for where, each in commands.items()]


def losses(results: Iterable[Result]) -> list[str]:
    """Return a sentence for everything that is slower than what it is held against."""
    told = []
    for result in results:
        ours = result.ours.frame.median
        if result.plain is not None and result.ratio is not None and result.ratio.median < 1:
            told.append(
                f"- {_what(result)} is **slower than its plain path**: {_number(ours)} s "
                f"against {_number(result.plain.frame.median)} s."
            )
        quicker = {name: other for name, other in others(result).items() if other < ours}
        if quicker:
            names = ", ".join(f"{name} ({_number(other)} s)" for name, other in quicker.items())
            told.append(f"- {_what(result)}, {_number(ours)} s, is **slower than** {names}.")
    return told or ["Nothing here is slower than what it is held against."]


def others(result: Result) -> dict[str, float]:
    """Return name -> seconds a frame of what a result may be held against, the quickest first.

    Nothing where another size, another machine or a whole pipeline was measured.
    """
    if result.level != "network" or result.device != "cpu" or result.size != GIVEN_SIZE:
        return {}
    names = SAME.get(result.model, tuple(OTHERS))
    found = {name: OTHERS[name].get(result.objects) for name in names}
    there = {name: number for name, number in found.items() if number is not None}
    return dict(sorted(there.items(), key=lambda item: item[1]))


def without(words: Sequence[str], *options: str) -> list[str]:
    """Return the words of a command without some options that have a value each."""
    left, skip = [], False
    for word in words:
        if not skip and word not in options:
            left.append(word)
        skip = word in options
    return left


def _row(run: Run, result: Result) -> str:
    ours = result.ours.frame
    plain, times = result.plain, result.ratio
    public = ", ".join(f"{name} {_number(other)}" for name, other in others(result).items())
    cells = (
        f"`{result.model}`{_how(result)}{'' if KEEPS in run.machine.allocator else LIBRARY}",
        result.level,
        str(result.objects),
        f"{100 * result.covered:.0f} %",
        _range(ours),
        f"{1 / ours.median:.2f}",
        "" if plain is None else _number(plain.frame.median),
        "" if times is None else _range(times),
        public,
    )
    return f"| {' | '.join(cells)} |"


def _what(result: Result) -> str:
    many = "1 object" if result.objects == 1 else f"{result.objects} objects"
    size = f"{result.size[1]}x{result.size[0]}"
    covered = f", covering {100 * result.covered:.0f} %"
    memory = "" if result.memory is None else f", {result.memory} memory frames"
    return f"{result.model}{_how(result)}, {result.level}, {many}{covered}, {size}{memory}"


def _how(result: Result) -> str:
    return "".join(
        (
            "" if result.precision == "float32" else f" {result.precision}",
            " compiled" if result.compile else "",
            "" if result.device == "cpu" else f" {result.device}",
        )
    )


def _parts(contender: Contender) -> str:
    return ", ".join(f"{part} {_number(each.median)}" for part, each in contender.parts.items())


def _range(found: Range) -> str:
    return f"{_number(found.median)} ({_number(found.low)}-{_number(found.high)})"


def _number(number: float) -> str:
    """Return a number with three digits that count."""
    if number >= 100:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 1 else f"{number:.3f}"
