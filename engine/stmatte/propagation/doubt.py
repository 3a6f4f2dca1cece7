# SPDX-License-Identifier: Apache-2.0
"""What the network can tell about its own doubt (decisions/0007)."""

from __future__ import annotations

from math import inf

import torch
from torch import Tensor

from stmatte.plan.advice import expected_error
from stmatte.propagation.fusing import Found

SURE = 0.5
"""Passes that are farther apart than this decide otherwise about a pixel, or nearly so."""


def uncertainty(found: Found) -> Tensor:
    """Return how doubtful each pixel is: (h, w) in [0, 1].

    The larger of two doubts: how near the probability is to one half; and how far the two
    passes are apart, as far as it matters. If one of two passes is right, and the more
    likely the nearer its key is, then 2 share (1 - share) times their difference is the
    error to be expected: next to a key it doesn't matter what comes from the other side.
    """
    matters = 2 * found.share * (1 - found.share)
    return torch.maximum(1 - (2 * found.plane - 1).abs(), matters * found.disagree)


def doubt(found: Found) -> float:
    """Return how doubtful an object is on a frame, in [0, 1]: doubt beside what is there.

    The doubtful area over the doubtful and the sure area of the object together; 0 where
    nothing is there and nothing is doubted.
    """
    doubtful = uncertainty(found).sum().item()
    there = found.plane.sum().item()
    return doubtful / (doubtful + there) if doubtful > 0 else 0.0


def score(found: Found, distance: float = inf) -> float:
    """Return how wrong an object is expected to be on a frame, in [0, 1], beside other frames.

    distance  from the keys, see `plan.advice.distance`
    """
    return expected_error(doubt(found), distance)


def apart(found: Found) -> float:
    """Return over which part of the object the two passes disagree, in [0, 1].

    The area where they are farther apart than `SURE`, over this and the object's own.
    """
    area = (found.disagree > SURE).sum().item()
    there = ((found.plane > SURE) & (found.disagree <= SURE)).sum().item()
    return area / (area + there) if area > 0 else 0.0


def area(found: Found) -> float:
    """Return which part of the picture the object covers, in [0, 1]."""
    return found.plane.mean().item()
