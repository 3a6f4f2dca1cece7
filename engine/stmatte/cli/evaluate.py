# SPDX-License-Identifier: Apache-2.0
"""`stmatte evaluate`: a network or a floor on a benchmark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import computing
from stmatte.errors import StmatteError
from stmatte.settings import Precision, Settings

if TYPE_CHECKING:
    from stmatte.evaluation import LabelMethod, Progress
    from stmatte.evaluation.tasks import SoftMethod
    from stmatte.networks.protocol import Network

# the height at which label propagation is published and at its best; others see the plate's
LOW = {"label-propagation": 384}


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
        click.echo(f"{where}: {score} after {now.seconds:.1f} s", err=True)

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


@click.command()
@click.argument("benchmark", type=click.Choice(list(BENCHMARKS)))
@click.option("--root", required=True, help="Folder of the benchmark, or of a set in its layout.")
@click.option("--split", default="all", help="train, val, all, or sequences separated by commas.")
@click.option("--model", required=True, help="A network, a weights file, copy-first or dis-flow.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Masks and tables.")
@click.option("--working-height", type=int, help="Picture height that the network sees.")
@click.option("--memory-every", type=int, default=Settings.memory_every, show_default=True)
@click.option(
    "--adapt",
    type=int,
    default=Settings.adapt,
    show_default=True,
    metavar="N",
    help="Steps that it learns on the given masks first.",
)
@click.option("--device", default=Settings.device, show_default=True, help="auto, cpu or cuda.")
@computing.options
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes that score.")
@click.option("--rounds", type=int, default=8, show_default=True, help="Of interactive work.")
@click.option(
    "--seconds",
    type=float,
    default=240.0,
    show_default=True,
    help="Of interactive work, for each object of a sample, all rounds together.",
)
@click.option("--corrections", type=int, default=5, show_default=True, help="Keys that are added.")
def evaluate(
    benchmark: str,
    root: str,
    split: str,
    model: str,
    out: Path,
    working_height: int | None,
    memory_every: int,
    adapt: int,
    device: str,
    precision: Precision,
    compile: bool,  # noqa: A002  the word of the settings
    jobs: int,
    rounds: int,
    seconds: float,
    corrections: int,
) -> None:
    """Score a model on BENCHMARK, the masks where objects begin given.

    Masks are written as PNG, and a table and a CSV of the scores. Sequences that are done
    already are kept. For interactive a robot draws strokes where masks are worst, round after
    round; the first ones are those in ROOT/Scribbles, or the robot's own on the first frame.
    For corrections it keys the true mask of the worst frame, one after the other.
    """
    from stmatte.evaluation import FLOORS
    from stmatte.evaluation.tasks import one_object_soft

    network: Network | None = None
    settings = Settings(device=device)
    if model in FLOORS:
        method, label = one_object_soft(FLOORS[model]), model
    else:
        height = LOW.get(model, Settings.working_height)
        if working_height is not None:
            height = working_height
        settings = Settings(
            model,
            height,
            memory_every,
            device,
            adapt=adapt,
            precision=precision,
            compile=compile,
        )
        network, method, label = _network(settings)

    def tell(now: Progress) -> None:
        if now.frame == now.frames:
            state = "was done before" if now.reused else "is done"
            click.echo(f"{now.number}/{now.sequences} {now.sequence} {state}", err=True)

    run = Run(
        root,
        split,
        model,
        method,
        label,
        out,
        tell,
        network,
        settings,
        jobs,
        rounds,
        seconds,
        corrections,
    )
    click.echo(BENCHMARKS[benchmark](run), nl=False)


def _network(settings: Settings) -> tuple[Network, SoftMethod, str]:
    """Return the network, it as a method, and a label that names its weights and settings."""
    from stmatte.cli.network_method import soft_method
    from stmatte.networks.identity import fingerprint
    from stmatte.networks.registry import load_for

    network = load_for(settings)
    label = (
        f"{network.name} {fingerprint(network)} working height {settings.working_height}, "
        f"memory every {settings.memory_every}"
    )
    if settings.adapt:
        label += f", adapted in {settings.adapt} steps"
    if settings.precision != Settings.precision:
        label += f", in {settings.precision}"
    if settings.compile:
        label += ", compiled"
    return network, soft_method(network, settings), label
