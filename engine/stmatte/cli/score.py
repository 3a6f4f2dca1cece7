# SPDX-License-Identifier: Apache-2.0
"""`stmatte score`: masks against the truth."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("predictions", type=click.Path(path_type=Path))
@click.argument("truth", type=click.Path(path_type=Path))
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Also write a CSV here.")
@click.option("--sequences", help="Only these, separated by commas; all if left out.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Processes that score.")
def score(
    predictions: Path, truth: Path, table: Path | None, sequences: str | None, jobs: int
) -> None:
    """Score the PNG masks in PREDICTIONS against those in TRUTH.

    Both hold a folder per sequence, or the frames of one. J and F follow DAVIS-2016, or
    DAVIS-2017 where the truth has several labels; first and last frames are left out.
    """
    from stmatte.evaluation import as_table, write_csv
    from stmatte.evaluation import score as score_folders
    from stmatte.evaluation.writing import make_folder

    wanted = None if sequences is None else [name for name in sequences.split(",") if name]
    if table is not None:
        make_folder(table.parent)
    report = score_folders(predictions, truth, wanted, jobs)
    click.echo(as_table(report), nl=False)
    if table is not None:
        write_csv(report, table)
