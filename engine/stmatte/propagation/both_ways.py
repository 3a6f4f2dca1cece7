# SPDX-License-Identifier: Apache-2.0
"""Propagation from keys on any frames: forward, backward, and fused in between.

A forward pass begins at the first key and a backward pass at the last one. Where an
object has keys on both sides, the nearer one counts more. Frames come out as soon as
nothing can change them any more; only those that wait for the backward pass are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.policies import Policy
from stmatte.networks.aggregation import EPSILON
from stmatte.networks.protocol import Network
from stmatte.propagation.passes import ImageOf, KeyedMattes, around_key, run_pass


def propagate(
    network: Network,
    image_of: ImageOf,
    places: Sequence[int],
    keyed: Mapping[int, KeyedMattes],
    objects: int,
    policy: Policy | None = None,
) -> Iterator[tuple[int, Tensor]]:
    """Yield every place with its planes, each once, in the order in which they are done.

    places   ascending; gaps are allowed, distances in time are differences of places
    keyed    place -> key; objects may be keyed at different places
    yields   (place, planes) as `run_pass`. With one key: the key's place, the places after
             it, then those before it, downwards.

    Held are log-odds in half precision, N planes for every place between the first and the
    last key where an object still waits for a later key; nothing with a single key.

    Raises StmatteError if there is no key or one is not among `places`.
    """
    keyed = {place: key for place, key in keyed.items() if any(key.said)}
    if not keyed:
        raise StmatteError("There is nothing to propagate", allowed="at least one place is keyed")
    for place in keyed:
        if place not in places:
            raise StmatteError(
                f"Key at place {place} is outside the places to propagate over",
                value=place,
                allowed=f"they go from {places[0]} to {places[-1]}" if places else "there are none",
            )
    return _both_ways(network, image_of, places, keyed, objects, policy)


def _both_ways(
    network: Network,
    image_of: ImageOf,
    places: Sequence[int],
    keyed: Mapping[int, KeyedMattes],
    objects: int,
    policy: Policy | None,
) -> Iterator[tuple[int, Tensor]]:
    keys_of = [sorted(p for p, key in keyed.items() if key.said[o]) for o in range(objects)]
    first, last = min(keyed), max(keyed)
    waiting = {p for p in places if any(_waits(keys, p) for keys in keys_of)}

    held: dict[int, Tensor] = {}
    onwards = [p for p in places if p >= first]
    for place, planes in run_pass(network, image_of, onwards, keyed, objects, policy):
        if place in waiting:
            held[place] = _log_odds(planes[1:]).half().cpu()
        else:
            yield place, planes

    if not waiting:
        return
    back = [p for p in reversed(places) if min(waiting) <= p <= last]
    for place, planes in run_pass(network, image_of, back, keyed, objects, policy):
        if place in held:
            shares = [_forward_share(keys, place) for keys in keys_of]
            with torch.inference_mode():
                planes = fuse(held.pop(place).to(planes), planes, shares)
                if place in keyed:
                    planes = around_key(planes, keyed[place])
            yield place, planes
        elif place in waiting:
            yield place, planes


def fuse(forward: Tensor, planes: Tensor, shares: Sequence[float | None]) -> Tensor:
    """Join the results of two passes, each object by its own distance to its keys.

    forward  (N, H, W) log-odds of the objects in the forward pass
    planes   (N + 1, H, W) in [0, 1], sums to 1: the backward pass
    shares   per object, how much the forward pass counts, in [0, 1]; None where no key of
             the object was ever given
    returns  (N + 1, H, W) in [0, 1], sums to 1

    Log-odds are mixed, not probabilities: a pass that is sure outweighs one that hesitates.
    The background is what the objects leave; where they claim more than there is, each
    gets its proportion.
    """
    share = planes.new_tensor([0.0 if s is None else s for s in shares]).view(-1, 1, 1)
    known = planes.new_tensor([s is not None for s in shares]).view(-1, 1, 1)
    claims = known * torch.sigmoid(share * forward + (1 - share) * _log_odds(planes[1:]))
    claimed = claims.sum(dim=0, keepdim=True)
    background = (1 - claimed).clamp(min=0)
    return torch.cat([background, claims]) / claimed.clamp(min=1)


def _waits(keys: Sequence[int], place: int) -> bool:
    """Tell whether a backward pass still has something to say about an object here."""
    return place not in keys and bool(keys) and keys[-1] > place


def _forward_share(keys: Sequence[int], place: int) -> float | None:
    """Return how much the forward pass counts for an object with these keys, at `place`."""
    before = [k for k in keys if k <= place]
    after = [k for k in keys if k >= place]
    if not keys:
        return None
    if not before:
        return 0.0
    if not after or after[0] == place:
        return 1.0
    return (after[0] - place) / (after[0] - before[-1])


def _log_odds(probabilities: Tensor) -> Tensor:
    return torch.logit(probabilities, eps=EPSILON)
