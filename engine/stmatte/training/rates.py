# SPDX-License-Identifier: Apache-2.0
"""Which weights learn at which rate: what an encoder knows from elsewhere slowly, all else fast."""

from __future__ import annotations

from torch import nn

from stmatte.networks.stmatte_s import StmatteS
from stmatte.training.recipe import Recipe


def groups_of(network: nn.Module, recipe: Recipe) -> list[dict[str, object]]:
    """Return what learns in two groups: the image encoder of stmatte-s or -b, and all else.

    Weights that stay as they are are in neither, and are told not to learn.
    """
    if not isinstance(network, StmatteS):
        return [{"params": []}, {"params": list(network.parameters())}]
    frozen = {str(block) for block in range(recipe.frozen_blocks + 1)}
    encoder, fresh = [], []
    for name, parameter in network.named_parameters():
        parts = name.split(".")
        if parts[0] == "image_encoder" and parts[2] in frozen:
            parameter.requires_grad = False
        elif parts[0] in ("image_encoder", "key8", "key16"):
            encoder.append(parameter)
        else:
            fresh.append(parameter)
    return [{"params": encoder}, {"params": fresh}]
