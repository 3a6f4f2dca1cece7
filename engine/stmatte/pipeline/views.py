# SPDX-License-Identifier: Apache-2.0
"""What the network sees of a plate frame: the whole picture at its size, or a window of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stmatte.images import Picture, to_display, to_working
from stmatte.propagation.focus import Window


def whole_view(size: tuple[int, int], exposure: float, picture: Picture) -> NDArray[np.float32]:
    """Return a plate frame (h, w, 3) in [0, 1] as the network sees it.

    size      (h, w) at which it sees the plate
    exposure  see `images.to_display`
    """
    return window_view(Window.whole(size), exposure, picture)


def window_view(window: Window, exposure: float, picture: Picture) -> NDArray[np.float32]:
    """Return a window (h, w, 3) in [0, 1] of a plate frame as the network sees it."""
    # scaled in the plate's own light, before the view bends it
    part = to_working(picture.pixels, window.grid)[window.slices]
    return to_display(Picture(part, picture.space), exposure)
