# SPDX-License-Identifier: Apache-2.0
"""`stmatte scribble`: strokes on a frame become a key, and the shot follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stmatte.cli import kept, output, progress


@click.command()
@click.argument("shot", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--strokes",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="JSON: strokes by name and frame, or scribbles of the DAVIS challenge.",
)
@click.option("--frame", type=int, help="Take the strokes on this plate frame alone.")
@click.option("--out", help="Where the mattes go, such as out/matte.####.exr; none if left out.")
@click.option(
    "--over-keys",
    is_flag=True,
    help="Replace keys that somebody made, too; their files stay.",
)
@output.options
@kept.option
@kept.budget_option
@click.option(
    "--progress",
    "kind",
    type=click.Choice(progress.KINDS),
    default="auto",
    show_default=True,
)
def scribble(
    shot: Path,
    strokes: Path,
    frame: int | None,
    out: str | None,
    over_keys: bool,
    store: str | None,
    budget: str | None,
    kind: str,
    **said: Any,
) -> None:
    """Correct SHOT (a shot document) by strokes: each frame that is drawn on gets a key.

    A stroke adds its object around it, a stroke of null takes away; what no stroke speaks of
    stays. The key is a soft matte in SHOT_strokes beside the document and an entry in it; to
    undo, remove the entry. With --out the shot is propagated, too.

    A STROKES file: {"strokes": [{"object": "hero", "frame": 1010, "points": [[0.4, 0.5],
    [0.45, 0.52]]}]}, x and y from 0 to 1 across what the plate shows.
    """
    from stmatte.pipeline.stroke_keys import open_scribbled
    from stmatte.pipeline.stroke_round import deliver_round, strokes_to_keys
    from stmatte.scribbles.named_json import read_strokes

    wanted = output.taken(said, out or "")
    allowed, keeps = kept.parse_budget(budget), kept.open_kept(store)
    opened = open_scribbled(shot)
    checked = opened.checked
    drawn = read_strokes(strokes, checked.shot.objects, checked.frames, frame)
    done = strokes_to_keys(opened, drawn, keeps, over_keys=over_keys)
    if not done.files:
        click.echo("The strokes change nothing.")
    for path in done.files:
        click.echo(f"A key was made: {path}")
    if out is None or not done.files:
        return
    with progress.choose(kind) as shown:
        named = output.named(wanted, shot)
        delivery = deliver_round(done, named, store=keeps, budget=allowed, tell=shown.frame)
        shown.done(delivery)
