# SPDX-License-Identifier: Apache-2.0
"""Features once: what a network saw is held for as long as there is room.

A correction then pays for reading memory and decoding, not for encoding again. What is
held depends on the plate alone, so it is found by the digest of a frame's pixels.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from torch import Tensor

from stmatte.networks.protocol import Network
from stmatte.propagation.passes import Sight

HELD = 2**30
"""Bytes of sights that are held, unless told otherwise: about 84 frames of 854x480."""


class KeptSights(Protocol):
    """Where sights are kept that there is no room for; every bit comes back."""

    def recall(self, digest: str) -> Sight | None: ...
    def keep(self, digest: str, sight: Sight) -> None: ...


class Sights:
    """Sights of one network, the least recently used given up first.

    budget   bytes held at most; 0 holds nothing
    lasting  whether they are held for later work, too, and not only for what is under way
    kept     where everything that was seen is kept besides, and found again

    A copy of the network that learnt sees otherwise. Its sights are held in place of these, in
    the same room, for as long as they are asked for.
    """

    def __init__(
        self,
        network: Network,
        budget: int = HELD,
        *,
        lasting: bool = True,
        kept: KeptSights | None = None,
    ):
        self.lasting = lasting
        self._kept = kept
        self._network = network
        self._most = budget
        self._budget = budget
        self._held: OrderedDict[str, Sight] = OrderedDict()
        self._bytes = 0
        self._copy: tuple[str, Sights] | None = None

    @property
    def bytes_held(self) -> int:
        """How much is held now."""
        return self._bytes + (0 if self._copy is None else self._copy[1].bytes_held)

    def make_room(self, budget: int) -> None:
        """Hold so many bytes at most from now on, and never more than at first."""
        self._budget = min(self._most, budget)
        self._give_up()
        if self._copy is not None:
            self._copy[1].make_room(self._budget)

    def of_itself(self) -> Sights:
        """Return these, and give up those of a copy."""
        self._copy = None
        return self

    def of_copy(self, name: str, network: Network) -> Sights:
        """Return the sights of a copy that learnt, and give up all others.

        name  tells one copy from another; what was seen by one of that name is held still
        """
        if self._copy is None or self._copy[0] != name:
            copy = Sights(network, self._most, lasting=self.lasting, kept=self._kept)
            self._copy = name, copy
        self._held.clear()
        self._bytes = 0
        self._copy[1].make_room(self._budget)
        return self._copy[1]

    def held(self, digest: str) -> Sight | None:
        """Return what was seen under this digest, if it is still held or kept."""
        sight = self._held.get(digest)
        if sight is not None:
            self._held.move_to_end(digest)
        elif self._kept is not None:
            sight = self._kept.recall(digest)
            if sight is not None:
                self._hold(digest, sight)
        return sight

    def see(self, digest: str, image: Tensor, *, hold: bool = True) -> Sight:
        """See a picture (3, H, W) anew, and hold what was seen under a digest."""
        sight = Sight(image, self._network.encode_query(image))
        if self._kept is not None:
            self._kept.keep(digest, sight)
        if hold:
            self._hold(digest, sight)
        return sight

    def _hold(self, digest: str, sight: Sight) -> None:
        size = size_of(sight)
        if size <= self._budget:
            self.let_go(digest)
            self._held[digest] = sight
            self._bytes += size
            self._give_up()

    def let_go(self, digest: str) -> None:
        """Hold no longer what was seen under a digest."""
        if sight := self._held.pop(digest, None):
            self._bytes -= size_of(sight)

    def _give_up(self) -> None:
        while self._bytes > self._budget:
            _, old = self._held.popitem(last=False)
            self._bytes -= size_of(old)


def size_of(sight: Sight) -> int:
    """Return the bytes of a sight's tensors."""
    tensors = (sight.image, *sight.query.maps.values())
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
