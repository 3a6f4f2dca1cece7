# SPDX-License-Identifier: Apache-2.0
"""`stmatte submit`: shots as a job that somebody else's queue takes. Nothing is sent."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stmatte.cli import asked, kept, output
from stmatte.errors import StmatteError

if TYPE_CHECKING:
    from stmatte.farm.jobs import ShotJob


@click.command()
@click.argument(
    "shots", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SHOT..."
)
@click.option("--out", required=True, help='Such as "mattes/{shot}/{shot}.####.exr".')
@click.option(
    "--openjd",
    "bundle",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a job bundle of Open Job Description into this folder, which must be empty.",
)
@click.option(
    "--opencue",
    "specification",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the job specification of an OpenCue job.",
)
@click.option("--name", default="stmatte", show_default=True, help="What the job is called.")
@click.option(
    "--program",
    default="stmatte",
    show_default=True,
    help='What runs STMatte on a machine of the farm, such as "rez env stmatte -- stmatte".',
)
@click.option(
    "--chunk",
    "seconds",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Spans that are neighbours share a command until they make so much work.",
)
@click.option(
    "--time-limit",
    "limit",
    type=click.IntRange(60),
    metavar="SECONDS",
    help="When a command is ended; ten times its forecast, half an hour at least, if left out.",
)
@output.options
@kept.shared_option
@asked.device_option
@kept.budget_option
def submit(
    shots: Sequence[Path],
    out: str,
    bundle: Path | None,
    specification: Path | None,
    seconds: float,
    store: str | None,
    device: str | None,
    budget: str | None,
    **said: Any,
) -> None:
    """Write a job that makes the mattes of SHOTs (shot documents) on a farm.

    Every shot is cut into commands that compute spans and one that writes the mattes when all
    of them are done. What the store has is not computed again. Nothing is sent: a bundle is
    what `deadline bundle submit DIR` takes and `openjd run DIR/template.yaml` runs here, a
    specification is what OpenCue's launchSpec takes.
    """
    if bundle is None and specification is None:
        raise click.UsageError("Name what to write: --openjd DIR, --opencue FILE, or both.")
    said["how"] = output.as_words(said)
    output.taken(said, out)  # for what is wrong with it
    folder = Path(_shared(store)).expanduser().absolute()

    from stmatte.farm.jobs import jobs_of

    if bundle is not None:
        from stmatte.farm.openjd import check_empty

        check_empty(bundle)
    opened, allowed = kept.open_shared(str(folder)), kept.parse_budget(budget)
    jobs = jobs_of(shots, opened, out, device=device or "", budget=allowed, seconds=seconds)
    said["program"] = tuple(shlex.split(said["program"])) or ("stmatte",)
    if bundle is not None:
        _write_bundle(jobs, folder, bundle, **said)
    if specification is not None:
        _write_specification(jobs, folder, specification, **said)
    _tell(jobs)


def _shared(store: str | None) -> str:
    """Return the store's folder, which has to be named: a user's own is no other machine's."""
    from stmatte.store.place import FOLDER

    named = store or os.environ.get(FOLDER, "").strip()
    if not named or named == kept.NONE:
        raise StmatteError(
            "The job has no store",
            value=store,
            allowed="all machines of the farm keep what they compute in one folder that they share",
            repair=f"Name it with --store or {FOLDER}",
        )
    return named


def _write_bundle(jobs: Sequence[ShotJob], store: Path, folder: Path, **said: Any) -> None:
    from stmatte.farm import openjd

    parts = {
        "template": openjd.template(jobs, **said),
        "parameter_values": openjd.parameter_values(store),
        "asset_references": openjd.asset_references(jobs),
    }
    openjd.write_bundle(folder, parts)
    click.echo(f"Job bundle of Open Job Description: {folder}")


def _write_specification(jobs: Sequence[ShotJob], store: Path, path: Path, **said: Any) -> None:
    from stmatte.farm.opencue import specification
    from stmatte.placing import placed

    text = specification(jobs, store, **said)
    with placed(path) as beside:
        beside.write_text(text, "utf-8")
    click.echo(f"Job specification of OpenCue: {path}")


def _tell(jobs: Sequence[ShotJob]) -> None:
    from stmatte.farm.files import plate_from_the_root

    chunks = [chunk for job in jobs for chunk in job.chunks]
    spans = sum(len(chunk.tasks) for chunk in chunks)
    seconds = sum(chunk.seconds for chunk in chunks)
    click.echo(
        f"{_counted(len(jobs), 'shot')}, {_counted(spans, 'span')} to compute in "
        f"{_counted(len(chunks), 'command')}, about {seconds:.0f} s of work in all."
    )
    for job in jobs:
        if path := plate_from_the_root(job.shot):
            click.echo(f'Note: {job.shot.name} names "{path}": every machine must find it there.')


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
