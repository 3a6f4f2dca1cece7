# SPDX-License-Identifier: Apache-2.0
"""One span of one object: its passes, and their results fused.

Before the first and after the last key there is one pass; between two keys there are two,
one from either side. Both hear all the keys within reach (decisions/0004).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from stmatte.errors import StmatteError
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.plan.spans import Pass, Span
from stmatte.propagation.focus import View
from stmatte.propagation.following import Followed, KeptViews, Scene, follow_pass
from stmatte.propagation.fusing import Found, alone, fuse


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
    scene: Scene,
    span: Span,
    policy: Policy,
    kept: Mapping[Pass, KeptViews],
    wanted: Collection[int],
) -> Iterator[Step]:
    """Walk over the span as far as the wanted frames need it, and tell every step.

    kept    where the results of each of its passes are kept and found again
    wanted  frames of the span to make; the passes end where no more of them come

    Every wanted frame is told exactly once with what was found.

    Raises StmatteError if the span has no pass, because no key that it hears shows the object.
    """
    forward, backward = span.forward, span.backward
    if forward is not None and backward is not None:
        yield from _both_ways(network, scene, span, policy, kept, wanted)
        return
    way = forward or backward
    if way is None:
        raise StmatteError(
            f"Nothing shows the object around frames {span.frames[0]}-{span.frames[-1]}",
            value=span.frames,
            allowed="a key on one side at least has its matte",
        )
    for step in walk_pass(network, scene, way, policy, kept[way], wanted):
        yield Step(step.frame, met((step.view,), 1) if step.frame in wanted else None)


def _both_ways(
    network: Network,
    scene: Scene,
    span: Span,
    policy: Policy,
    kept: Mapping[Pass, KeptViews],
    wanted: Collection[int],
) -> Iterator[Step]:
    ahead, back = span.forward, span.backward
    if ahead is None or back is None:
        return
    for step in walk_pass(network, scene, ahead, policy, kept[ahead], wanted):
        yield Step(step.frame, None)
    for step in walk_pass(network, scene, back, policy, kept[back], wanted):
        if step.frame not in wanted:
            yield Step(step.frame, None)
            continue
        view = kept[ahead].recall(step.frame)
        if view is None:  # thrown away meanwhile; walk there again
            *_, again = walk_pass(network, scene, ahead, policy, kept[ahead], {step.frame})
            view = again.view
        yield Step(step.frame, met((view, step.view), span.forward_share(step.frame)))


def walk_pass(
    network: Network,
    scene: Scene,
    way: Pass,
    policy: Policy,
    kept: KeptViews,
    wanted: Collection[int],
) -> Iterator[Followed]:
    """Yield the frames of a pass up to the last wanted one, each with what was found."""
    last = max((i for i, frame in enumerate(way.frames) if frame in wanted), default=-1)
    return follow_pass(network, scene, way, policy, kept, last)


def met(views: Sequence[View], share: float) -> Found:
    """Return what is known of an object on a frame by what one or two passes saw of it.

    share  how much the forward pass, which is the first one, counts

    On the finest grid of the two. Where one of them has not looked it counts as one that has
    found nothing there: who leaks far from the object is overruled, as on the whole canvas.
    """
    with torch.inference_mode():
        grid = max(view.window.grid for view in views)
        planes = [view.plane_on(grid) for view in views]
        return alone(planes[0]) if len(planes) == 1 else fuse(planes[0], planes[1], share)
