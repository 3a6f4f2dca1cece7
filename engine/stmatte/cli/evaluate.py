# SPDX-License-Identifier: Apache-2.0
"""`stmatte evaluate`: a network or a floor on a benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.shot import Key, Settings, Shot

if TYPE_CHECKING:
    from stmatte.evaluation import Matte, Method, Progress
    from stmatte.evaluation.pictures import Picture
    from stmatte.networks.protocol import Network

# the height at which label propagation is published and at its best; others see the plate's
LOW = {"label-propagation": 384}


@click.command()
@click.argument("benchmark", type=click.Choice(["davis16"]))
@click.option("--root", required=True, help="Folder of DAVIS, or of a set in its layout.")
@click.option("--split", required=True, help="train, val, all, or sequences separated by commas.")
@click.option("--model", required=True, help="A network, a weights file, copy-first or dis-flow.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Masks and tables.")
@click.option("--working-height", type=int, help="Picture height that the network sees.")
@click.option("--memory-every", type=int, default=Settings.memory_every, show_default=True)
@click.option("--device", default=Settings.device, show_default=True, help="auto, cpu or cuda.")
def evaluate(
    benchmark: str,
    root: str,
    split: str,
    model: str,
    out: Path,
    working_height: int | None,
    memory_every: int,
    device: str,
) -> None:
    """Score a model on BENCHMARK, the first frame's mask given. Sequences already done are kept.

    Masks are written as PNG, and a table and a CSV of J and F per sequence.
    """
    del benchmark  # there is one so far
    from stmatte.evaluation import FLOORS, as_table, open_davis
    from stmatte.evaluation import evaluate as run

    sequences = open_davis(root).sequences(split)
    method: Method
    if model in FLOORS:
        method, label = FLOORS[model], model
    else:
        height = LOW.get(model, Settings.working_height)
        if working_height is not None:
            height = working_height
        settings = Settings(model, height, memory_every, device)
        method, label = _method(settings)

    def tell(now: Progress) -> None:
        if now.frame == now.frames:
            state = "was done before" if now.reused else "is done"
            click.echo(f"{now.number}/{now.sequences} {now.sequence} {state}", err=True)

    click.echo(as_table(run(sequences, method, out, label=label, progress=tell)), nl=False)


def _method(settings: Settings) -> tuple[Method, str]:
    """Return the network as a method, and a label that names its weights and settings."""
    from stmatte.networks.identity import fingerprint
    from stmatte.networks.registry import load_network

    network = load_network(settings.model, settings.device)
    label = (
        f"{network.name} {fingerprint(network)} working height {settings.working_height}, "
        f"memory every {settings.memory_every}"
    )

    def method(frames: Iterable[Picture], first: Matte) -> Iterator[Matte]:
        return _propagated(network, settings, frames, first)

    return method, label


def _propagated(
    network: Network, settings: Settings, frames: Iterable[Picture], first: Matte
) -> Iterator[Matte]:
    from stmatte.pipeline import propagate_frames

    plate = dict(enumerate(frames))
    shot = Shot(plate, (Key(0, {"object1": first}),), None, settings)
    for result in propagate_frames(shot, network=network):
        yield result.mattes["object1"]
