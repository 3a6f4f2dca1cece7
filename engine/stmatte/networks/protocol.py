# SPDX-License-Identifier: Apache-2.0
"""What every network promises, so that passes need not know which one runs.

A network knows tensors only: pictures and planes come in at their own size, and leave
at that size. Padding to its stride is its own business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy


@dataclass(frozen=True)
class Query:
    """What a network saw in one frame. It depends on the plate alone, never on mattes.

    size  (H, W) of the picture, before padding
    maps  the network's own feature maps
    """

    size: tuple[int, int]
    maps: Mapping[str, Tensor]


@dataclass(frozen=True)
class Memory:
    """What a network remembers of one frame and its mattes; becomes a `MemoryFrame`.

    maps     features shared by all objects
    objects  features per object, N in dim 0 of every tensor
    """

    maps: Mapping[str, Tensor]
    objects: Mapping[str, Tensor]


class Network(Protocol):
    """A space-time memory network: encode a query, encode a memory, segment a query.

    All tensors of one call live on the network's device in float32. Nothing that a result
    depends on is kept between calls; the bank is all the state that there is.
    """

    @property
    def name(self) -> str:
        """The name by which a shot chooses this network."""
        ...

    @property
    def policy(self) -> Policy:
        """The memory policy that the network was published with, or trained for."""
        ...

    @property
    def aggregates(self) -> bool:
        """Whether its planes went through `soft_aggregate`, which is not coverage."""
        ...

    def encode_query(self, image: Tensor) -> Query:
        """See one frame.

        image  (3, H, W) display-referred sRGB in [0, 1]
        """
        ...

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember one frame with its mattes.

        image   (3, H, W) as for `encode_query`
        query   what `encode_query` returned for `image`
        planes  (N + 1, H, W) in [0, 1], sums to 1; plane 0 is the background
        """
        ...

    def segment(self, query: Query, bank: Bank) -> Tensor:
        """Tell the objects of a frame apart, by what the bank remembers.

        bank     at least one memory frame; objects of which no frame says anything get 0
        returns  (N + 1, H, W) in [0, 1], sums to 1 over dim 0; plane 0 is the background
        """
        ...


@runtime_checkable
class LooksBack(Protocol):
    """A network that recalls keys, and looks back at the planes of its latest result.

    An own result is nothing else to it, and encoding it as a key would be work for nothing.
    That it needs the latest result its policy says, as with every network: `previous=1`.
    """

    def encode_latest(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        """Remember an own result; asked instead of `Network.encode_memory`, and alike."""
        ...


@runtime_checkable
class Forgets(Protocol):
    """A network that reads some maps of the latest memory frame only.

    A pass drops them from all older frames, so that long shots don't hold what nobody reads.
    """

    @property
    def fleeting(self) -> frozenset[str]:
        """Names of these maps, shared ones and those of objects."""
        ...


@runtime_checkable
class Blends(Protocol):
    """A network whose read only blends some maps: they decide nothing, and half precision does.

    Where a bank is held in half precision, all other maps are made float32 before they are read.
    """

    @property
    def blended(self) -> frozenset[str]:
        """Names of these maps."""
        ...
