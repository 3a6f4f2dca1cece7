# SPDX-License-Identifier: Apache-2.0
"""`stmatte span`: some spans of a shot, computed into the store. What a farm starts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import asked, kept
from stmatte.cli.stopping import stopping
from stmatte.cli.told import Told, told
from stmatte.cli.told import option as progress_option
from stmatte.errors import StmatteError

if TYPE_CHECKING:
    from stmatte.networks.protocol import Network
    from stmatte.pipeline.planned import PlannedShot
    from stmatte.pipeline.spans import Computed, Stepped
    from stmatte.plan.numbered import NumberedSpan
    from stmatte.store import Store

FAILED, CANCELLED = 1, 130


@click.command()
@click.argument("shot", type=click.Path(path_type=Path))
@click.option(
    "--span",
    "text",
    required=True,
    metavar="N",
    help="Its number in `stmatte plan --spans`; several as 4-6 or 1,4-6.",
)
@kept.shared_option
@asked.device_option
@kept.budget_option
@progress_option
def span(
    shot: Path, text: str, store: str | None, device: str | None, budget: str | None, kind: str
) -> None:
    """Compute spans of SHOT (a shot document) into the store. Nothing else is written.

    What the store has is not computed again, so that it can be started as often as one likes,
    by several at once. The exit code is 0 if the spans are there, 1 if computing failed, 2 if it
    could not be begun, 130 if it was stopped: the frame in hand is finished, and all is kept.
    """
    with stopping() as stop, told(kind) as shown:
        numbers = asked.numbers(text)
        opened = kept.open_shared(store)
        allowed = kept.parse_budget(budget)
        planned, network = _planned(shot, device, opened)
        chosen = _chosen(planned, numbers)
        if stop():
            sys.exit(CANCELLED)
        shown.word("begun", _begun(chosen), spans=[each.number for each in chosen])
        try:
            computed = _compute(planned, network, opened, chosen, shown, stop, allowed)
        except StmatteError as error:
            shown.failed(str(error))
            click.echo(f"stmatte: {error}", err=True)
            sys.exit(FAILED)
        _tell_end(shown, computed)
        if computed.cancelled:
            sys.exit(CANCELLED)


def _planned(shot: Path, device: str | None, store: Store) -> tuple[PlannedShot, Network]:
    from stmatte.networks.registry import load_for
    from stmatte.pipeline.checks import check_shot
    from stmatte.pipeline.planned import plan_shot

    checked = check_shot(asked.read(shot, device), store=store)
    settings = checked.shot.settings
    network = load_for(settings)
    return plan_shot(checked, network, store), network


def _chosen(planned: PlannedShot, numbers: Collection[range]) -> tuple[NumberedSpan, ...]:
    from stmatte.pipeline.spans import choose_spans

    return choose_spans(planned, sorted(set(chain.from_iterable(numbers))))


def _compute(
    planned: PlannedShot,
    network: Network,
    store: Store,
    chosen: Sequence[NumberedSpan],
    shown: Told,
    stop: Callable[[], bool],
    budget: int | None,
) -> Computed:
    from stmatte.pipeline.spans import compute_spans

    def tell(now: Stepped) -> None:
        words = f'frame {now.frame} of "{now.object}"'
        entries = {"frame": now.frame, "object": now.object, "anew": now.anew}
        shown.step(now.done, now.steps, words, **entries)

    def learns(step: int, steps: int) -> None:
        if step in (1, steps):
            words = f"The network learnt {step} of {steps} steps on the shot's keys."
            shown.word("learning", words, step=step, steps=steps)

    return compute_spans(
        planned, network, store, chosen, stop=stop, tell=tell, learns=learns, budget=budget
    )


def _begun(chosen: Sequence[NumberedSpan]) -> str:
    return "; ".join(
        f"Span {each.number}: frames {each.frames[0]}-{each.frames[-1]} of "
        + ", ".join(f'"{name}"' for name in each.objects)
        for each in chosen
    )


def _tell_end(shown: Told, computed: Computed) -> None:
    entries = {
        "spans": [each.number for each in computed.computed],
        "fresh": [each.number for each in computed.fresh],
        "steps": computed.steps,
    }
    if computed.cancelled:
        words = f"Stopped after {_steps(computed.steps)}; what is done is kept."
        shown.word("cancelled", words, **entries)
    elif computed.computed:
        shown.word("done", f"Done in {_steps(computed.steps)} of the network.", **entries)
    else:
        shown.word("done", "All is fresh.", **entries)


def _steps(count: int) -> str:
    return f"{count} {'step' if count == 1 else 'steps'}"
