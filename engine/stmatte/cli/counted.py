# SPDX-License-Identifier: Apache-2.0
"""Frames counted while a person waits: a bar on standard error, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Counted = Callable[[int, int], None]
"""Told how many frames are done, and how many there are."""


progress_option = click.option(
    "--progress",
    "kind",
    type=click.Choice(["auto", "bar", "log"]),
    default="auto",
    show_default=True,
)


@contextmanager
def counted(kind: str, words: str) -> Iterator[Counted | None]:
    """Lend what tells of frames seen; None where nobody looks.

    kind   "bar", "log", or "auto": a bar on a terminal
    words  what is done
    """
    if kind == "log" or (kind == "auto" and not sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, frames: bar.update(task, completed=done, total=frames)
