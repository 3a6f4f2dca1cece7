# SPDX-License-Identifier: Apache-2.0
"""`stmatte check`: whether a supervisor would accept a delivery of mattes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from stmatte.cli.counted import counted, progress_option
from stmatte.shot import FrameRange

if TYPE_CHECKING:
    from stmatte.acceptance import Limits, Report
    from stmatte.images.sequences import Claims

REFUSED = 1
"""Exit code for a delivery that is refused; a question that cannot be answered exits with 2."""
WIDE = 1000
"""Columns where nobody looks: a row stays on its line."""
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@click.argument("out")
@click.option("--plate", required=True, help="The plate that the mattes are for.")
@click.option("--frames", help="Frames that should be there; all of the plate if left out.")
@click.option("--layer", default="", help="Layer of the plate to look at.")
@click.option("--colorspace", default="", help="The plate's colour space in the OCIO config.")
@click.option(
    "--chatter",
    type=float,
    metavar="PX",
    help="How far an edge may come and go.  [default: 0.4 % of the plate's height]",
)
@click.option(
    "--pop",
    type=float,
    metavar="PX",
    help="How far it may jump on one frame.  [default: 1 % of the height]",
)
@click.option(
    "--band",
    type=float,
    metavar="PX",
    help="How far from the edge a matte may be grey.  [default: 5 % of the height]",
)
@click.option(
    "--grey", type=float, metavar="PERCENT", help="How much may be grey beyond.  [default: 1]"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@progress_option
def check(
    out: str,
    plate: str,
    frames: str | None,
    layer: str,
    colorspace: str,
    chatter: float | None,
    pop: float | None,
    band: float | None,
    grey: float | None,
    as_json: bool,
    kind: str,
) -> None:
    """Check the mattes OUT against their plate, as a supervisor does. Nothing is changed.

    OUT is a pattern (matte.####.exr), a folder or a file of any EXR sequence of mattes. Above
    a limit it is refused, above a quarter of one it is warned of. Exits with 0 if it is
    accepted, with 1 if it is refused, with 2 if it could not be checked.
    """
    from stmatte.acceptance import check_delivery, limits_for
    from stmatte.acceptance.files import find_delivered
    from stmatte.images import open_plate

    delivered = find_delivered(out)
    opened = open_plate(plate, layer=layer, colorspace=colorspace)
    wanted = opened.frames if frames is None else tuple(FrameRange.parse(frames))
    limits = limits_for(opened.size[0], chatter, pop, band, grey)
    reports = []
    for claims in delivered:
        with counted(kind, "Checking") as tell:
            reports.append((claims, check_delivery(claims, opened, wanted, limits, tell)))
    if as_json:
        click.echo(json.dumps(_as_json(reports, opened.label, limits), indent=1))
    else:
        for claims, report in reports:
            _print_table(claims, report)
    if not all(report.accepted for _, report in reports):
        sys.exit(REFUSED)


def _print_table(claims: Claims, report: Report) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from stmatte.acceptance import CHECKS

    table = Table(box=None)
    for heading in ("check", "verdict", "what"):
        table.add_column(heading, overflow="fold")
    for name in CHECKS:
        verdict = report.verdict(name)
        lines = [*map(str, report.of(name)), report.measured.get(name, "")]
        words = "\n".join(line for line in lines if line)
        table.add_row(name, Text(verdict, COLOURS[verdict]), Text(words))
    console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
    console.print(Text(f"{claims.label}: {report.frames} frames, {_objects(report)}"))
    console.print(table)
    console.print("Accepted." if report.accepted else "Refused.")


def _objects(report: Report) -> str:
    return ", ".join(report.objects) or "no mattes"


def _as_json(reports: list[tuple[Claims, Report]], plate: str, limits: Limits) -> dict[str, Any]:
    from stmatte.acceptance import CHECKS
    from stmatte.plan.ranges import written

    return {
        "accepted": all(report.accepted for _, report in reports),
        "plate": plate,
        "limits": {
            "chatter": limits.chatter,
            "pop": limits.pop,
            "band": limits.band,
            "grey": limits.grey,
        },
        "deliveries": [
            {
                "mattes": claims.label,
                "accepted": report.accepted,
                "frames": report.frames,
                "objects": list(report.objects),
                "checks": [
                    {
                        "check": name,
                        "verdict": report.verdict(name),
                        "measured": report.measured.get(name, ""),
                        "found": [
                            {
                                "verdict": group.verdict,
                                "words": group.words,
                                "object": group.object or None,
                                "frames": written(group.frames) or None,
                                "worst": group.worst,
                                "at": group.worst_at,
                                "unit": group.unit or None,
                            }
                            for group in report.of(name)
                        ],
                    }
                    for name in CHECKS
                ],
            }
            for claims, report in reports
        ],
    }
