# SPDX-License-Identifier: Apache-2.0
"""What became of tasks, and all of them in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stmatte.farm.tasks import SpanTask  # workers of a cluster know outcomes, and no torch

DONE, FAILED, MISUSE, CANCELLED = 0, 1, 2, 130
"""Exit codes of every command that a farm starts: done, failed, bad input, cancelled."""


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    ok     whether its frames are in the store
    code   the exit code of its command; negative where a signal ended it
    words  why it failed; "" if it did not
    tries  how often it was begun
    """

    task: SpanTask
    ok: bool
    code: int
    words: str = ""
    tries: int = 1

    def __str__(self) -> str:
        task = self.task
        name = f"{task.shot.name}: span {task.span} ({task.frames})"
        if self.ok:
            return f"{name} is done"
        why = self.words or _by_code(self.code)
        return f"{name} failed{_tried(self.tries)}. {why}"


def report(outcomes: Sequence[Outcome]) -> str:
    """Return what became of all tasks: a line that counts, and one for each that failed."""
    failed = [outcome for outcome in outcomes if not outcome.ok]
    count = len(outcomes)
    line = f"{count - len(failed)} of {count} {'span is' if count == 1 else 'spans are'} done."
    return "\n".join([line, *map(str, failed)])


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return what a command exits with that ran these tasks."""
    codes = {outcome.code for outcome in outcomes if not outcome.ok}
    if CANCELLED in codes:
        return CANCELLED
    return FAILED if codes else DONE


def _tried(tries: int) -> str:
    return f" {tries} times" if tries > 1 else ""


def _by_code(code: int) -> str:
    if code == CANCELLED:
        return "It was cancelled."
    return f"Signal {-code} ended it." if code < 0 else f"It left with exit code {code}."
