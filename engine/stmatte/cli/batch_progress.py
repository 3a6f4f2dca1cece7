# SPDX-License-Identifier: Apache-2.0
"""How a batch shows where it is: which shot of how many, and then as a delivery does."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stmatte.cli import progress

if TYPE_CHECKING:
    from stmatte.pipeline import Progress
    from stmatte.timelines.batch import Outcome
    from stmatte.timelines.shots import TimelineShot


class BatchShown(ExitStack):
    """Where a batch is shown. A context: what it draws ends with it.

    kind   see `progress.choose`
    count  how many shots there are
    """

    def __init__(self, kind: str, count: int):
        super().__init__()
        self._kind = kind
        self._count = count
        self._begun = 0
        self._shown = progress.choose("log")

    def shot(self, shot: TimelineShot) -> None:
        """Show that a shot is begun."""
        self._begun += 1
        if self._kind == "json":
            frames = None if shot.frames is None else str(shot.frames)
            _line(
                event="shot", shot=shot.name, number=self._begun, shots=self._count, frames=frames
            )
        elif shot.problem is None:
            click.echo(f"[{self._begun}/{self._count}] {shot.name}, frames {shot.frames}")
        else:
            click.echo(f"[{self._begun}/{self._count}] {shot.name}")
        for note in shot.notes if self._kind != "json" else ():
            click.echo(f"Note: {note}.")
        # nothing is drawn for a shot of which it is known that nothing will be made
        self._shown = progress.choose("log" if shot.problem else self._kind)
        self.enter_context(self._shown)

    def learning(self, step: int, steps: int) -> None:
        """Show that the network learnt a step on the shot's keys."""
        self._shown.learning(step, steps)

    def frame(self, now: Progress) -> None:
        """Show that a frame is done."""
        self._shown.frame(now)

    def done(self, outcome: Outcome) -> None:
        """Show what became of a shot."""
        self.close()  # a bar that is still drawn
        if outcome.delivery is not None:
            self._shown.done(outcome.delivery)
        elif self._kind == "json":
            _line(event="failed", shot=outcome.shot.name, why=str(outcome.problem))
        else:
            click.echo(f"Failed. {outcome.problem}", err=True)

    def stopped(self, shots: int) -> None:
        """Show that somebody ended it in the middle of a shot, after so many."""
        self.close()
        click.echo(
            f"Stopped in shot {shots + 1} of {self._count}. What is done is kept: run it again to "
            "go on.",
            err=True,
        )

    def end(self, failed: list[str], timeline: Path) -> None:
        """Show the end of it all."""
        done = self._count - len(failed)
        if self._kind == "json":
            _line(event="end", shots=done, failed=failed, timeline=str(timeline))
            return
        click.echo(
            f"{done} of {self._count} {'shot is' if self._count == 1 else 'shots are'} done."
        )
        if failed:
            click.echo(f"Failed: {', '.join(failed)}.")
        click.echo(f"Timeline: {timeline}")


def _line(**entries: object) -> None:
    click.echo(json.dumps(entries))
