# SPDX-License-Identifier: Apache-2.0
"""The command lines of tasks: all that a farm has to start.

They say where the store is, which kind of device, and how progress is told. What changes
mattes stands in the shot document.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from stmatte.errors import StmatteError
from stmatte.farm.tasks import SpanTask
from stmatte.plan.ranges import written

HERE = (sys.executable, "-m", "stmatte")
"""What runs this very STMatte on this machine."""

INSTALLED = ("stmatte",)
"""What runs the STMatte that a machine of a farm finds on its path."""


def span_command(
    tasks: SpanTask | Sequence[SpanTask],
    store: Path,
    progress: str = "plain",
    *,
    program: Sequence[str] = HERE,
    budget: str = "",
) -> list[str]:
    """Return the words that compute one span, or several of one shot, into the store.

    progress  plain, json or openjd
    budget    memory that it may take, such as 4G; "" is half of what is free there

    Raises StmatteError if the tasks are none, or not of one shot and one kind of device.
    """
    several = (tasks,) if isinstance(tasks, SpanTask) else tuple(tasks)
    if len({(task.shot, task.device) for task in several}) != 1:
        raise StmatteError(
            "Spans of several shots are in one command" if several else "A command has no span",
            value=tuple(str(task.shot) for task in several),
            allowed="one shot and one kind of device, and at least one span",
        )
    spans = written(task.span for task in several)
    words = [*program, "span", str(several[0].shot), "--span", spans]
    words += ["--store", str(store), "--device", several[0].device, "--progress", progress]
    return [*words, "--memory-budget", budget] if budget else words


def merge_command(
    shot: Path,
    store: Path,
    out: str,
    *,
    device: str,
    progress: str = "plain",
    program: Sequence[str] = HERE,
    more: Sequence[str] = (),
) -> list[str]:
    """Return the words that write what spans left in the store.

    out     pattern of the EXR files
    device  "cpu" or "cuda", as the spans had it
    more    further words: how the files are written, such as "--compression", "piz"
    """
    words = [*program, "merge", str(shot), "--out", out, "--store", str(store)]
    return [*words, "--device", device, "--progress", progress, *more]
