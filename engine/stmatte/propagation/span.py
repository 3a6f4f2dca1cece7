# SPDX-License-Identifier: Apache-2.0
"""One span of one object: its passes, and their results fused.

Before the first and after the last key there is one pass; between two keys there are two,
one from either side. Both hear all the keys within reach (decisions/0004).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.plan.spans import Pass, Span
from stmatte.propagation.fusing import Found, alone, fuse
from stmatte.propagation.passes import Kept, KeyedMattes, See, run_pass


@dataclass(frozen=True)
class Step:
    """A frame was walked over.

    frame  its number
    found  what is known of it now; None where the other pass is still to come
    """

    frame: int
    found: Found | None


def propagate_span(
    network: Network,
    see: See,
    span: Span,
    given: Mapping[int, Tensor],
    policy: Policy,
    kept: Mapping[Pass, Kept],
    wanted: Collection[int],
) -> Iterator[Step]:
    """Walk over the span as far as the wanted frames need it, and tell every step.

    given   frame -> matte (h, w) in [0, 1] of every key that the span hears
    kept    where the results of each of its passes are kept and found again
    wanted  frames of the span to make; the passes end where no more of them come

    Every wanted frame is told exactly once with what was found.

    Raises StmatteError if the span has no pass, because no key that it hears shows the object.
    """
    forward, backward = span.forward, span.backward
    if forward is not None and backward is not None:
        yield from _both_ways(network, see, span, given, policy, kept, wanted)
        return
    way = forward or backward
    if way is None:
        raise StmatteError(
            f"Nothing shows the object around frames {span.frames[0]}-{span.frames[-1]}",
            value=span.frames,
            allowed="a key on one side at least has its matte",
        )
    for place, plane in walk_pass(network, see, way, given, policy, kept[way], wanted):
        yield Step(place, alone(plane) if place in wanted else None)


def _both_ways(
    network: Network,
    see: See,
    span: Span,
    given: Mapping[int, Tensor],
    policy: Policy,
    kept: Mapping[Pass, Kept],
    wanted: Collection[int],
) -> Iterator[Step]:
    ahead, back = span.forward, span.backward
    if ahead is None or back is None:
        return
    for place, _ in walk_pass(network, see, ahead, given, policy, kept[ahead], wanted):
        yield Step(place, None)
    for place, plane in walk_pass(network, see, back, given, policy, kept[back], wanted):
        if place not in wanted:
            yield Step(place, None)
            continue
        planes = kept[ahead].recall(place)
        if planes is None:  # thrown away meanwhile; walk there again
            walked = walk_pass(network, see, ahead, given, policy, kept[ahead], {place})
            *_, (_, met) = walked
        else:
            met = planes[1]
        with torch.inference_mode():
            found = fuse(met, plane, span.forward_share(place))
        yield Step(place, found)


def walk_pass(
    network: Network,
    see: See,
    way: Pass,
    given: Mapping[int, Tensor],
    policy: Policy,
    kept: Kept,
    wanted: Collection[int],
) -> Iterator[tuple[int, Tensor]]:
    """Yield the frames of a pass up to the last wanted one, each with its plane (h, w)."""
    last = max((i for i, frame in enumerate(way.frames) if frame in wanted), default=-1)
    places = (way.start, *way.frames[: last + 1])
    keyed = {frame: KeyedMattes(given[frame][None], (True,)) for frame in (way.start, *way.heard)}
    passed = run_pass(network, see, places, keyed, 1, policy, heard=way.heard, kept=kept)
    for place, planes in passed:
        if place != way.start:
            yield place, planes[1]
