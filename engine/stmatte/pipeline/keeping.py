# SPDX-License-Identifier: Apache-2.0
"""What a pass computed, kept in the store under its digests.

Probabilities are kept in 16 bits, in steps of 1/65535. A pass remembers what was kept,
never what it had before: that way a pass that goes on where another one was stopped sees
the same bits as one that never stopped. A plane that was seen through a window is kept at the
window's own resolution, with its place.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.propagation.focus import View, Window
from stmatte.store import Store, pack_plane, unpack_plane

STEPS = 65535

_WINDOWED = b"STMW"
_PLACE = struct.Struct("<4I")  # the canvas's height and width, the window's first row and column


@dataclass(eq=False)
class KeptPass:
    """One pass of one object; see `propagation.following.KeptViews`.

    digests   frame -> digest of what the pass makes of it
    computed  how many frames were put into the store by this pass
    """

    store: Store
    digests: Mapping[int, str]
    device: torch.device
    computed: int = 0

    def recall(self, frame: int) -> View | None:
        """Return what was found on a frame: planes of background and object; None if not kept."""
        payload = self.store.get(self.digests[frame])
        if payload is None:
            return None
        try:
            return self._view(*_unpacked(payload))
        except StmatteError:
            return None  # damaged: it is computed again, and put in its place

    def keep(self, frame: int, view: View) -> View:
        """Keep the object's plane, and return the planes as `recall` will."""
        steps = torch.round(view.planes[1].clamp(0, 1) * STEPS).to(torch.int32)
        plane = steps.cpu().numpy().astype(np.uint16)
        self.store.put(self.digests[frame], _packed(view.window, plane))
        self.computed += 1
        return _viewed(view.window, of_steps(steps))  # it need not come back to its device

    def _view(self, window: Window, plane: NDArray[np.uint16]) -> View:
        return _viewed(window, of_steps(torch.from_numpy(plane.astype(np.int32)).to(self.device)))


def _viewed(window: Window, own: Tensor) -> View:
    return View(window, torch.stack([1 - own, own]))


def of_steps(steps: Tensor) -> Tensor:
    """Return the probabilities in [0, 1] that stand for steps (h, w); the same on any device.

    A GPU divides by a plain number by multiplying with its reciprocal, which is another number;
    by a tensor it divides truly.
    """
    return steps.float() / torch.full((), STEPS, dtype=torch.float32, device=steps.device)


def _packed(window: Window, plane: NDArray[np.uint16]) -> bytes:
    """Return the bytes of a plane, and before them its window unless it is all of the canvas."""
    packed = pack_plane(plane)
    if window.is_whole:
        return packed
    return _WINDOWED + _PLACE.pack(*window.grid, *window.corner) + packed


def _unpacked(payload: bytes) -> tuple[Window, NDArray[np.uint16]]:
    if not payload.startswith(_WINDOWED):
        plane = unpack_plane(payload)
        return Window.whole((plane.shape[0], plane.shape[1])), plane
    start = len(_WINDOWED) + _PLACE.size
    plane = unpack_plane(payload[start:])
    rows, columns, top, left = _PLACE.unpack(payload[len(_WINDOWED) : start])
    return Window((rows, columns), (top, left), (plane.shape[0], plane.shape[1])), plane
