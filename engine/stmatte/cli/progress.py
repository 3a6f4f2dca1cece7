# SPDX-License-Identifier: Apache-2.0
"""How a delivery shows where it is: a bar on a terminal, JSON for programs, a line in a log."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from stmatte.plan.ranges import written

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from stmatte.pipeline import Delivery, Progress

KINDS = ("auto", "bar", "json", "log")
SKIPPED_BY_NAME = 20  # in words; JSON names them all


class Shown(ABC):
    """Something that a delivery is shown on. A context: what it draws ends with it."""

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *problem: object) -> None:
        return None

    def frame(self, progress: Progress) -> None:  # noqa: B027  a log shows no frames
        """Show that a frame is done."""

    def learning(self, step: int, steps: int) -> None:  # noqa: B027
        """Show that the network learnt a step on the shot's keys."""

    @abstractmethod
    def done(self, delivery: Delivery) -> None:
        """Show the end."""


class Log(Shown):
    """One line at the end, and one where the network learns first."""

    def learning(self, step: int, steps: int) -> None:
        if step == steps:
            click.echo(f"The network learnt {steps} steps on the shot's keys.")

    def done(self, delivery: Delivery) -> None:
        click.echo(summary(delivery))


class Lines(Shown):
    """A JSON object a line, on standard output."""

    def frame(self, progress: Progress) -> None:
        self._line(
            event="frame",
            frame=progress.frame,
            done=progress.done,
            frames=progress.frames,
            seconds=round(progress.seconds, 3),
            path=str(progress.path),
            files=[str(path) for path in progress.files],
            digest=progress.digest,
            fresh=progress.fresh,
            uncertainty={name: round(score, 4) for name, score in progress.scores.items()},
        )

    def learning(self, step: int, steps: int) -> None:
        self._line(event="learning", step=step, steps=steps)

    def done(self, delivery: Delivery) -> None:
        self._line(
            event="done",
            frames=len(delivery.mattes),
            fresh=len(delivery.fresh),
            left=len(delivery.left),
            skipped={str(frame): why for frame, why in delivery.skipped.items()},
            sheet=None if delivery.sheet is None else str(delivery.sheet),
        )

    @staticmethod
    def _line(**entries: Any) -> None:
        click.echo(json.dumps(entries))
        sys.stdout.flush()


class Bar(Shown):
    """A bar with frames a second and the time that is left, on standard error."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar: RichProgress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[pace]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("Propagating", total=None, pace="")

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._bar.stop()

    def frame(self, progress: Progress) -> None:
        pace = progress.done / max(progress.seconds, 1e-6)
        self._bar.update(
            self._task,
            description=f"Frame {progress.frame}",
            completed=progress.done,
            total=progress.frames,
            pace=f"{pace:.2f} frames/s",
        )

    def learning(self, step: int, steps: int) -> None:
        self._bar.update(
            self._task, description="Learning the keys", completed=step, total=steps, pace=""
        )

    def done(self, delivery: Delivery) -> None:
        self._bar.stop()
        click.echo(summary(delivery))


def choose(kind: str) -> Shown:
    """Return what `--progress` asks for; "auto" is a bar on a terminal and a line elsewhere."""
    if kind == "auto":
        kind = "bar" if sys.stderr.isatty() else "log"
    kinds: dict[str, type[Bar | Lines | Log]] = {"bar": Bar, "json": Lines, "log": Log}
    return kinds[kind]()


def summary(delivery: Delivery) -> str:
    """Return in words what was written and what was not."""
    if not delivery.files:
        words = "No frame was written."
    else:
        made = sorted(delivery.files.keys() - {*delivery.fresh, *delivery.left})
        folders = dict.fromkeys(path.parent for paths in delivery.files.values() for path in paths)
        place = ", ".join(str(folder) for folder in folders)
        said = "there already" if delivery.left else "fresh"
        words = f"{_counted(made)} written to {place}." if made else f"All is {said} in {place}."
        if made and (there := delivery.fresh or delivery.left):
            how = "left alone" if delivery.left else "fresh already"
            words += f" {_counted(there)} {'was' if len(there) == 1 else 'were'} {how}."
    skipped = delivery.skipped
    for frame in list(skipped)[:SKIPPED_BY_NAME]:
        words += f"\nFrame {frame} was skipped: {skipped[frame]}"
    if len(skipped) > SKIPPED_BY_NAME:
        words += f"\n{len(skipped) - SKIPPED_BY_NAME} more frames were skipped."
    if delivery.sheet is not None:
        words += f"\nContact sheet: {delivery.sheet}"
    return words


def _counted(frames: Sequence[int]) -> str:
    """Return "5 frames (1001-1005)"."""
    return f"{len(frames)} {'frame' if len(frames) == 1 else 'frames'} ({written(frames)})"
