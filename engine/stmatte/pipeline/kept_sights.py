# SPDX-License-Identifier: Apache-2.0
"""What a network saw, kept on the disk: for the day after, when memory has forgotten it.

A frame of 480 lines takes about 9 MB, much more than a matte; so this is wanted or not, and
has a store of its own that cannot push mattes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from stmatte.networks.protocol import Query
from stmatte.plan.digest import digest_of
from stmatte.propagation.passes import Sight
from stmatte.store import DiskStore, Store

SHARE = 4
"""Features take at most 1 / SHARE of what the store of mattes may take."""

_IMAGE, _SIZE, _MAP = "image", "size", "map."


@dataclass(frozen=True)
class SightsOnDisk:
    """Sights in a store; see `propagation.sights.KeptSights`. Every bit comes back."""

    store: Store
    device: torch.device

    def recall(self, digest: str) -> Sight | None:
        """Return what was seen under a digest; None if it is not kept."""
        payload = self.store.get(_name(digest))
        if payload is None:
            return None
        try:
            tensors = load(payload)
            height, width = tensors[_SIZE].tolist()
            image = tensors[_IMAGE].to(self.device)
        except (SafetensorError, KeyError, ValueError):
            return None
        maps = {
            name.removeprefix(_MAP): tensor.to(self.device)
            for name, tensor in tensors.items()
            if name.startswith(_MAP)
        }
        return Sight(image, Query((height, width), maps))

    def keep(self, digest: str, sight: Sight) -> None:
        """Keep what was seen under a digest."""
        tensors = {_IMAGE: sight.image, _SIZE: torch.tensor(sight.query.size)}
        tensors |= {_MAP + name: tensor for name, tensor in sight.query.maps.items()}
        self.store.put(_name(digest), save({n: t.contiguous() for n, t in tensors.items()}))


def features_beside(store: Store) -> Store | None:
    """Return the store for features that belongs to a store of mattes; None beside memory."""
    if not isinstance(store, DiskStore):
        return None
    return DiskStore(store.folder / "features", store.limit // SHARE)


def _name(digest: str) -> str:
    return digest_of("sight", digest)
