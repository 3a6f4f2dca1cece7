# SPDX-License-Identifier: Apache-2.0
"""What the network can tell about its own doubt."""

from __future__ import annotations

import torch
from torch import Tensor

from stmatte.propagation.fusing import Found


def uncertainty(found: Found) -> Tensor:
    """Return how doubtful each pixel is: (h, w) in [0, 1].

    The larger of two doubts: how near the probability is to one half, and how far the two
    passes are apart. A soft edge is doubtful by nature, so a thin line of doubt along it
    says nothing; wide bands and patches do.
    """
    return torch.maximum(1 - (2 * found.plane - 1).abs(), found.disagree)


def score(found: Found) -> float:
    """Return how doubtful an object is on a frame, in [0, 1]: doubt beside what is there.

    The doubtful area over the doubtful and the sure area of the object together; 0 where
    nothing is there and nothing is doubted.
    """
    doubt = uncertainty(found).sum().item()
    there = found.plane.sum().item()
    return doubt / (doubt + there) if doubt > 0 else 0.0
