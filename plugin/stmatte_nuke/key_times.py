# SPDX-License-Identifier: Apache-2.0
"""From times at which something is keyed to the frames that count as keys of a matte.

Pure. What is keyed comes as families: the points of a shape, the transform of a layer, a knob.
Which families there are is for those to say who look into Nuke.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from stmatte_host import spans

MOST_IN_A_ROW = 12
"""So many frames in a row, each of them keyed, are no artist's keys: a track was baked in."""

_HARDLY = 1e-3  # so far from a whole frame a time may be, being stored as a float32


@dataclass(frozen=True)
class Family:
    """Something that is keyed.

    label   what an artist calls it: 'the points of "hero"'
    times   on which it is keyed, as Nuke says; may be fractional
    drawn   it was drawn on a frame, so that a single time counts where there is nothing else.
            Elsewhere one single time says nothing: Nuke keys a transform that nobody touched
    alone   one single time counts like several: a stroke that lives on one frame
    """

    label: str
    times: tuple[float, ...]
    drawn: bool = False
    alone: bool = False


@dataclass(frozen=True)
class KeyTimes:
    """On which frames a matte is keyed.

    frames   ascending, each once
    rounded  times between two frames, which count for the nearer one
    notes    sentences that an artist should read
    """

    frames: tuple[int, ...] = ()
    rounded: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def nearest(time: float) -> int:
    """Return the nearest frame; halfway, the later one."""
    return math.floor(time + 0.5)


def settle(families: Iterable[Family], notes: Iterable[str] = ()) -> KeyTimes:
    """Return the frames on which families are keyed, taken together.

    notes  what was found on the way, put in front

    A family with a single time abstains, and so does one that is keyed on frame after frame: it is
    heard only where nothing else is keyed.
    """
    said = list(dict.fromkeys(notes))
    asked = tuple(each for each in families if each.times)
    moving = [each for each in asked if each.alone or len(_frames(each.times)) > 1]
    baked = [each for each in moving if not each.alone and _longest(each.times) >= MOST_IN_A_ROW]
    heard = [each for each in moving if each not in baked]
    if baked and heard:
        said += _unheard(baked)
    elif baked:
        heard = baked
        said += _all_heard(baked)
    elif not heard:
        heard = [each for each in asked if each.drawn]
        said += _single(heard)
    times = sorted({time for each in heard for time in each.times})
    rounded = tuple(time for time in times if abs(time - nearest(time)) > _HARDLY)
    if rounded:
        pairs = ", ".join(f"{time:g} (as {nearest(time)})" for time in rounded[:5])
        more = f" and {len(rounded) - 5} more" if len(rounded) > 5 else ""
        said.append(f"Keys between two frames count for the nearer one: {pairs}{more}.")
    return KeyTimes(_frames(times), rounded, tuple(dict.fromkeys(said)))


def _frames(times: Iterable[float]) -> tuple[int, ...]:
    return tuple(sorted({nearest(time) for time in times}))


def _longest(times: Iterable[float]) -> int:
    return max((last - first + 1 for first, last in spans.runs(_frames(times))), default=0)


def _unheard(baked: list[Family]) -> list[str]:
    return [
        f"{_capital(label)} is keyed on every frame of {which}, as a track is: "
        "these are not taken for keys. Key other frames by Key here."
        for label, which in _where(baked)
    ]


def _all_heard(baked: list[Family]) -> list[str]:
    return [
        f"{_capital(label)} is keyed on every frame of {which}, and nothing else is keyed: each of "
        "them counts as a key. Drop those that a person did not draw."
        for label, which in _where(baked)
    ]


def _single(drawn: list[Family]) -> list[str]:
    return [
        f"{_capital(label)} is keyed once, on {which}: that frame is taken for its only key."
        for label, which in _where(drawn)
    ]


def _where(families: list[Family]) -> list[tuple[str, str]]:
    """Return each label once, with all its frames."""
    times: dict[str, set[int]] = {}
    for each in families:
        times.setdefault(each.label, set()).update(_frames(each.times))
    return [(label, spans.shortly(spans.runs(each))) for label, each in times.items()]


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
