# SPDX-License-Identifier: Apache-2.0
"""`stmatte evaluate`: a network or a floor on a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import computing
from stmatte.cli.benchmarks import BENCHMARKS, Run
from stmatte.cli.making import REACH, as_reach
from stmatte.errors import StmatteError
from stmatte.settings import Precision, Settings

if TYPE_CHECKING:
    from stmatte.evaluation import Progress
    from stmatte.evaluation.tasks import SoftMethod
    from stmatte.networks.protocol import Network

# the height at which label propagation is published and at its best; others see the plate's
LOW = {"label-propagation": 384}


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
@REACH
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
    reach: str,
) -> None:
    """Score a model on BENCHMARK, the masks where objects begin given.

    Masks are written as PNG, and a table and a CSV of the scores. What is done already, of
    sequences and of samples of interactive work, is kept. For interactive a robot draws strokes
    where masks are worst, round after round; the first ones are those in ROOT/Scribbles, or the
    robot's own on the first frame. For corrections it keys the true mask of the worst frame, one
    after the other.
    """
    from stmatte.evaluation import FLOORS
    from stmatte.evaluation.tasks import one_object_soft

    if reach != str(Settings.reach) and benchmark != "corrections":
        raise StmatteError("--reach is about keys that are added", allowed="use it for corrections")
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
            reach=as_reach(reach),
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
    if settings.reach != Settings.reach:
        label += f", reach {settings.reach}"
    if settings.adapt:
        label += f", adapted in {settings.adapt} steps"
    if settings.precision != Settings.precision:
        label += f", in {settings.precision}"
    if settings.compile:
        label += ", compiled"
    return network, soft_method(network, settings), label
