# SPDX-License-Identifier: Apache-2.0
"""What runs on a worker of a cluster: a command line as a child, told and halted from afar.

A worker of Dask imports this, and neither torch nor a picture: what computes is the child,
which has its own memory, can be ended, and ends with its worker.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event as LocalEvent
from threading import Thread
from typing import Any

from stmatte.farm.processes import Halt, run_child

TOLD = 1.0
"""Seconds between two steps that are told: they go through the scheduler."""

LOOKED = 2.0
"""Seconds between two looks at whether all is to end."""


def run_here(
    words: Sequence[str],
    *,
    topic: str,
    limit: float | None,
    more: Mapping[str, str],
    gpus: int = 0,
) -> tuple[int, str, bool]:
    """Run a command of STMatte on this worker; return its code, its last words, and if it was late.

    words  without the program, which is this worker's own Python
    topic  that its lines are told under; name of the event, too, that asks it to leave
    limit  seconds after which it is ended
    more   environment besides the worker's
    gpus   share so many GPUs of this machine out to its workers by their numbers; 0: the
           worker's environment says which it has
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    said = {**more, **_gpu(worker.name, gpus)}
    command = [sys.executable, "-m", "stmatte.farm.leashed", str(os.getpid()), *words]
    halt = Halt()
    with _watching(topic, halt):
        ended = run_child(
            command,
            tell=_throttled(lambda line: worker.log_event(topic, {"key": key, "line": dict(line)})),
            halt=halt,
            limit=limit,
            more=said,
        )
    return ended.code, ended.words, ended.late


def _gpu(name: object, gpus: int) -> dict[str, str]:
    """Return the environment that gives one of a machine's GPUs to a worker's child."""
    if not gpus or "CUDA_VISIBLE_DEVICES" in os.environ or not isinstance(name, int):
        return {}
    return {"CUDA_VISIBLE_DEVICES": str(name % gpus)}


def _throttled(tell: Callable[[Mapping[str, Any]], None]) -> Callable[[Mapping[str, Any]], None]:
    """Return what tells a step a second; what is no step, and the last one, are always told."""
    before = 0.0

    def take(line: Mapping[str, Any]) -> None:
        nonlocal before
        now = time.monotonic()
        last = line.get("done") == line.get("steps")
        if line.get("event") != "step" or last or now - before >= TOLD:
            before = now
            tell(line)

    return take


@contextmanager
def _watching(leave: str, halt: Halt) -> Iterator[None]:
    """Set `halt.leave` once the cluster's event of that name is set."""
    from distributed import Event, get_client

    event: Any = Event(leave, client=get_client())  # type: ignore[no-untyped-call]
    over = LocalEvent()

    def watch() -> None:
        while not over.wait(LOOKED):
            try:
                asked = event.is_set()
            except Exception:  # the scheduler has gone, and the worker is about to
                asked = True
            if asked:
                halt.leave.set()
                return

    Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()
