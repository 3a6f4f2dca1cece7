# SPDX-License-Identifier: Apache-2.0
"""Two passes that met become one result, and how far they disagree is kept."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LEAST = 1e-5
"""A pass is never surer than this: beyond, one pass alone would always win."""


@dataclass(frozen=True, eq=False)
class Found:
    """What is known of one object on one frame that was computed.

    plane     (h, w) in [0, 1], the network's probability of the object
    disagree  (h, w) in [0, 1], how far the two passes are apart; 0 where there was one pass
    share     how much the forward pass counts, in [0, 1]; 1 where there was one pass
    """

    plane: Tensor
    disagree: Tensor
    share: float = 1.0


def alone(plane: Tensor) -> Found:
    """Return what one pass found."""
    return Found(plane, torch.zeros_like(plane))


def fuse(forward: Tensor, backward: Tensor, share: float) -> Found:
    """Join what two passes found of one object, by their distances to where they began.

    forward, backward  (h, w) in [0, 1]
    share              how much the forward pass counts, in [0, 1]

    Log-odds are mixed, not probabilities: a pass that is sure outweighs one that hesitates.
    """
    odds = share * _log_odds(forward) + (1 - share) * _log_odds(backward)
    # what both are as sure of as can be stays exactly that: 0 or 1
    same = forward == backward
    plane = torch.where(same, forward, torch.sigmoid(odds))
    return Found(plane, (forward - backward).abs(), share)


def _log_odds(probabilities: Tensor) -> Tensor:
    return torch.logit(probabilities, eps=LEAST)
