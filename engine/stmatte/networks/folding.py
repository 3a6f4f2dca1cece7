# SPDX-License-Identifier: Apache-2.0
"""Batch norm folded into the convolutions before it, for a network that only runs.

A norm whose statistics stand still multiplies each channel by one number and adds another. So
may the convolution before it, at no cost: the norm, and its way through memory, are gone. The
numbers are the same up to rounding; the names of weights are not, so a copy is what is folded,
and what learns, loads or saves is the network as it was.

Knows layers, by how this family's encoders name them: what is convolved by `conv1`, and added
to that by `conv1_m` and the like, is normed by `bn1`; in a sequence the norm comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn


def fold(network: nn.Module) -> None:
    """Fold every norm that stands still into the convolutions before it, in place.

    Norms that nothing can be said of stay as they are.
    """
    for parent in tuple(network.modules()):
        for name, convolutions in tuple(_normed(parent)):
            if _take_over(getattr(parent, name), convolutions):
                setattr(parent, name, nn.Identity())


def _normed(parent: nn.Module) -> Iterator[tuple[str, Sequence[nn.Conv2d]]]:
    """Yield the name of each norm in a module, with the convolutions whose sum it norms."""
    children = dict(parent.named_children())
    if isinstance(parent, nn.Sequential):
        for before, (name, norm) in zip(parent, tuple(children.items())[1:], strict=False):
            if isinstance(norm, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
                yield name, (before,)
        return
    for name, norm in children.items():
        if isinstance(norm, nn.BatchNorm2d) and name.startswith("bn"):
            first = "conv" + name.removeprefix("bn")
            summed = [c for n, c in children.items() if n == first or n.startswith(f"{first}_")]
            convolutions = [c for c in summed if isinstance(c, nn.Conv2d)]
            if convolutions and len(convolutions) == len(summed):
                yield name, convolutions


@torch.no_grad()
def _take_over(norm: nn.BatchNorm2d, convolutions: Sequence[nn.Conv2d]) -> bool:
    """Give a norm's factors to convolutions whose sum it norms, and its offsets to the first.

    returns  whether it stood still, so that it could be done
    """
    mean, variance = norm.running_mean, norm.running_var
    if norm.training or mean is None or variance is None:
        return False
    factor = (variance + norm.eps).rsqrt()
    factor = factor * norm.weight if norm.affine else factor
    offset = -mean * factor + (norm.bias if norm.affine else 0)
    for convolution in convolutions:
        convolution.weight.mul_(factor.view(-1, 1, 1, 1))
        if convolution.bias is not None:
            convolution.bias.mul_(factor)
    first = convolutions[0]
    bias: Tensor = offset if first.bias is None else first.bias + offset
    first.bias = nn.Parameter(bias, requires_grad=first.weight.requires_grad)
    return True
