# SPDX-License-Identifier: Apache-2.0
"""`stmatte merge`: mattes from what spans left in the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stmatte.cli import asked, kept, output
from stmatte.cli.progress import summary
from stmatte.cli.stopping import stopping
from stmatte.cli.told import Told, told
from stmatte.cli.told import option as progress_option

if TYPE_CHECKING:
    from stmatte.pipeline import Progress
    from stmatte.pipeline.merging import Merged

FAILED, CANCELLED = 1, 130


@click.command()
@click.argument("shot", type=click.Path(path_type=Path))
@click.option("--out", required=True, help="Where the mattes go, such as out/matte.####.exr.")
@click.option("--partial", is_flag=True, help="Write the frames that are whole if some are not.")
@output.options
@kept.shared_option
@asked.device_option
@progress_option
def merge(
    shot: Path,
    out: str,
    partial: bool,
    store: str | None,
    device: str | None,
    kind: str,
    **said: Any,
) -> None:
    """Write the mattes of SHOT (a shot document) from what spans left in the store.

    Nothing is computed. If frames are lacking they are listed by span, nothing is written, and
    the exit code is 1; with --partial the others are written, and it is 1 all the same. It is
    0 if every frame is there, 2 if it could not be begun, 130 if it was stopped.
    """
    with stopping() as stop, told(kind) as shown:
        wanted = output.taken(said, out)
        read = asked.read(shot, device)

        from stmatte.pipeline.merging import merge as merge_shot

        def tell(now: Progress) -> None:
            entries = {"frame": now.frame, "path": str(now.path), "fresh": now.fresh}
            shown.step(now.done, now.frames, f"frame {now.frame}", **entries)

        merged = merge_shot(
            read,
            output.named(wanted, shot),
            kept.open_shared(store),
            partial=partial,
            tell=tell,
            stop=stop,
        )
        _tell_end(shown, merged)
        if merged.delivery is not None and merged.delivery.cancelled:
            sys.exit(CANCELLED)
        if not merged.whole:
            sys.exit(FAILED)


def _tell_end(shown: Told, merged: Merged) -> None:
    from stmatte.plan.ranges import written

    if merged.delivery is not None:
        files, fresh = merged.delivery.files, merged.delivery.fresh
        words = summary(merged.delivery)
        shown.word("written", words, frames=written(files), fresh=written(fresh))
    if not merged.lacking:
        return
    spans = [
        {
            "span": each.span.number,
            "objects": list(each.span.objects),
            "frames": written(each.frames),
        }
        for each in merged.lacking
    ]
    words = "\n".join(f"{each}." for each in merged.lacking)
    if merged.hint:
        words += f"\n{merged.hint}"
    if merged.delivery is None:
        words += "\nNothing was written."
    shown.failed(words, lacking=spans)
    click.echo(f"stmatte: {words}", err=True)
