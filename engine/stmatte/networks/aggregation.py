# SPDX-License-Identifier: Apache-2.0
"""Soft aggregation: the one place where objects compete for a pixel."""

from __future__ import annotations

import torch
from torch import Tensor

EPSILON = 1e-7


def soft_aggregate(claims: Tensor) -> Tensor:
    """Make independent claims of objects compete, and give the rest to the background.

    claims   (N, ..., H, W) in [0, 1], what each object claimed when decoded alone
    returns  (N + 1, ..., H, W) in [0, 1], sums to 1 over dim 0; plane 0 is the background

    This is not coverage: one object's 0.30 becomes 0.155. Probabilities are clamped to
    [1e-7, 1 - 1e-7] before their odds are taken.

    Source: softmax aggregation of RGMP (Oh et al., CVPR 2018), as used by STM.
    """
    background = (1 - claims).prod(dim=0, keepdim=True)
    return compete(torch.cat([background, claims]))


def compete(claims: Tensor) -> Tensor:
    """Make independent claims compete, the background's among them.

    claims   (N + 1, ..., H, W) in [0, 1]; plane 0 is the background
    returns  the same shape, sums to 1 over dim 0: odds, each divided by their sum
    """
    return torch.logit(claims.clamp(EPSILON, 1 - EPSILON)).softmax(dim=0)


def aggregate_alone(planes: Tensor, *, aggregated: bool) -> Tensor:
    """Make objects compete that were propagated alone.

    planes      (N, H, W) in [0, 1], of each object its own plane
    aggregated  whether each was aggregated with its background: its claim is taken back first
    returns     (N, H, W) in [0, 1], sums to at most 1. One object's plane stays as it is
    """
    if len(planes) == 1:
        return planes
    if not aggregated:
        return planes / planes.sum(dim=0).clamp(min=1)
    claims = torch.sigmoid(torch.logit(planes, eps=EPSILON) / 2)
    return soft_aggregate(claims)[1:]
