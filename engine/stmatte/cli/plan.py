# SPDX-License-Identifier: Apache-2.0
"""`stmatte plan`: what a shot depends on, what is stale and why, and what it will cost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import kept, output
from stmatte.cli.numbered import duration, print_numbered
from stmatte.errors import StmatteError
from stmatte.output import Output
from stmatte.shot import Shot
from stmatte.sizes import written_size

if TYPE_CHECKING:
    from stmatte.pipeline.report import Forecast, SpanReport


@click.command()
@click.argument("shot", type=click.Path(path_type=Path))
@click.option(
    "--out",
    help="Where the mattes go; stale is then what isn't in these files as it should be. "
    "Left out, stale is what the store lacks.",
)
@click.option(
    "--spans",
    "by_number",
    is_flag=True,
    help="Print spans as a farm counts them, with what each lacks in the store and will cost.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--record-exposure",
    "record",
    is_flag=True,
    help="Write the exposure that was measured on the plate into SHOT, so that it stays.",
)
@click.option(
    "--record-adapt-on",
    "record_keys",
    is_flag=True,
    help="Write the frames that the network is adapted to into SHOT, so that other keys never "
    "matter.",
)
@kept.option
@kept.budget_option
def plan(
    shot: Path,
    out: str | None,
    by_number: bool,
    as_json: bool,
    record: bool,
    record_keys: bool,
    store: str | None,
    budget: str | None,
) -> None:
    """Print the spans of SHOT (a shot document), which are stale and why, and a forecast."""
    if by_number and out is not None:
        raise StmatteError(
            "--spans and --out are asked for together",
            value=out,
            allowed="spans leave what they compute in the store, and know no files",
            repair="Leave one of them out",
        )
    from stmatte.document import read_shot, write_shot
    from stmatte.images.pattern import check_pattern
    from stmatte.networks.registry import load_for
    from stmatte.pipeline.checks import check_shot
    from stmatte.pipeline.matte_files import MatteFiles
    from stmatte.pipeline.planned import plan_shot
    from stmatte.pipeline.report import forecast, span_reports, stale_mattes

    read = read_shot(shot)
    if record or record_keys:
        found = check_shot(read)
        read = with_exposure(read, found.exposure) if record else read
        if record_keys:
            read = replace(read, settings=replace(read.settings, adapt_on=found.adapt_on))
        write_shot(read, shot)
    opened = kept.open_kept(store)
    checked = check_shot(read, store=opened)
    network = load_for(read.settings)
    planned = plan_shot(checked, network, opened)
    if by_number:
        print_numbered(planned, opened, network, kept.parse_budget(budget), as_json=as_json)
        return
    files = None if out is None else MatteFiles(output.named(Output(out), shot))
    if files is not None:
        check_pattern(files.output.out, files.output.shot)
    stale = stale_mattes(planned, opened, files)
    spans = span_reports(planned, opened, stale, files.name if files else "")
    cost = forecast(planned, opened, stale, network, kept.parse_budget(budget))
    planned.reader.keep_notes()
    if as_json:
        click.echo(json.dumps(_as_json(spans, cost, checked.notes), indent=1))
    else:
        _print_table(spans)
        for note in checked.notes:
            click.echo(f"Note: {note}")
        click.echo(in_words(cost))
        if cost.refused:
            click.echo(f"This will be refused. {cost.refused}")


def with_exposure(shot: Shot, exposure: float) -> Shot:
    """Return the shot with its exposure recorded, unless it has one already."""
    if shot.settings.exposure is not None:
        return shot
    return replace(shot, settings=replace(shot.settings, exposure=exposure))


def in_words(cost: Forecast) -> str:
    """Return a forecast as a sentence."""
    if cost.frames == 0:
        return "Everything is fresh."
    words = f"{cost.frames} stale {'frame' if cost.frames == 1 else 'frames'}"
    if cost.learning:
        words += f", {cost.learning} {'step' if cost.learning == 1 else 'steps'} of learning"
    words += f", {cost.walks} {'step' if cost.walks == 1 else 'steps'} of the network"
    if cost.walks and cost.seconds is None:
        words += "; how long that takes is known after the first run on this machine"
    elif cost.walks and cost.seconds is not None:
        words += f", about {duration(cost.seconds)}"
    if cost.bytes is not None:
        words += f" and {written_size(cost.bytes)} of memory"
    return f"{words}."


def _as_json(spans: list[SpanReport], cost: Forecast, notes: tuple[str, ...]) -> dict[str, object]:
    from stmatte.plan.ranges import written

    return {
        "spans": [
            {
                "object": span.object,
                "frames": written(span.frames),
                "keys": list(span.keys),
                "stale": written(span.stale),
                "why": span.why,
            }
            for span in spans
        ],
        "forecast": {
            "frames": cost.frames,
            "steps": cost.walks,
            "seconds": cost.seconds,
            "bytes": cost.bytes,
            "refused": cost.refused,
            "learning": cost.learning,
        },
        "notes": list(notes),
    }


def _print_table(spans: list[SpanReport]) -> None:
    from rich.console import Console
    from rich.table import Table

    from stmatte.plan.ranges import written

    table = Table(box=None)
    for heading in ("object", "frames", "keys", "stale", "why"):
        table.add_column(heading, overflow="fold")
    for span in spans:
        keys = " ".join(str(key) for key in span.keys)
        table.add_row(
            span.object, written(span.frames), keys, written(span.stale) or "fresh", span.why
        )
    Console(soft_wrap=not _on_a_terminal()).print(table)


def _on_a_terminal() -> bool:
    import sys

    return sys.stdout.isatty()
