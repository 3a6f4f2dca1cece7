# SPDX-License-Identifier: Apache-2.0
"""`stmatte review`: pages to look at mattes, and the notes that were typed on them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import kept
from stmatte.cli.counted import counted, progress_option
from stmatte.errors import StmatteError

if TYPE_CHECKING:
    from stmatte.review import Note, Notes

WIDE = 1000
"""Columns where nobody looks: a note stays on its line."""


@click.command()
@click.argument("shots", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder of the pages.")
@click.option(
    "--mattes",
    help="Where the mattes are, such as mattes/{shot}/{shot}_v003.####.exr.",
)
@click.option(
    "--previous",
    help="Where the version before is, to compare with; if left out, the nearest one before the "
    "version that --mattes names.",
)
@click.option(
    "--height",
    type=int,
    default=540,
    show_default=True,
    help="Height of the pictures on a page, in pixels. Values are exact at any height.",
)
@click.option("--fps", type=float, default=24.0, show_default=True, help="How fast a page plays.")
@click.option(
    "--doubtful",
    type=float,
    default=0.5,
    show_default=True,
    help="Uncertainty from which a matte is marked doubtful.",
)
@click.option(
    "--notes",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="List the notes of a file that a page saved, instead. May be repeated.",
)
@click.option(
    "--otio",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the notes as markers of a timeline (.otio), too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@kept.option
@progress_option
def review(
    shots: tuple[Path, ...],
    out: Path | None,
    mattes: str | None,
    previous: str | None,
    height: int,
    fps: float,
    doubtful: float,
    notes: tuple[Path, ...],
    otio: Path | None,
    as_json: bool,
    store: str | None,
    kind: str,
) -> None:
    """Write pages to look at the mattes of SHOTS (shot documents), or list notes on them.

    A page is one file that opens in a browser from disk, without a network. index.html leads to
    all of them, worst first. Nothing is computed and no matte is changed.
    """
    if notes:
        _check_alone(shots, out, mattes, previous)
        _tell_notes(notes, otio, as_json=as_json)
        return
    if otio is not None:
        raise StmatteError(
            "Markers are made of notes, and none were given",
            value=str(otio),
            allowed="a page saves them as JSON",
            repair="Name that file by --notes",
        )
    if not shots or out is None or mattes is None:
        raise click.UsageError(
            "A review takes shot documents, --mattes and --out; or --notes with the notes on one."
        )
    _write(shots, out, mattes, previous, height, fps, doubtful, store, kind, as_json=as_json)


def _write(
    shots: tuple[Path, ...],
    out: Path,
    mattes: str,
    previous: str | None,
    height: int,
    fps: float,
    doubtful: float,
    store: str | None,
    kind: str,
    *,
    as_json: bool,
) -> None:
    from stmatte.review import Look
    from stmatte.review import review as write

    look = Look(height, fps, doubtful)
    with counted(kind, "Writing pages") as tell:
        done = write(
            shots, mattes, out, kept.open_kept(store), previous=previous, look=look, tell=tell
        )
    if as_json:
        pages = [{"shot": name, "page": str(page)} for name, page in done.pages.items()]
        click.echo(json.dumps({"index": str(done.index), "pages": pages}, indent=1))
        return
    for page in done.pages.values():
        click.echo(f"{page} ({page.stat().st_size / 2**20:.1f} MiB)")
    click.echo(f"Open {done.index}")


def _tell_notes(files: tuple[Path, ...], otio: Path | None, *, as_json: bool) -> None:
    from stmatte.review import read_notes

    found = [each for path in files for each in read_notes(path)]
    if otio is not None:
        from stmatte.timelines.remarks import Remark, RemarkedShot, write_remarks

        write_remarks(
            otio,
            [
                RemarkedShot(
                    each.shot,
                    each.frames,
                    each.rate,
                    tuple(Remark(n.frames, n.object, n.text) for n in each.notes),
                )
                for each in found
            ],
        )
    if as_json:
        click.echo(json.dumps({"notes": [_row(s, n) for s in found for n in s.notes]}, indent=1))
    else:
        _print_table(found)


def _row(shot: Notes, note: Note) -> dict[str, str]:
    return {
        "shot": shot.shot,
        "version": shot.version,
        "frames": str(note.frames),
        "object": note.object,
        "note": note.text,
    }


def _print_table(found: list[Notes]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(_row(shot, note).values()) for shot in found for note in shot.notes]
    if not rows:
        click.echo("No notes.")
        return
    table = Table(box=None)
    for heading in ("shot", "version", "frames", "object", "note"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def _check_alone(
    shots: tuple[Path, ...], out: Path | None, mattes: str | None, previous: str | None
) -> None:
    """Refuse to list notes and write pages at once."""
    if shots or out is not None or mattes is not None or previous is not None:
        raise click.UsageError("--notes lists notes, and takes no shots, --out or mattes.")
