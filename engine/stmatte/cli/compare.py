# SPDX-License-Identifier: Apache-2.0
"""`stmatte compare`: evaluations beside each other, as a table and as plots."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the table and the plots.")
def compare(runs: tuple[Path, ...], out: Path | None) -> None:
    """Compare the RUNS that `stmatte evaluate` left, each a folder.

    With --out: comparison.md, jaccard.svg (how many frames reach which J) and speed.svg
    (accuracy against frames a second).
    """
    from stmatte.evaluation.comparing import as_table, distribution, read_run, speed_points
    from stmatte.evaluation.curves import as_svg
    from stmatte.evaluation.scatter import as_scatter
    from stmatte.evaluation.writing import make_folder, write_whole

    found = [read_run(run) for run in runs]
    table = as_table(found)
    click.echo(table, nl=False)
    if out is None:
        return
    make_folder(out)
    write_whole(out / "comparison.md", table.encode())
    curves = {run.name: distribution(run.j) for run in found}
    across, up = "J of at least so many tenths", "frames, in percent"
    write_whole(out / "jaccard.svg", as_svg(curves, "Frames that reach a J", across, up).encode())
    points = speed_points(found)
    if points:
        across, up = "frames a second", "J&F, in percent"
        write_whole(
            out / "speed.svg", as_scatter(points, "Accuracy against speed", across, up).encode()
        )
