# SPDX-License-Identifier: Apache-2.0
"""Where in a shot the network is unsure of an object: ranges of frames, worth a marker each.

Pure arithmetic on scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stmatte.plan.ranges import ranges_of
from stmatte.shot import FrameRange


@dataclass(frozen=True)
class Unsure:
    """Neighbouring frames on which an object is doubtful.

    worst  the highest score among them, in [0, 1]
    """

    object: str
    frames: FrameRange
    worst: float


def unsure(scores: Mapping[int, Mapping[str, float]], threshold: float) -> list[Unsure]:
    """Return where scores are above a threshold, by object and frame.

    scores  plate frame number -> object name -> score in [0, 1]
    """
    names = dict.fromkeys(name for said in scores.values() for name in said)
    found: list[Unsure] = []
    for name in names:
        high = {f: said[name] for f, said in scores.items() if said.get(name, 0) > threshold}
        found += [Unsure(name, r, max(high[f] for f in r)) for r in ranges_of(high)]
    return found
