# SPDX-License-Identifier: Apache-2.0
"""Shots cut into tasks: one for each span, with what it will cost.

A task is named by a shot document and a number; all else follows from the document. Knows
no farm and starts nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import torch

from stmatte.document import read_shot
from stmatte.networks.protocol import Network
from stmatte.networks.registry import choose_device, load_network
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.spans import SpanCost, span_costs
from stmatte.settings import Precision, Settings
from stmatte.shot import FrameRange
from stmatte.store import Store

NETWORKS_HELD = 2
"""Networks that stay loaded while many shots are cut."""


@dataclass(frozen=True)
class SpanTask:
    """One span of a shot.

    shot     the shot document
    span     its number, from 1
    frames   its first and last plate frame
    stale    how many of its frames the store lacks; 0: there is nothing to do
    seconds  how long they take; None where nothing of the kind was timed yet
    memory   bytes that it takes at most; None where that is not known
    device   "cpu" or "cuda": the kind of device whose mattes are wanted. Those of the other
             kind differ in the last places and are kept apart
    objects  whose mattes it computes
    keys     frames of the keys that it listens to
    learns   steps that the network learns first, where no other task did so before
    refused  why it does not fit this machine's memory budget; "" if it does
    """

    shot: Path
    span: int
    frames: FrameRange
    stale: int
    seconds: float | None
    memory: int | None
    device: str
    objects: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()
    learns: int = 0
    refused: str = ""

    @property
    def gpu(self) -> bool:
        """Whether it is to run on a GPU."""
        return self.device == "cuda"


def tasks_of(
    shot: Path, store: Store, *, device: str = "", budget: int | None = None
) -> tuple[SpanTask, ...]:
    """Return a task for every span of a shot, fresh ones too, by their numbers.

    store   what it has is not stale
    device  "auto", "cpu" or "cuda"; "" takes what the document says. "cuda" may be asked for
            on a machine without one, to plan for others; "auto" is what this machine has
    budget  bytes that a task may take on its device; None is half of what is free here

    Reads the keys, and of the plate what the digests need. Raises StmatteError for what a
    person can mend.
    """
    read = read_shot(shot)
    asked = device or read.settings.device
    kind = "cuda" if asked == "cuda" else choose_device(asked).type
    here = kind if kind == "cpu" or torch.cuda.is_available() else "cpu"
    checked = check_shot(replace(read, settings=replace(read.settings, device=here)), store=store)
    precision = read.settings.precision if here == kind else Settings.precision
    network = _network(read.settings.model, here, precision)
    planned = plan_shot(checked, network, store, kind=kind)
    costs = span_costs(planned, store, network, budget)
    return tuple(_task(shot, cost, kind) for cost in costs)


def _task(shot: Path, cost: SpanCost, device: str) -> SpanTask:
    span, due = cost.span, cost.forecast
    frames = FrameRange(span.frames[0], span.frames[-1])
    return SpanTask(
        shot,
        span.number,
        frames,
        len(cost.stale),
        due.seconds,
        due.bytes,
        device,
        span.objects,
        span.keys,
        due.learning,
        due.refused,
    )


@lru_cache(NETWORKS_HELD)
def _network(model: str, device: str, precision: Precision) -> Network:
    return load_network(model, device, precision)
