# SPDX-License-Identifier: Apache-2.0
"""How wrong the planes of one frame are, by the pixel and by the object."""

from __future__ import annotations

import torch
from torch import Tensor

from stmatte.networks.aggregation import EPSILON


def cross_entropy(planes: Tensor, target: Tensor, known: Tensor, hardest: float = 1.0) -> Tensor:
    """Return the mean cross-entropy over the places that are known, or the hardest of them.

    planes   (N + 1, H, W) what was found, target the truth; both sum to one
    known    (1, H, W) 0 where nobody knows the truth, else 1
    hardest  the share of the known places that counts, in (0, 1]. Most of a frame is right soon
             and then only dilutes what is not: hard-pixel mining, as the "bootstrapped" loss of
             Wu, Shen and van den Hengel, "Bridging Category-level and Instance-level Semantic
             Image Segmentation", arXiv:1605.06885, section 3.2
    """
    entropy = -(target * planes.clamp(min=EPSILON).log()).sum(dim=0) * known[0]
    if hardest >= 1:
        return entropy.sum() / known.sum().clamp(min=1)
    count = max(1, int(entropy.numel() * hardest))
    # of the whole frame, so that the count needs no look at the device; what is unknown is 0
    return entropy.flatten().topk(count, sorted=False).values.mean()


def soft_jaccard_loss(planes: Tensor, target: Tensor, known: Tensor) -> Tensor:
    """Return 1 - J, J of soft coverages, as the mean over the objects that are to be seen.

    planes, target, known as for `cross_entropy`; the first plane is the background and is no
    object. 0 where no object is to be seen. A small object counts as much as a large one here.
    Source: Rahman and Wang, "Optimizing Intersection-Over-Union in Deep Neural Networks for
    Image Segmentation", ISVC 2016.
    """
    ours, true = planes[1:] * known, target[1:] * known
    shared = (ours * true).sum(dim=(1, 2))
    union = (ours + true).sum(dim=(1, 2)) - shared
    seen = (true.sum(dim=(1, 2)) > SEEN).to(planes)
    lost = (1 - shared / union.clamp(min=SEEN)) * seen
    return torch.sum(lost) / seen.sum().clamp(min=1)


SEEN = 8.0
"""Pixels of an object that is to be seen: of fewer, J is a game of chance."""
