# SPDX-License-Identifier: Apache-2.0
"""One pass over frames in one direction: see, read, segment, remember.

A pass knows tensors and places. A place is a whole number by which the caller's
`image_of` finds a frame; whether it counts frames of a plate, and upwards or downwards,
is the caller's business. What a pass holds is its bank and the frame in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network

ImageOf = Callable[[int], Tensor | None]
"""Place -> picture (3, H, W), display-referred sRGB in [0, 1], on the network's device.

None where there is nothing to see: the pass goes over that place as if it were not asked for.
A keyed place must be seen.
"""

LEAST = 1e-12  # keeps a share of nothing from becoming 0 / 0


@dataclass(frozen=True, eq=False)
class KeyedMattes:
    """The artist's mattes at one place.

    mattes  (N, H, W) in [0, 1], one plane per object of the shot
    said    for each object, whether the artist keyed it here. Planes of objects that are
            not spoken of are never looked at. A plane of zeros that *is* spoken of means
            "the object is not in this frame"
    """

    mattes: Tensor
    said: tuple[bool, ...]


def run_pass(
    network: Network,
    image_of: ImageOf,
    places: Sequence[int],
    keyed: Mapping[int, KeyedMattes],
    objects: int,
    policy: Policy | None = None,
) -> Iterator[tuple[int, Tensor]]:
    """Go through `places` in their order and yield each with its planes.

    places   the order of the pass; the first one carries a key
    keyed    place -> key; keys at places outside the pass are not heard
    objects  how many objects the shot has, N
    policy   what memory keeps; None means the network's own
    yields   (place, planes): planes (N + 1, H, W) in [0, 1] on the device of the picture,
             sum to 1 over dim 0; plane 0 is the background. Read them, don't write into
             them: the pass remembers them when it goes on.

    At a keyed place the keyed objects get exactly the artist's matte (see `around_key`). An
    object of which no key has spoken yet takes no part: its plane is 0.

    Raises StmatteError if the pass doesn't begin at a key, or a key is not of the shape
    that the pictures and `objects` ask for.
    Source: Oh et al., "Video Object Segmentation using Space-Time Memory Networks",
    ICCV 2019, section 3; several keys and late objects are ours.
    """
    if not places or not any(keyed[places[0]].said if places[0] in keyed else ()):
        raise StmatteError(
            "A pass begins at a place without a key",
            value=places[0] if places else None,
            allowed="its first place carries a matte of at least one object",
        )
    return _walk(network, image_of, places, keyed, objects, policy or network.policy)


def _walk(
    network: Network,
    image_of: ImageOf,
    places: Sequence[int],
    keyed: Mapping[int, KeyedMattes],
    objects: int,
    policy: Policy,
) -> Iterator[tuple[int, Tensor]]:
    bank = Bank()
    enabled: tuple[bool, ...] = (False,) * objects
    # Inference mode must not span a yield, or it would leak into the caller's code.
    for step, place in enumerate(places):
        with torch.inference_mode():
            image = image_of(place)
            if image is None:
                continue
            query = network.encode_query(image)
            key = keyed.get(place)
            if key is not None:
                key = _fitting(key, place, objects, image)
            if bank.frames:
                planes = _only(network.segment(query, bank), enabled)
            else:
                planes = torch.zeros_like(image[:1]).repeat(objects + 1, 1, 1)
            if key is not None:
                planes = around_key(planes, key)
                enabled = tuple(a or b for a, b in zip(enabled, key.said, strict=True))
        yield place, planes

        origin = Origin.RESULT if key is None else Origin.KEY
        if step + 1 == len(places) or not policy.remembers(step, origin):
            continue
        with torch.inference_mode():
            memory = network.encode_memory(image, query, _summing_to_one(planes))
            frame = MemoryFrame(step, origin, memory.maps, memory.objects, enabled)
            bank = policy.forget(Bank((*bank.frames, frame)))


def around_key(planes: Tensor, key: KeyedMattes) -> Tensor:
    """Put the artist's mattes into planes, and let the others share what they leave.

    planes   (N + 1, H, W) in [0, 1], sums to 1; plane 0 is the background
    returns  (N + 1, H, W): keyed objects exactly as given. The others and the background keep
             their proportions, which is their probability given that the pixel is not a
             keyed object's. Sums to 1, except where the artist's own mattes overlap to
             more than 1: these are never changed.
    """
    said = torch.tensor(key.said, device=planes.device).view(-1, 1, 1)
    given = torch.where(said, key.mattes.to(planes), 0)
    left = (1 - given.sum(dim=0)).clamp(min=0)
    others = torch.where(said, 0, planes[1:])
    share = left / (planes[0] + others.sum(dim=0)).clamp(min=LEAST)
    others = others * share
    background = (left - others.sum(dim=0)).clamp(min=0)  # all that is left if nobody claims it
    return torch.cat([background[None], given + others])


def _only(planes: Tensor, enabled: tuple[bool, ...]) -> Tensor:
    """Empty the planes of objects that no key spoke of: aggregation leaves a trace of 1e-7."""
    if all(enabled):
        return planes
    return planes * planes.new_tensor((True, *enabled)).view(-1, 1, 1)


def _summing_to_one(planes: Tensor) -> Tensor:
    """Scale planes down where keys that overlap make them more than 1, as networks promise."""
    return planes / planes.sum(dim=0).clamp(min=1)


def _fitting(key: KeyedMattes, place: int, objects: int, image: Tensor) -> KeyedMattes:
    """Return the key beside the picture, or refuse one of another shape."""
    wanted = (objects, *image.shape[-2:])
    if tuple(key.mattes.shape) != wanted or len(key.said) != objects:
        raise StmatteError(
            f"Key at place {place} has mattes of shape {tuple(key.mattes.shape)} "
            f"that speak of {len(key.said)} objects",
            value=tuple(key.mattes.shape),
            allowed=f"the picture and its objects ask for {wanted}",
        )
    return KeyedMattes(key.mattes.to(image), key.said)
