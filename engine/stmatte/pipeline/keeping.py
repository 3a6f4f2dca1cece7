# SPDX-License-Identifier: Apache-2.0
"""What a pass computed, kept in the store under its digests.

Probabilities are kept in 16 bits, in steps of 1/65535. A pass remembers what was kept,
never what it had before: that way a pass that goes on where another one was stopped sees
the same bits as one that never stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.store import Store, pack_plane, unpack_plane

STEPS = 65535


@dataclass(eq=False)
class KeptPass:
    """One pass of one object; see `propagation.passes.Kept`.

    digests   frame -> digest of what the pass makes of it
    computed  how many frames were put into the store by this pass
    """

    store: Store
    digests: Mapping[int, str]
    device: torch.device
    computed: int = 0

    def recall(self, place: int) -> Tensor | None:
        """Return the planes (2, h, w) of a frame: background and object; None if not kept."""
        payload = self.store.get(self.digests[place])
        if payload is None:
            return None
        try:
            plane = unpack_plane(payload)
        except StmatteError:
            return None  # damaged: it is computed again, and put in its place
        return self._planes(plane)

    def keep(self, place: int, planes: Tensor) -> Tensor:
        """Keep the object's plane, and return the planes as `recall` will."""
        steps = torch.round(planes[1].clamp(0, 1) * STEPS).to(torch.int32)
        plane = steps.cpu().numpy().astype(np.uint16)
        self.store.put(self.digests[place], pack_plane(plane))
        self.computed += 1
        return self._planes(plane)

    def _planes(self, plane: NDArray[np.uint16]) -> Tensor:
        own = torch.from_numpy(plane.astype(np.float32) / np.float32(STEPS)).to(self.device)
        return torch.stack([1 - own, own])
