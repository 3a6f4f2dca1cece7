# SPDX-License-Identifier: Apache-2.0
"""`stmatte average`: several weights in, their mean out."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("weights", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="NAME.safetensors.")
def average(weights: tuple[Path, ...], out: Path) -> None:
    """Write the mean of several WEIGHTS of one network.

    Runs that began with the same weights often know together what each alone has forgotten. What
    they were is written beside the mean, as `stmatte train` does.
    """
    from stmatte.training.averaging import average as mean

    mean(weights, out)
    click.echo(f"Weights: {out}")
