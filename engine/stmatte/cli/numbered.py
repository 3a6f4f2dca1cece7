# SPDX-License-Identifier: Apache-2.0
"""Spans as a farm counts them, for people and for programs: `stmatte plan --spans`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from stmatte.sizes import written_size

if TYPE_CHECKING:
    from stmatte.networks.protocol import Network
    from stmatte.pipeline.planned import PlannedShot
    from stmatte.pipeline.spans import SpanCost
    from stmatte.store import Store

WIDE = 1000
"""Columns where nobody looks: a row stays on its line."""


def print_numbered(
    planned: PlannedShot, store: Store, network: Network, budget: int | None, *, as_json: bool
) -> None:
    """Print the numbered spans of a shot."""
    from stmatte.pipeline.spans import span_costs

    costs = span_costs(planned, store, network, budget)
    if as_json:
        click.echo(json.dumps({"spans": [_entry(cost) for cost in costs]}, indent=1))
    else:
        _print_table(costs)


def duration(seconds: float) -> str:
    """Return how long something takes, roughly, in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _entry(cost: SpanCost) -> dict[str, Any]:
    from stmatte.plan.ranges import written

    due = cost.forecast
    return {
        "span": cost.span.number,
        "frames": written(cost.span.frames),
        "objects": list(cost.span.objects),
        "keys": list(cost.span.keys),
        "stale": written(cost.stale),
        "forecast": {
            "frames": due.frames,
            "steps": due.walks,
            "seconds": due.seconds,
            "bytes": due.bytes,
            "refused": due.refused,
            "learning": due.learning,
        },
    }


def _print_table(costs: Sequence[SpanCost]) -> None:
    from rich.console import Console
    from rich.table import Table

    from stmatte.plan.ranges import written

    table = Table(box=None)
    for heading in ("span", "frames", "objects", "keys", "stale", "time", "memory"):
        table.add_column(heading, overflow="fold")
    for cost in costs:
        due = cost.forecast
        table.add_row(
            str(cost.span.number),
            written(cost.span.frames),
            " ".join(cost.span.objects),
            " ".join(map(str, cost.span.keys)),
            str(len(cost.stale)) if cost.stale else "fresh",
            "" if not due.walks else "unknown" if due.seconds is None else duration(due.seconds),
            written_size(due.bytes) if due.bytes is not None else "",
        )
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)
    learning = max((cost.forecast.learning for cost in costs), default=0)
    if learning:
        click.echo(f"The network learns {learning} steps first, once for all spans of a store.")
    for cost in costs:
        if cost.forecast.refused:
            click.echo(f"Span {cost.span.number} will be refused. {cost.forecast.refused}")
