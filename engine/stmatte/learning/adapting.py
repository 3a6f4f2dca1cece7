# SPDX-License-Identifier: Apache-2.0
"""Adapt a copy of a network to a shot: it learns a few steps on the shot's own keys.

The copy depends on the network, the keys and the number of steps, and on nothing else: what
each step sees is drawn from its number. Knows no shot, no file and no device's settings.

Source: online learning of RGMP (Oh et al., CVPR 2018, Table 6). Which layers learn and how
fast was measured on stmatte-s (engine/decisions/0019).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import cast

import torch
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.learning.key_clips import KeyPicture, moved_clip
from stmatte.learning.protocol_objective import protocol_loss
from stmatte.networks.compiling import compiled, is_compiled
from stmatte.networks.precision import plain, precision_of, readied
from stmatte.networks.protocol import Network

VERSION = 1
"""Raise it with every change that makes other weights from the same things."""

RATE = 5e-5
"""Adam's rate at the first step; it falls to nothing at the last, so that the end is calm."""

MOST_NORM = 1.0
"""Gradients are scaled down to this norm."""

DECODER = "decoder"
"""Part of every network that learnt to tell objects apart, by that name in small letters."""

Learnt = dict[str, Tensor]
"""Name of a weight -> what it became."""


def learning(network: Network) -> list[str]:
    """Return the names of the weights that adapting changes: all, or none where no part decodes.

    Running averages of batch norm are no weights, and stay.
    """
    if not isinstance(network, nn.Module):
        return []
    names = [name for name, _ in network.named_parameters()]
    return names if any(name.split(".")[0].lower() == DECODER for name in names) else []


def check_adapts(network: Network) -> None:
    """Raise StmatteError if a network has nothing that could learn."""
    if not learning(network):
        raise StmatteError(
            f'Network "{network.name}" cannot be adapted to a shot',
            value=network.name,
            allowed="a network with a decoder: others have learnt nothing of objects",
            repair="Set adapt to 0, or choose another model",
        )


def adapt(network: Network, keys: Sequence[KeyPicture], steps: int) -> Iterator[Learnt | None]:
    """Let a copy of a network learn; yield None after every step, and what was learnt at the end.

    keys   at least one; steps take turns among them

    The network itself is never changed. Raises StmatteError if it cannot be adapted, or if
    learning fails by numbers that are none.
    """
    check_adapts(network)
    copy = deepcopy(cast(nn.Module, plain(network))).eval()  # batch norm keeps its numbers
    own = {name: weight.requires_grad_() for name, weight in copy.named_parameters()}
    optimiser = torch.optim.Adam(own.values(), RATE)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = RATE * (1 - step / steps)
        with torch.inference_mode(False), torch.enable_grad():
            _learn(cast(Network, copy), optimiser, own, keys[step % len(keys)], step)
        yield None
    dense = torch.contiguous_format  # in whichever order they lie in memory here
    yield {name: w.detach().clone(memory_format=dense) for name, w in own.items()}


def adapted(network: Network, learnt: Learnt) -> Network | None:
    """Return a copy of a network with weights that were learnt; None if they are not its own.

    It computes as the network does: in its precision, and compiled if that is.
    """
    copy = deepcopy(cast(nn.Module, plain(network)))
    own = dict(copy.named_parameters())
    if set(learnt) != set(learning(network)):
        return None
    if any(learnt[name].shape != own[name].shape for name in learnt):
        return None
    with torch.no_grad():
        for name, weight in learnt.items():
            own[name].copy_(weight)
    copy.requires_grad_(False).eval()
    device = next(iter(own.values())).device
    ready = readied(cast(Network, copy), precision_of(network), device)
    return compiled(ready, device) if is_compiled(network) else ready


def _learn(
    network: Network,
    optimiser: torch.optim.Optimizer,
    own: Learnt,
    key: KeyPicture,
    step: int,
) -> None:
    random = torch.Generator().manual_seed(step)
    clips = moved_clip(key, random)
    if not clips.asked.any():
        return  # so thin or small that no place is mostly the object's
    loss = protocol_loss(network, clips)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = torch.nn.utils.clip_grad_norm_(own.values(), MOST_NORM)
    if not torch.isfinite(norm):
        raise StmatteError(
            f'Adapting "{network.name}" failed at step {step + 1}: its numbers grew without end',
            value=float(norm),
            repair="Adapt with fewer steps, or not at all",
        )
    optimiser.step()
