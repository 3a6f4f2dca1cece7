# SPDX-License-Identifier: Apache-2.0
"""Clocks: contenders in one process by turns, and what their seconds amount to.

Knows callables and seconds; no networks, no pictures. A machine that grows warm, or is shared,
is slower for all contenders alike when they take turns, so that their ratio stays what it is.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Spread:
    """What several measurements amount to: the median, and the quartiles around it."""

    median: float
    low: float
    high: float
    count: int


def spread(numbers: Sequence[float]) -> Spread:
    """Return median and quartiles of one or more numbers.

    Quartiles lie between neighbours in proportion, the least and the most being the ends: of
    1, 2, 3, 4, 5 they are 2 and 4.
    """
    if len(numbers) == 1:
        return Spread(numbers[0], numbers[0], numbers[0], 1)
    low, middle, high = statistics.quantiles(numbers, n=4, method="inclusive")
    return Spread(middle, low, high, len(numbers))


def ratio(slow: Sequence[float], quick: Sequence[float]) -> Spread:
    """Return how many times as long one takes as the other, turn by turn."""
    return spread([a / b for a, b in zip(slow, quick, strict=True)])


def synchronised(device: torch.device) -> None:
    """Wait until all that was asked of a device is done; a CPU has done it."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector from coming in between; it runs once before."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return what a piece of work takes, until the device has done it."""
    synchronised(device)
    began = time.perf_counter()
    work()
    synchronised(device)
    return time.perf_counter() - began


def by_turns(
    contenders: Mapping[str, Callable[[], object]],
    turns: int,
    warm: int,
    device: torch.device,
    *,
    limit: float | None = None,
    least: int = 5,
    after: Callable[[], object] | None = None,
) -> dict[str, list[float]]:
    """Return the seconds of every contender's turns: A B A B ...

    contenders  name -> one turn of its work
    turns       how many each takes that count
    warm        how many each takes before, that don't
    limit       seconds after which no further turn begins, once there are `least` of them;
                None: there is no limit
    after       done when all have taken a turn that counts; not in their seconds
    """
    told: dict[str, list[float]] = {name: [] for name in contenders}
    with no_collection():
        for work in contenders.values():
            for _ in range(warm):
                seconds(work, device)
        began = time.perf_counter()
        for turn in range(turns):
            late = limit is not None and time.perf_counter() - began > limit
            if late and turn >= least:
                break
            for name, work in contenders.items():
                told[name].append(seconds(work, device))
            if after is not None:
                after()
    return told
