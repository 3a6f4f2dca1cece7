# SPDX-License-Identifier: Apache-2.0
"""One pass over frames in one direction: see, read, segment, remember.

A pass knows tensors and places. A place is a whole number by which the caller's `see`
finds a frame; whether it counts frames of a plate, and upwards or downwards, is the
caller's business. What a pass holds is its bank and the frame in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Forgets, LooksBack, Memory, Network, Query

LEAST = 1e-12  # keeps a share of nothing from becoming 0 / 0


@dataclass(frozen=True, eq=False)
class Sight:
    """A frame as a network sees it. It depends on the plate alone.

    image  (3, H, W) display-referred sRGB in [0, 1], on the network's device
    query  what `Network.encode_query` makes of it
    """

    image: Tensor
    query: Query


See = Callable[[int], Sight | None]
"""Place -> what is seen there; None where there is nothing to see.

A pass goes over such a place as if it were not asked for. A keyed place must be seen.
"""


class Kept(Protocol):
    """What earlier passes over the same frames left behind, and what this one leaves."""

    def recall(self, place: int) -> Tensor | None:
        """Return the planes that `keep` returned for this place, or None."""
        ...

    def keep(self, place: int, planes: Tensor) -> Tensor:
        """Keep planes and return them as `recall` will, rounded as storage rounds them."""
        ...


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


def seeing(network: Network, image_of: Callable[[int], Tensor | None]) -> See:
    """Return what sees every picture anew; image_of gives a place's picture or None."""

    def see(place: int) -> Sight | None:
        image = image_of(place)
        return None if image is None else Sight(image, network.encode_query(image))

    return see


def run_pass(
    network: Network,
    see: See,
    places: Sequence[int],
    keyed: Mapping[int, KeyedMattes],
    objects: int,
    policy: Policy | None = None,
    *,
    heard: Sequence[int] = (),
    kept: Kept | None = None,
) -> Iterator[tuple[int, Tensor]]:
    """Go through `places` in their order and yield each with its planes.

    places   the order of the pass; the first one carries a key
    keyed    place -> key; keys at places that are neither passed nor heard say nothing
    objects  how many objects the shot has, N
    policy   what memory keeps; None means the network's own
    heard    keyed places outside the pass that memory holds from the start
    kept     what was computed before is taken from there, and what is computed is left
             there. Nothing is seen or encoded for a frame that is there already, unless a
             later one has to be computed and remembers it
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
    for place in (*heard, *places):
        if place in keyed:
            _check_objects(keyed[place], place, objects)
    return _walk(network, see, places, keyed, objects, policy or network.policy, heard, kept)


@dataclass(eq=False)
class _Remembered:
    """A memory frame that is encoded when it is first read.

    planes, sight  held until then: planes at full size are larger than what is remembered
    """

    step: int
    origin: Origin
    place: int
    planes: Tensor
    said: tuple[bool, ...]
    sight: Sight | None = None  # so that nothing is seen twice
    frame: MemoryFrame | None = field(default=None, init=False)

    def read(self, network: Network, see: See) -> MemoryFrame:
        if self.frame is None:
            sight = self.sight or _seen(see, self.place)
            planes = _summing_to_one(self.planes.to(sight.image))
            _check_size(planes, self.place, sight.image)
            memory = self._encoded(network, sight, planes)
            self.frame = MemoryFrame(self.step, self.origin, memory.maps, memory.objects, self.said)
            self.sight, self.planes = None, planes.new_empty(0)
        return self.frame

    def read_as_older(self, network: Network, see: See) -> MemoryFrame:
        """Return what is left of the frame once it is not the latest."""
        frame = self.read(network, see)
        if isinstance(network, Forgets):
            maps, objects = (
                {name: m for name, m in kind.items() if name not in network.fleeting}
                for kind in (frame.maps, frame.objects)
            )
            self.frame = replace(frame, maps=maps, objects=objects)
            return self.frame
        return frame

    def _encoded(self, network: Network, sight: Sight, planes: Tensor) -> Memory:
        if self.origin is Origin.RESULT and isinstance(network, LooksBack):
            return network.encode_latest(sight.image, sight.query, planes)
        return network.encode_memory(sight.image, sight.query, planes)


def _walk(
    network: Network,
    see: See,
    places: Sequence[int],
    keyed: Mapping[int, KeyedMattes],
    objects: int,
    policy: Policy,
    heard: Sequence[int],
    kept: Kept | None,
) -> Iterator[tuple[int, Tensor]]:
    remembered: tuple[_Remembered, ...] = tuple(
        _Remembered(
            step,
            Origin.KEY,
            place,
            around_key(_nothing(keyed[place]), keyed[place]),
            keyed[place].said,
        )
        for step, place in enumerate(heard, start=-len(heard))
    )
    enabled: tuple[bool, ...] = (False,) * objects
    # Inference mode must not span a yield, or it would leak into the caller's code.
    for step, place in enumerate(places):
        key, sight = keyed.get(place), None
        with torch.inference_mode():
            planes = None if kept is None or key is not None else kept.recall(place)
            if planes is None and any(enabled):
                sight = see(place)
                if sight is None and key is None:
                    continue
                sight = sight or _seen(see, place)
                older = [frame.read_as_older(network, see) for frame in remembered[:-1]]
                bank = Bank((*older, *(frame.read(network, see) for frame in remembered[-1:])))
                planes = _only(network.segment(sight.query, bank), enabled)
                if kept is not None and key is None:
                    planes = kept.keep(place, planes)
            if key is not None:
                planes = around_key(_nothing(key) if planes is None else planes, key)
                enabled = tuple(a or b for a, b in zip(enabled, key.said, strict=True))
        if planes is None:  # only before the first key, where no pass is
            continue
        yield place, planes

        origin = Origin.RESULT if key is None else Origin.KEY
        if step + 1 < len(places) and policy.remembers(step, origin):
            latest = _Remembered(step, origin, place, planes, enabled, sight)
            remembered = policy.kept((*remembered, latest))


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


def _nothing(key: KeyedMattes) -> Tensor:
    """Return planes of which nobody claims anything, not even the background."""
    return torch.zeros_like(key.mattes[:1]).repeat(len(key.mattes) + 1, 1, 1)


def _only(planes: Tensor, enabled: tuple[bool, ...]) -> Tensor:
    """Empty the planes of objects that no key spoke of: aggregation leaves a trace of 1e-7."""
    if all(enabled):
        return planes
    return planes * planes.new_tensor((True, *enabled)).view(-1, 1, 1)


def _summing_to_one(planes: Tensor) -> Tensor:
    """Scale planes down where keys that overlap make them more than 1, as networks promise."""
    return planes / planes.sum(dim=0).clamp(min=1)


def _seen(see: See, place: int) -> Sight:
    sight = see(place)
    if sight is None:
        raise StmatteError(
            f"There is nothing to see at place {place}",
            value=place,
            allowed="a place that is keyed or remembered has a picture",
        )
    return sight


def _check_objects(key: KeyedMattes, place: int, objects: int) -> None:
    if len(key.mattes) != objects or len(key.said) != objects:
        raise _misfit(place, tuple(key.mattes.shape), f"there are {objects} objects")


def _check_size(planes: Tensor, place: int, image: Tensor) -> None:
    size = tuple(image.shape[-2:])
    if tuple(planes.shape[-2:]) != size:
        raise _misfit(place, (len(planes) - 1, *planes.shape[-2:]), f"the picture is {size}")


def _misfit(place: int, shape: tuple[int, ...], wanted: str) -> StmatteError:
    return StmatteError(
        f"Key at place {place} has mattes of shape {shape}", value=shape, allowed=wanted
    )
