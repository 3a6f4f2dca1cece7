# SPDX-License-Identifier: Apache-2.0
"""`stmatte batch`: a timeline and keys in, mattes for every shot and a timeline with them out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from stmatte.cli import computing, kept, output, progress
from stmatte.cli.batch_progress import BatchShown
from stmatte.errors import raise_all
from stmatte.output import Output
from stmatte.settings import Edges, Settings
from stmatte.shot import check_object_name

if TYPE_CHECKING:
    from stmatte.timelines.batch import Outcome
    from stmatte.timelines.shots import Order, TimelineShot

SOME_FAILED = 1
"""Exit code when some shots are done and others are not."""


@click.command()
@click.argument("timeline", type=click.Path(path_type=Path))
@click.option("--out", required=True, help='Such as "mattes/{shot}/{shot}.####.exr".')
@click.option(
    "--keys",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the keys; without it, markers name them.",
)
@click.option(
    "--key-pattern",
    "key_patterns",
    multiple=True,
    metavar="PATTERN",
    help="What keys are called, such as {shot}/{object}.{frame}.{ext}. May be repeated.",
)
@click.option(
    "--object",
    "objects",
    multiple=True,
    metavar="NAME",
    help="Name of label 1, 2, ... in keys that hold labels.",
)
@click.option(
    "--handles", type=click.IntRange(0), default=0, show_default=True, help="More frames at ends."
)
@click.option(
    "--media",
    default="",
    metavar="PATTERN",
    help="Where the plates are, with {shot} or {reel}, in place of what the timeline says.",
)
@click.option(
    "--media-handles",
    type=click.IntRange(0),
    metavar="N",
    help="How many frames the plates begin before the cut, where no number tells.",
)
@click.option("--rate", type=float, metavar="FPS", help="Frames a second of an EDL.")
@click.option("--only", multiple=True, metavar="SHOT", help="This shot alone. May be repeated.")
@click.option("--dry-run", is_flag=True, help="Print shots, frames, keys and problems; no more.")
@click.option(
    "--timeline",
    "target",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The timeline with mattes; NAME.mattes.otio beside the mattes if left out.",
)
@click.option(
    "--unsure",
    type=click.FloatRange(0, 1),
    default=0.35,
    show_default=True,
    help="Frames that are more doubtful than this get a marker.",
)
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help='JSON, as under "settings" in a shot document.',
)
@click.option("--model", help="Name, or weights file.")
@click.option("--device", help="auto, cpu or cuda.")
@click.option("--working-height", type=int, help="Picture height that the network sees.")
@click.option("--adapt", type=int, metavar="N", help="Steps that it learns on each shot's keys.")
@click.option("--edges", type=click.Choice(get_args(Edges)), help="How mattes get their edges.")
@computing.changes
@output.options
@click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What becomes of a shot with a plate frame that is missing or cannot be read.",
)
@kept.option
@kept.features_option
@kept.budget_option
@click.option(
    "--progress", "kind", type=click.Choice(progress.KINDS), default="auto", show_default=True
)
def batch(
    timeline: Path,
    out: str,
    rate: float | None,
    dry_run: bool,
    target: Path | None,
    unsure: float,
    file: Path | None,
    on_error: str,
    store: str | None,
    keep_features: bool,
    budget: str | None,
    kind: str,
    **said: Any,
) -> None:
    """Make mattes for every shot of TIMELINE (.otio, .otiod or .edl) that has keys.

    Of every clip with a picture sequence, the frames that it shows and --handles are made. In
    --out, {shot} is the clip's name. A shot that fails is told, and the others are done.
    The exit code is 0 if all are done, 1 if some failed, 2 if nothing could be begun.
    """
    from stmatte.timelines.opening import open_cut
    from stmatte.timelines.shots import shots_of

    wanted = output.taken(said, out)
    for name in said["objects"]:
        check_object_name(name)
    cut = open_cut(timeline, rate)
    order = _order(wanted, on_error, _settings(file, said), said)
    shots = shots_of(cut, order)
    if dry_run:
        _print_table(shots)
        _leave(shots, [shot for shot in shots if shot.problem])
    if all(shot.problem for shot in shots):
        raise_all(shot.problem for shot in shots if shot.problem)

    from stmatte.timelines.batch import propagate_all
    from stmatte.timelines.written import check_target, default_path, write_cut

    path = target or default_path(cut, out)
    check_target(cut, path)
    opened = kept.open_kept(store)
    how: dict[str, Any] = {
        "store": None if store == kept.NONE else opened,
        "features": kept.features(opened) if keep_features else None,
        "budget": kept.parse_budget(budget),
    }
    outcomes: list[Outcome] = []
    with BatchShown(kind, len(shots)) as shown:
        try:
            for outcome in propagate_all(
                shots, order, begin=shown.shot, tell=shown.frame, learns=shown.learning, **how
            ):
                outcomes.append(outcome)
                shown.done(outcome)
        except KeyboardInterrupt:
            shown.stopped(len(outcomes))
            raise
    write_cut(cut, outcomes, order, path, unsure)
    failed = [outcome.shot.name for outcome in outcomes if outcome.problem]
    shown.end(failed, path)
    _leave(shots, failed)


def _order(wanted: Output, on_error: str, settings: Settings, said: dict[str, Any]) -> Order:
    from stmatte.timelines.shots import Order

    return Order(wanted, skip_errors=on_error == "skip", settings=settings, **said)


def _settings(file: Path | None, said: dict[str, Any]) -> Settings:
    """Return the settings of the file, changed by those options that were given."""
    from stmatte.timelines.settings import read_settings

    names = ("model", "device", "working_height", "edges", "adapt", "precision", "compile")
    given = {name: said.pop(name) for name in names}
    settings = Settings() if file is None else read_settings(file)
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _leave(shots: Sequence[object], failed: Sequence[object]) -> None:
    if failed:
        sys.exit(2 if len(failed) == len(shots) else SOME_FAILED)
    sys.exit(0)


def _print_table(shots: Sequence[TimelineShot]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for heading in ("shot", "shows", "makes", "keys", "plate", "numbered by"):
        table.add_column(heading, overflow="fold")
    for shot in shots:
        table.add_row(
            shot.name,
            str(shot.need.shown) if shot.need else "",
            str(shot.frames or ""),
            " ".join(dict.fromkeys(str(key.frame) for key in shot.keys)) or "none",
            shot.media.pattern if shot.media else "",
            shot.media.by if shot.media else "",
        )
    width = None if sys.stdout.isatty() else 1000  # a line a shot, for grep
    Console(width=width, markup=False).print(table)
    for shot in shots:
        for note in shot.notes:
            click.echo(f"Note: {note}.")
    for shot in shots:
        if shot.problem is not None:
            click.echo(f"{shot.name}: {shot.problem}")
