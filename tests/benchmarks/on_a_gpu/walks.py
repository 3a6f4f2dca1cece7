# SPDX-License-Identifier: Apache-2.0
"""Networks on a device: whether their mattes are those of the CPU, and how fast they come."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import nn

from stmatte.networks.compiling import compiled
from stmatte.networks.precision import readied
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS, load_network

from ..timing.clip import Clip
from ..timing.measure import by_turns, spread
from ..timing.walking import Pictures, Walk, agreement, steady
from .ceilings import Ceilings
from .counted import counted

MEMORY = 8
"""Frames in memory, one of them the key."""


def network_of(name: str, device: torch.device, precision: str, *, compile: bool) -> Network:  # noqa: A002
    """Return a network on a device; one that ships no weights has random ones of a fixed seed."""
    if NETWORKS[name].weights is not None:
        return load_network(name, device.type, cast(Any, precision), compile=compile)
    torch.manual_seed(0)
    made = cast(nn.Module, NETWORKS[name].make()).eval()
    ready = readied(cast(Network, made.to(device)), cast(Any, precision), device)
    return compiled(ready, device) if compile else ready


def walk_of(network: Network, size: tuple[int, int], device: torch.device, objects: int) -> Walk:
    """Return a walk whose memory is full."""
    policy = steady(network.policy, MEMORY)
    place = max(1, policy.every * (MEMORY + 1))
    return Walk(network, Pictures(Clip(size, objects, seed=0), device), policy, place)


def compare(
    name: str, device: torch.device, precision: str, size: tuple[int, int], frames: int
) -> dict[str, Any]:
    """Walk over the same frames on the CPU in float32 and on the device, each by itself."""
    cpu = torch.device("cpu")
    walks = [
        walk_of(network_of(name, place, kind, compile=False), size, place, 2)
        for place, kind in ((cpu, "float32"), (device, precision))
    ]
    likeness = []
    for _ in range(frames):
        for walk in walks:
            walk()
        likeness.append(agreement(*(walk.planes.cpu() for walk in walks)))
    jaccard, apart = zip(*likeness, strict=True)
    return {
        "network": name,
        "precision": precision,
        "weights": "random" if NETWORKS[name].weights is None else "shipped",
        "frames": frames,
        "least_jaccard": min(jaccard),
        "mean_off": sum(apart) / frames,
        "mean_off_of_the_last_frame": apart[-1],
    }


def pace(
    name: str,
    device: torch.device,
    precision: str,
    size: tuple[int, int],
    ceilings: Ceilings,
    *,
    compile: bool,  # noqa: A002  the word of the settings
    objects: int = 1,
    asked: float | None = None,
    frames: int = 20,
    turns: int = 7,
) -> dict[str, Any]:
    """Measure frames a second, what a frame takes at least, and where the rest goes.

    asked   frames a second that are asked for, to stand beside; None: nothing is
    frames  of a turn; the device is waited for at its end alone
    """
    network = network_of(name, device, precision, compile=compile)
    walk = walk_of(network, size, device, objects)
    periods = max(1, frames // walk.period)
    each = periods * walk.period

    def turn() -> None:
        for _ in range(periods):
            walk()

    seconds = [s / each for s in by_turns({"walk": turn}, turns, 2, device)["walk"]]
    walk.split = True
    parts: dict[str, list[float]] = {}
    for _ in range(5):
        walk()
        for part, spent in walk.parts.items():
            parts.setdefault(part, []).append(spent)
    walk.split = False
    told = spread(seconds)
    found: dict[str, Any] = {
        "network": name,
        "precision": precision,
        "compile": compile,
        "size": list(size),
        "objects": objects,
        "memory_frames": walk.memory[-1],
        "frames_a_second": 1 / told.median,
        "asked_on_an_h200": asked,
        "seconds": {"median": told.median, "low": told.low, "high": told.high, "turns": turns},
        "seconds_of_parts_with_waiting": {p: spread(s).median for p, s in parts.items()},
    }
    if not compile:  # what is compiled hides its operations
        work = counted(walk)
        least = ceilings.least_seconds(
            precision, work.flops / walk.period, work.bytes / walk.period
        )
        found |= {
            "flops": work.flops / walk.period,
            "bytes": work.bytes / walk.period,
            "kernels": work.kernels / walk.period,
            "least_seconds": least,
            "share_of_the_roofline": least / told.median,
        }
    return found
