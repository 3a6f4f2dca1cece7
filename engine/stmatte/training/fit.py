# SPDX-License-Identifier: Apache-2.0
"""How well a network has learnt the very clips that it was shown.

No measure of quality: it tells whether a network and its training work at all. A network that
cannot learn two clips by heart has a defect.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.protocol_objective import asked_clips, walk_clip
from stmatte.networks.protocol import Network
from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.training.interactive import two_rounds


def mean_jaccard(network: Network, clips: TrainingClips) -> float:
    """Return the mean J of all objects that are asked for, on all frames but the first.

    The interactive network gets strokes, in two rounds; all others the first frame's mattes.
    Objects that are not to be seen on a frame are left out there.
    """
    scores = []
    for images, truth, _ in asked_clips(clips):
        with torch.no_grad():
            walked = _found(network, images, truth)
        for planes, true in zip(walked, truth[1:], strict=True):
            ours, inside = planes[1:] >= 0.5, true >= 0.5
            union = (ours | inside).sum(dim=(1, 2))
            shared = (ours & inside).sum(dim=(1, 2))
            scores += [
                float(s / u)
                for s, u, seen in zip(shared, union, inside.any(dim=(1, 2)), strict=True)
                if seen
            ]
    return float(np.mean(scores)) if scores else float("nan")


def _found(network: Network, images: Tensor, truth: Tensor) -> list[Tensor]:
    """Return the planes of all frames but the first, by mattes, or by strokes in two rounds."""
    if not isinstance(network, InteractiveSTM):
        return walk_clip(network, images, truth[0])
    *_, last = two_rounds(network, images, truth, np.random.default_rng(0))
    return last[1:]
