# SPDX-License-Identifier: Apache-2.0
"""How long to wait for the engine, and how often to start it again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Seconds, and counts of tries.

    starting    from the start of the process to its first answer: it loads torch, perhaps
                from a slow network disk
    answering   for an answer; the engine answers while it works, so this is for slow disks
    leaving     for the engine's end when the host closes, before it is forced
    looking     between two looks whether the process is still there
    restarts    how many times within `within` seconds the engine is started again
    within      see `restarts`
    backoff     before the first restart; doubled for each further one
    tries       how many engines may die of the same request
    fruitless   how often a job is started again without a new frame since the last time
    """

    starting: float = 180.0
    answering: float = 120.0
    leaving: float = 3.0
    looking: float = 0.5
    restarts: int = 3
    within: float = 60.0
    backoff: float = 0.5
    tries: int = 2
    fruitless: int = 2
