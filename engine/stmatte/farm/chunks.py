# SPDX-License-Identifier: Apache-2.0
"""Spans that are computed by one command, since each alone is over too soon.

A command costs its start: about a second, and the network's weights. Spans of neighbouring
numbers share one until they make some seconds of work. Pure arithmetic on tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stmatte.farm.tasks import SpanTask
from stmatte.plan.ranges import written

SECONDS = 10.0
"""Work that is worth a command of its own."""

UNTIMED = 0.5
"""Seconds that a frame counts where nothing of the kind was timed yet."""


@dataclass(frozen=True)
class Chunk:
    """Spans of one shot that one command computes.

    tasks  with neighbouring numbers, ascending; none of them is fresh
    """

    tasks: tuple[SpanTask, ...]

    @property
    def first(self) -> int:
        """Number of its first span."""
        return self.tasks[0].span

    @property
    def last(self) -> int:
        """Number of its last span."""
        return self.tasks[-1].span

    @property
    def spans(self) -> str:
        """Its spans as a command takes them: "4-6", "7"."""
        return written(task.span for task in self.tasks)

    @property
    def seconds(self) -> float:
        """How long it takes; guessed where nothing of the kind was timed yet."""
        return sum(_seconds(task) for task in self.tasks)

    @property
    def memory(self) -> int | None:
        """Bytes that it takes at most; None where that is not known."""
        return most(task.memory for task in self.tasks)


def chunks_of(tasks: Sequence[SpanTask], seconds: float = SECONDS) -> tuple[Chunk, ...]:
    """Cut the stale spans of a shot into commands, by their numbers. Fresh ones are left out.

    tasks    of one shot, by their numbers
    seconds  so much work, forecast, fills a command; 0: every span has one of its own
    """
    found: list[list[SpanTask]] = []
    for task in tasks:
        if not task.stale:
            continue
        chunk = found[-1] if found else []
        neighbours = bool(chunk) and chunk[-1].span + 1 == task.span
        if neighbours and sum(map(_seconds, chunk)) < seconds:
            chunk.append(task)
        else:
            found.append([task])
    return tuple(Chunk(tuple(chunk)) for chunk in found)


def most(sizes: Iterable[int | None]) -> int | None:
    """Return the largest of sizes; None if one of them is not known, or there is none."""
    known = list(sizes)
    return max(size for size in known if size is not None) if known and None not in known else None


def _seconds(task: SpanTask) -> float:
    return task.stale * UNTIMED if task.seconds is None else task.seconds
