# SPDX-License-Identifier: Apache-2.0
"""Distilling: a network also learns the soft planes that a better one, its teacher, finds.

The teacher walks the same clip with a memory of its own and is never changed. What it is
unsure of it says, too, and so tells more than the truth does: also of places whose truth
nobody knows. Only stmatte-s and stmatte-b teach: both are ours, and so is what they teach.

Source: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
arXiv:1503.02531, section 2; at temperature 1, as planes are soft where the plate is.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.learning.clips import TrainingClips
from stmatte.learning.losses import cross_entropy
from stmatte.networks.registry import load_network
from stmatte.networks.stmatte_s import StmatteS
from stmatte.training.objective import Also, clip_loss


def load_teacher(model: str, device: torch.device) -> StmatteS:
    """Return a network that stands still, by a name that ships, or NAME:PATH.

    Raises StmatteError if there is none, or it is not of stmatte-s's kind.
    """
    teacher = cast(nn.Module, load_network(model, device.type))
    if not isinstance(teacher, StmatteS):
        raise StmatteError(
            f'Model "{model}" cannot teach', value=model, allowed="stmatte-s and stmatte-b can"
        )
    teacher.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return teacher


def learning_from(teacher: StmatteS, clips: TrainingClips, weight: float) -> Also:
    """Return what the teacher's planes of the clips add to a network's loss.

    weight  of their cross-entropy, which is a mean over all places of a frame
    """
    found = shown(teacher, clips)

    def also(clip: int, frame: int, planes: Tensor) -> Tensor:
        target = found[clip, frame]
        return weight * cross_entropy(planes, target, torch.ones_like(target[:1]))

    return also


def shown(teacher: StmatteS, clips: TrainingClips) -> dict[tuple[int, int], Tensor]:
    """Return the planes (N + 1, H, W) that a network finds, by clip and frame as `Also` counts."""
    found: dict[tuple[int, int], Tensor] = {}

    def keep(clip: int, frame: int, planes: Tensor) -> Tensor:
        found[clip, frame] = planes
        return planes.new_zeros(())

    with torch.no_grad():
        clip_loss(teacher, clips, also=keep)
    return found
