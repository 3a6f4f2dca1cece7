# SPDX-License-Identifier: Apache-2.0
"""What training makes small: how wrong the planes are along a clip, with growing memory.

Source: Oh et al., TPAMI 2020, training: the first frame's truth is the first memory; the
network's own soft output of every further frame joins the memory for the next.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.losses import cross_entropy, soft_jaccard_loss
from stmatte.learning.protocol_objective import with_background
from stmatte.networks.aggregation import soft_aggregate
from stmatte.networks.stmatte_s import StmatteS
from stmatte.networks.stmatte_s_blocks import Seen
from stmatte.training.recalling import Written, recall_all

Also = Callable[[int, int, Tensor], Tensor]
"""Clip, counting those of which something is asked; frame; planes (N + 1, H, W) -> a loss."""


def clip_loss(
    network: StmatteS,
    clips: TrainingClips,
    hardest: float = 1.0,
    overlap: float = 0.0,
    also: Also | None = None,
) -> Tensor:
    """Return the mean loss over all frames but the first, all places and clips.

    hardest  share of the places whose cross-entropy counts, see `losses.cross_entropy`
    overlap  weight of the soft Jaccard loss beside it
    also     what else the planes of a frame cost
    """
    device, frames = clips.images.device, clips.images.shape[1]
    used = clips.asked.cpu().any(dim=1)  # one look at the device, and no other
    asked = clips.asked.cpu()[used]
    counts = asked.sum(dim=1).tolist()
    owner, which = asked.nonzero().T.to(device)
    images, objects, known = (
        maps if used.all() else maps[used] for maps in (clips.images, clips.objects, clips.known)
    )
    truth = _truth(objects[owner, :, which], counts)
    seen = network.see(images.flatten(0, 1))
    at = [Seen(*(m.reshape(-1, frames, *m.shape[1:])[:, t] for m in seen)) for t in range(frames)]
    masks = torch.cat([t[0] for t in truth])[:, None]
    past: list[Written] = []
    losses = []
    for t in range(frames):
        if t > 0:
            with torch.autocast(device.type, enabled=False):  # similarities need all their digits
                recalled = recall_all(network, at[t].key8, at[t].key16, owner, past)
            claims = network.decode(Seen(*(m[owner] for m in at[t])), recalled)[:, 0]
            planes = [soft_aggregate(part) for part in torch.split(claims, counts)]
            costs = [
                _frame_loss(found, true[t], here[t], hardest, overlap)
                for found, true, here in zip(planes, truth, known, strict=True)
            ]
            losses += [c + also(i, t, planes[i]) for i, c in enumerate(costs)] if also else costs
            masks = torch.cat([p[1:] for p in planes])[:, None]
        if t < frames - 1:
            maps = network.write(Seen(*(m[owner] for m in at[t])), masks, _others(masks, counts))
            written = (at[t].key8, at[t].key16, maps["mask8"], maps["value16"])
            past.append(Written(*(each.float() for each in written)))
    return torch.stack(losses).mean()


def _truth(objects: Tensor, counts: list[int]) -> list[Tensor]:
    """Return the objects (M, T, H, W) of all clips clip by clip, each (T, n, H, W)."""
    return [part.transpose(0, 1) for part in torch.split(objects, counts)]


def _others(masks: Tensor, counts: list[int]) -> Tensor:
    parts = [part.sum(dim=0, keepdim=True) - part for part in torch.split(masks, counts)]
    return torch.cat(parts)


def _frame_loss(
    planes: Tensor, objects: Tensor, known: Tensor, hardest: float, overlap: float
) -> Tensor:
    """Return the loss of the planes (N + 1, H, W) of one frame, whose truth is (N, H, W)."""
    target = with_background(objects)
    loss = cross_entropy(planes, target, known, hardest)
    return loss + overlap * soft_jaccard_loss(planes, target, known) if overlap else loss
