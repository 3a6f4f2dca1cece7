# SPDX-License-Identifier: Apache-2.0
"""What a network learns from: short clips with the true mattes. Whoever makes them, and how."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class TrainingClips:
    """A batch of B clips of T frames.

    images   (B, T, 3, H, W) in [0, 1]
    objects  (B, T, N, H, W) coverage of up to N objects
    known    (B, T, 1, H, W) 0 where nobody knows the truth, else 1
    asked    (B, N) which objects the network is asked for; seen in the first frame
    """

    images: Tensor
    objects: Tensor
    known: Tensor
    asked: Tensor
