# SPDX-License-Identifier: Apache-2.0
"""`stmatte suggest`: the frames where a next key would help most, and why."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import kept

if TYPE_CHECKING:
    from stmatte.errors import StmatteError
    from stmatte.plan.advice import Advice

WIDE = 1000
"""Columns where nobody looks: a piece of advice stays on its line."""

_log = logging.getLogger("stmatte")


@click.command()
@click.argument("shot", type=click.Path(path_type=Path))
@click.option(
    "--count", type=int, default=5, show_default=True, help="How many frames to name at most."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@kept.option
def suggest(shot: Path, count: int, as_json: bool, store: str | None) -> None:
    """Name the frames of SHOT (a shot document) where a next key would help most, best first.

    Each is advised as if those before it were keyed already. The shot must have been
    propagated with the same store.
    """
    from stmatte.document import read_shot
    from stmatte.networks.registry import load_for
    from stmatte.pipeline.checks import check_shot
    from stmatte.pipeline.planned import plan_shot
    from stmatte.pipeline.suggesting import suggest as suggested

    read = read_shot(shot)
    opened = kept.open_kept(store)
    checked = check_shot(read, pass_over=True, store=opened)
    network = load_for(read.settings)
    planned = plan_shot(checked, network, opened, _passed_over)
    advice = suggested(planned, opened, count)
    planned.reader.keep_notes()
    if as_json:
        click.echo(json.dumps({"advice": [_as_json(each) for each in advice]}, indent=1))
    elif advice:
        _print_table(advice)
    else:
        click.echo("Nothing is in doubt: no key would help.")


def _passed_over(frame: int, error: StmatteError) -> None:
    _log.debug("frame %d: %s", frame, error)


def _as_json(advice: Advice) -> dict[str, object]:
    return {
        "frame": advice.frame,
        "object": advice.object,
        "gain": advice.gain,
        "reasons": list(advice.reasons),
    }


def _print_table(advice: list[Advice]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for heading in ("frame", "object", "gain", "why"):
        table.add_column(heading, overflow="fold")
    for each in advice:
        gain = f"{100 * each.gain:.0f} %"
        table.add_row(str(each.frame), each.object, gain, "; ".join(each.reasons))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)
