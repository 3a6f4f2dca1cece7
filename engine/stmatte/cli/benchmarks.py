# SPDX-License-Identifier: Apache-2.0
"""The benchmarks of `stmatte evaluate`: what runs each, and the table that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.errors import StmatteError
from stmatte.settings import Settings

if TYPE_CHECKING:
    from stmatte.evaluation import LabelMethod, Progress
    from stmatte.evaluation.tasks import SoftMethod
    from stmatte.networks.protocol import Network


@dataclass(frozen=True)
class Run:
    """What is evaluated, and where.

    only      names of sequences; "" takes all, or what the benchmark's own word means
    network   None for a floor
    settings  of the network
    jobs      processes that score
    model     as it was asked for
    rounds    of interactive work; seconds are for each object of a sample
    corrections  that are made, at least
    """

    root: str
    only: str
    model: str
    soft: SoftMethod
    label: str
    out: Path
    tell: Callable[[Progress], None]
    network: Network | None
    settings: Settings
    jobs: int
    rounds: int
    seconds: float
    corrections: int

    @property
    def method(self) -> LabelMethod:
        """The method without its mattes."""
        from stmatte.evaluation.tasks import labels_alone

        return labels_alone(self.soft)

    @property
    def names(self) -> list[str]:
        """Names of the sequences that were asked for; none where all are meant."""
        return [] if self.only in ("", "all") else [n for n in self.only.split(",") if n]


def _davis16(run: Run) -> str:
    from stmatte.evaluation import as_table
    from stmatte.evaluation.clips import open_sequences
    from stmatte.evaluation.davis import LISTS_2016
    from stmatte.evaluation.davis16 import evaluate_closely

    sequences = open_sequences(run.root, run.only, LISTS_2016)
    report = evaluate_closely(
        sequences, run.soft, run.out, label=run.label, progress=run.tell, jobs=run.jobs
    )
    return as_table(report)


def _davis17(run: Run) -> str:
    from stmatte.evaluation import as_table
    from stmatte.evaluation.clips import open_sequences
    from stmatte.evaluation.davis17 import evaluate17_closely

    sequences = open_sequences(run.root, run.only)
    report = evaluate17_closely(
        sequences, run.soft, run.out, label=run.label, progress=run.tell, jobs=run.jobs
    )
    return as_table(report)


def _corrections(run: Run) -> str:
    from stmatte.cli.key_method import key_method
    from stmatte.evaluation.clips import open_sequences
    from stmatte.evaluation.corrections import Corrected, evaluate_corrections
    from stmatte.evaluation.corrections_report import as_markdown, write_corrections
    from stmatte.evaluation.davis import LISTS_2016
    from stmatte.evaluation.keyed import KEYED_FLOORS

    def tell(sequence: str, count: int, now: Corrected) -> None:
        where = f"{sequence}, correction {count}"
        click.echo(f"{where}: {now.j:.3f}, {now.redone} frames in {now.seconds:.1f} s", err=True)

    if run.network is None:
        method = KEYED_FLOORS[run.model]
    else:
        method = key_method(run.network, run.settings)
    worked = evaluate_corrections(
        open_sequences(run.root, run.only, LISTS_2016),
        method,
        run.out,
        label=run.label,
        corrections=run.corrections,
        tell=tell,
        jobs=run.jobs,
    )
    write_corrections(worked, run.out)
    return as_markdown(worked)


def _youtube_vos(run: Run) -> str:
    from stmatte.evaluation import youtube_vos

    return youtube_vos.evaluate_youtube_vos(
        youtube_vos.open_youtube_vos(run.root, run.names),
        run.method,
        run.out,
        label=run.label,
        progress=run.tell,
    )


def _segtrack(run: Run) -> str:
    from stmatte.evaluation import as_table, segtrack

    tasks = segtrack.open_segtrack(run.root, run.names)
    report = segtrack.evaluate_segtrack(
        tasks, run.method, run.out, label=run.label, progress=run.tell
    )
    return as_table(report)


def _jumpcut(run: Run) -> str:
    from stmatte.evaluation import jumpcut, open_davis

    videos = open_davis(run.root).sequences(run.only)
    carried = jumpcut.evaluate_jumpcut(
        videos, run.method, run.out, label=run.label, progress=run.tell
    )
    return jumpcut.as_markdown(jumpcut.errors_by_distance(carried))


def _interactive(run: Run) -> str:
    from stmatte.cli.stroke_method import stroke_method
    from stmatte.evaluation import open_davis
    from stmatte.evaluation.davis import LISTS_2017
    from stmatte.evaluation.interactive import Worked, evaluate_interactive
    from stmatte.evaluation.interactive_report import as_markdown
    from stmatte.evaluation.sessions import Limits

    if run.network is None:
        raise StmatteError(
            f'"{run.label}" takes no strokes',
            value=run.label,
            allowed="interactive work needs a network",
            repair="Choose a network, or a weights file",
        )

    def tell(now: Worked) -> None:
        score = "too late" if now.score is None else f"{now.score:.3f}"
        where = f"{now.sequence} {now.scribble}, round {now.number}"
        before = ", was done before" if now.reused else ""
        click.echo(f"{where}: {score} after {now.seconds:.1f} s{before}", err=True)

    folder = open_davis(run.root, LISTS_2017)
    limits = Limits(run.rounds, run.seconds)
    report = evaluate_interactive(
        folder,
        folder.sequences(run.only),
        stroke_method(run.network, run.settings),
        run.out,
        label=f"{run.label}, {run.rounds} rounds, {run.seconds:g} s for each object",
        limits=limits,
        tell=tell,
    )
    return as_markdown(report)


BENCHMARKS: dict[str, Callable[[Run], str]] = {
    "davis16": _davis16,
    "davis17": _davis17,
    "youtube-vos": _youtube_vos,
    "segtrack": _segtrack,
    "jumpcut": _jumpcut,
    "interactive": _interactive,
    "corrections": _corrections,
}
"""Name on the command line -> what runs it and returns its table."""
