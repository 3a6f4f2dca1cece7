# SPDX-License-Identifier: Apache-2.0
"""The same loss for every network: through the protocol, as a pass would go, with gradients.

The first frame's truth is the first memory; the network's own soft output of every further
frame joins the memory for the next, so what went wrong is learnt from, through time. The
planes are those after aggregation. Slower than a network's own batched loss, since clips and
frames go one by one.
Source: Oh et al., TPAMI 2020, training; the recurrence is RGMP's (Oh et al., CVPR 2018), too.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.losses import cross_entropy
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.protocol import LooksBack, Network, Query

Extra = Callable[[Query], Tensor]
"""What a network's own paper adds to the loss for each frame that is seen."""


Guide = Callable[[Tensor], Tensor]
"""True masks (T, N, H, W) -> for each frame what a network that looks back sees as the latest."""


def protocol_loss(
    network: Network,
    clips: TrainingClips,
    extra: Extra | None = None,
    guide: Guide | None = None,
) -> Tensor:
    """Return the mean cross-entropy over all frames but the first, all places and clips.

    extra  its mean over all frames is added
    guide  None: a network that looks back sees its own latest result

    At least one object of one clip must be asked for.
    """
    seen: list[Query] = []
    losses = [
        entropy
        for image, truth, known in asked_clips(clips)
        for entropy in _clip_losses(network, image, truth, known, seen, guide)
    ]
    loss = torch.stack(losses).mean()
    return loss if extra is None else loss + torch.stack([extra(query) for query in seen]).mean()


def asked_clips(clips: TrainingClips) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Return pictures (T, 3, H, W), objects (T, N, H, W) and what is known of each clip.

    Clips of which nothing is asked are left out.
    """
    return [
        (clips.images[b], clips.objects[b][:, clips.asked[b]], clips.known[b])
        for b in range(len(clips.images))
        if clips.asked[b].any()
    ]


def walk_clip(
    network: Network,
    images: Tensor,
    first: Tensor,
    seen: list[Query] | None = None,
    guides: Tensor | None = None,
) -> list[Tensor]:
    """Return the planes (N + 1, H, W) of every frame of a clip but the first, with gradients.

    images  (T, 3, H, W)
    first   (N, H, W) the mattes of the first frame
    seen    gets what the network saw of each frame
    guides  (T, N, H, W) masks that a network which looks back sees as its latest result when it
            is asked for each frame; None gives it its own
    """
    said = (True,) * len(first)
    planes = with_background(first)
    frames: tuple[MemoryFrame, ...] = ()
    found = []
    for step, image in enumerate(images):
        query = network.encode_query(image)
        if seen is not None:
            seen.append(query)
        if step:
            read = (
                frames if guides is None else _guided(network, frames, image, query, guides[step])
            )
            planes = network.segment(query, Bank(read))
            found.append(planes)
        if step + 1 < len(images):
            if step and isinstance(network, LooksBack):
                memory = network.encode_latest(image, query, planes)
            else:
                memory = network.encode_memory(image, query, planes)
            origin = Origin.RESULT if step else Origin.KEY
            latest = MemoryFrame(step, origin, memory.maps, memory.objects, said)
            frames = _growing(network, (*frames, latest))
    return found


def with_background(objects: Tensor) -> Tensor:
    """Return planes (N + 1, H, W) of objects (N, H, W), what they leave being background."""
    planes = torch.cat([(1 - objects.sum(dim=0, keepdim=True)).clamp(min=0), objects])
    return planes / planes.sum(dim=0, keepdim=True)


def _clip_losses(
    network: Network,
    images: Tensor,
    truth: Tensor,
    known: Tensor,
    seen: list[Query],
    guide: Guide | None,
) -> list[Tensor]:
    guides = None if guide is None else guide(truth)
    found = walk_clip(network, images, truth[0], seen, guides)
    return [
        cross_entropy(planes, with_background(truth[step]), known[step])
        for step, planes in enumerate(found, start=1)
    ]


def _guided(
    network: Network,
    frames: tuple[MemoryFrame, ...],
    image: Tensor,
    query: Query,
    masks: Tensor,
) -> tuple[MemoryFrame, ...]:
    """Return keys alone and, for a network that looks back, masks (N, H, W) as its latest."""
    if not isinstance(network, LooksBack):
        return frames
    memory = network.encode_latest(image, query, with_background(masks))
    latest = MemoryFrame(
        frames[-1].step, Origin.RESULT, memory.maps, memory.objects, frames[-1].said
    )
    return (*(frame for frame in frames if frame.origin is Origin.KEY), latest)


def _growing(network: Network, frames: tuple[MemoryFrame, ...]) -> tuple[MemoryFrame, ...]:
    """Return what the next frame reads: all so far, or what a network that looks back wants."""
    return network.policy.kept(frames) if isinstance(network, LooksBack) else frames
