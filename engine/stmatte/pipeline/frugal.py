# SPDX-License-Identifier: Apache-2.0
"""Computing goes on with less where a device's memory runs out on the way.

What was counted beforehand (`pipeline.budget`) is not all that happens on a machine: others
take memory, too. So what may be given up is given up, and the frame is tried again. What a pass
did is in the store and is not done again. Only where nothing more can be given up is the
error raised.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import torch

from stmatte.memory.scarce import sparing
from stmatte.networks.protocol import Network
from stmatte.pipeline.computing import Walked, compute
from stmatte.pipeline.planned import PlannedShot
from stmatte.propagation.sights import Sights
from stmatte.store import Store

_log = logging.getLogger("stmatte")

_SAID = ("DefaultCPUAllocator", "CUDA error: out of memory", "_STATUS_ALLOC_FAILED")
"""How torch says that memory ran out on a CPU, and in CUDA's libraries: in a plain RuntimeError."""


@dataclass(frozen=True)
class Way:
    """How computing gets along.

    gives_up  what is given up for it, as the end of a sentence
    apart     objects go over a span one after the other, so that one memory is held at a time
    share     reads of memory hold 1 / share of what they held; this changes rounding only
    """

    gives_up: str
    apart: bool = False
    share: int = 1


WAYS = (
    Way(""),
    Way("nothing that was seen of other frames is held"),
    Way("objects go one after the other, and memory is read in smaller pieces", True, 4),
    Way("memory is read in the smallest pieces", True, 64),
)
"""As asked, and then ever more frugally."""


def compute_frugally(
    planned: PlannedShot,
    network: Network,
    store: Store,
    sights: Sights,
    wanted: Collection[int],
    first: int | None = None,
) -> Iterator[Walked]:
    """As `computing.compute`; where memory runs out, the rest is tried again with less.

    Frames that were walked over already may be walked over again, to come to where it was; a
    frame is told as done once.

    Raises what torch raised if it runs out even so.
    """
    left = set(wanted)
    for way in WAYS:
        if way.gives_up:
            _give_back(planned.device, sights)
            _log.warning("Memory ran out; going on with less: %s", way.gives_up)
        walks = compute(
            planned, network, store, sights, frozenset(left), first, together=not way.apart
        )
        try:
            while True:
                with sparing(way.share):
                    walked = next(walks, None)
                if walked is None:
                    return
                if walked.done:
                    left.discard(walked.frame)
                yield walked
        except Exception as error:
            if way is WAYS[-1] or not ran_out(error):
                raise
            _log.info("Memory ran out: %s", error)


def ran_out(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, on whatever device."""
    if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAID)


def _give_back(device: torch.device, sights: Sights) -> None:
    """Give up what was seen, and give the device what nobody holds any more."""
    sights.make_room(0)
    gc.collect()  # what the error held on to is in circles
    if device.type == "cuda":
        torch.cuda.empty_cache()
