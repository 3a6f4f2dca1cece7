# SPDX-License-Identifier: Apache-2.0
"""Measure a network at its own level: seconds a frame, ours and the plain path by turns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import torch

from stmatte.networks.protocol import Network
from stmatte.networks.registry import load_network

from .clip import RADIUS, Clip
from .measure import by_turns, ratio, spread
from .models import Model
from .plain import PlainReads, plain_network
from .records import Agreement, Contender, Range, Result
from .walking import Pictures, Walk, agreement, steady

LEAST = 5  # turns
SPLIT_TURNS = 10  # further turns on a GPU, where a clock about each part would hold it up


@dataclass(frozen=True)
class Asked:
    """What is measured, but for the network.

    size    (H, W) of what the network sees
    radius  of objects, see `Clip`
    memory  frames in the bank; None: what the network's own policy has come to
    place   how many frames have gone before the clock begins; None: enough to fill memory
    frames  that count, of each contender; fewer after `limit` seconds, but never less than
            `LEAST` turns. A turn is a frame, or where not every frame is remembered, as
            many as there are to one that is
    warm    frames before them, or a turn where that is more
    plain   whether the plain path takes turns with ours
    """

    device: torch.device
    size: tuple[int, int] = (480, 854)
    objects: int = 1
    radius: float = RADIUS
    memory: int | None = 8
    place: int | None = None
    frames: int = 20
    warm: int = 2
    limit: float | None = 60.0
    seed: int = 0
    precision: str = "float32"
    compile: bool = False
    plain: bool = True


def loaded(model: Model, asked: Asked) -> Network:
    """Return the network as the engine makes it ready."""
    precision: Any = asked.precision
    return load_network(model.asked, asked.device.type, precision, compile=asked.compile)


def measure_network(model: Model, asked: Asked) -> Result:
    """Measure; every contender goes over the same clip from its own results.

    Ours takes all objects in one pass. The plain path takes one alone, and its seconds count
    as often as there are objects: so it is, object by object.
    """
    network = loaded(model, asked)
    policy = steady(network.policy, asked.memory)
    filled = policy.every * ((asked.memory or 1) + 1)
    place = max(1, filled if asked.place is None else asked.place)
    pictures = _pictures(asked, asked.objects)
    ours = Walk(network, pictures, policy, place)
    walks = {"ours": ours}
    if asked.plain:
        plain = plain_network(model.name, model.state, asked.device)
        walks["plain"] = Walk(plain, _pictures(asked, 1), policy, place, PlainReads())
    on_cpu = asked.device.type == "cpu"
    parts: dict[str, list[dict[str, float]]] = {name: [] for name in walks}
    likeness: list[tuple[float, float]] = []

    def turn(name: str, *, split: bool) -> None:
        walk = walks[name]
        walk.split = split
        walk()
        if split:
            parts[name].append(walk.parts)

    def compared() -> None:
        likeness.append(agreement(ours.planes, walks["plain"].planes))

    turns, warm = (ceil(n / ours.period) for n in (asked.frames, asked.warm))
    alike = asked.plain and asked.objects == 1
    told = by_turns(
        {name: partial(turn, name, split=on_cpu) for name in walks},
        max(turns, LEAST),
        warm,
        asked.device,
        limit=asked.limit,
        least=LEAST,
        after=compared if alike else None,
    )
    if on_cpu:
        parts = {name: found[warm:] for name, found in parts.items()}
    else:
        split = {name: partial(turn, name, split=True) for name in walks}
        by_turns(split, SPLIT_TURNS, 0, asked.device)
    told = {name: [spent / ours.period for spent in each] for name, each in told.items()}
    times = {"ours": 1, "plain": asked.objects}
    contenders = {n: _contender(told[n], parts[n], times[n]) for n in walks}
    shipped = model.weights == "shipped"
    return Result(
        level="network",
        model=model.name,
        weights=model.weights,
        size=asked.size,
        objects=asked.objects,
        covered=round(pictures.clip.covered(), 4),
        memory=round(statistics.median(ours.memory[warm * ours.period :])),
        place=place,
        precision=asked.precision,
        compile=asked.compile,
        device=asked.device.type,
        seed=asked.seed,
        warm=warm * ours.period,
        ours=contenders["ours"],
        plain=contenders.get("plain"),
        ratio=_ratio(told, asked.objects) if asked.plain else None,
        agreement=_agreement(likeness) if likeness and shipped else None,
    )


def _pictures(asked: Asked, objects: int) -> Pictures:
    return Pictures(Clip(asked.size, objects, asked.seed, asked.radius), asked.device)


def _contender(told: Sequence[float], parts: Sequence[dict[str, float]], times: int) -> Contender:
    names = dict.fromkeys(name for each in parts for name in each)
    split: dict[Any, Range] = {
        name: Range.of(spread([each.get(name, 0.0) for each in parts]), times) for name in names
    }
    return Contender(frame=Range.of(spread(told), times), parts=split, times=times)


def _ratio(told: dict[str, list[float]], objects: int) -> Range:
    return Range.of(ratio(told["plain"], told["ours"]), objects)


def _agreement(likeness: Sequence[tuple[float, float]]) -> Agreement:
    jaccard, apart = (statistics.fmean(each) for each in zip(*likeness, strict=True))
    return Agreement(jaccard=jaccard, apart=apart)
