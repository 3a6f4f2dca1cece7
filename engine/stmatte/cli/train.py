# SPDX-License-Identifier: Apache-2.0
"""`stmatte train`: a recipe and a corpus in, weights out."""

from __future__ import annotations

from pathlib import Path

import click

from stmatte.errors import StmatteError
from stmatte.sizes import parse_size, written_size


@click.command()
@click.argument("recipe")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the training data.")
@click.option("--pack", type=click.Path(path_type=Path), help="Write the corpus here, and stop.")
@click.option("--room", metavar="SIZE", help="Bytes that it may take, such as 60M; with --pack.")
@click.option("--corpus", type=click.Path(path_type=Path), help="A corpus written by --pack.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out.")
@click.option("--steps", type=int, help="Train so many steps instead of the recipe's.")
@click.option("--weights", type=click.Path(path_type=Path), help="Weights to begin with.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
def train(
    recipe: str,
    data: Path | None,
    pack: Path | None,
    room: str | None,
    corpus: Path | None,
    out: Path | None,
    resume: bool,
    steps: int | None,
    weights: Path | None,
    device: str,
) -> None:
    """Train by RECIPE, the name of one that ships or a JSON file.

    A run is a folder with checkpoint.pt, log.csv and weights.safetensors. With --pack the
    corpus is only shrunk into one file, for a machine that has just torch, numpy and OpenCV;
    with --room clips are left out, from all over the folder, until the rest fits.
    """
    from dataclasses import replace

    from stmatte.training.recipe import load_recipe

    settings = load_recipe(recipe)
    if steps is not None:
        settings = replace(settings, steps=steps)
    if (data is None) == (corpus is None):
        raise StmatteError(
            "Nothing to train on is named" if data is None else "Two things to train on are named",
            allowed="either --data with a folder, or --corpus",
        )
    if pack is not None:
        _pack(data, pack, None if room is None else parse_size(room, "--room"))
        return
    if room is not None:
        raise StmatteError("--room is about a corpus that is written", allowed="use it with --pack")
    if out is None:
        raise StmatteError("No folder for the run is named", allowed="--out names it")
    if corpus is None:
        corpus = out / "corpus.pack"
        if not corpus.exists():
            out.mkdir(parents=True, exist_ok=True)
            _pack(data, corpus)

    from stmatte.networks.registry import choose_device
    from stmatte.training.corpus import Corpus
    from stmatte.training.loop import train as run

    trained = run(
        settings,
        Corpus(corpus),
        out,
        resume=resume,
        device=choose_device(device),
        tell=lambda step, loss, pace: click.echo(
            f"step {step}/{settings.steps}  loss {loss:.4f}  {pace:.2f} s a step"
        ),
        weights=weights,
    )
    click.echo(f"Weights: {trained}")


def _pack(data: Path | None, path: Path, room: int | None = None) -> None:
    from stmatte.training.pack import pack_corpus

    if data is None:
        raise StmatteError("There is nothing to pack", allowed="--data names the folder")
    counts = pack_corpus(data, path, room)
    words = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    click.echo(f"{path}: {words}, {written_size(path.stat().st_size)}")
