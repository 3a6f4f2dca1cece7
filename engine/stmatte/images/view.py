# SPDX-License-Identifier: Apache-2.0
"""A plate as a display shows it: what the network and the previews look at.

This is the first, simple view: scene-linear numbers go through the sRGB curve and are
clamped, without exposure and without a change of primaries. Full colour management is
for a later version. The view is for looking only, a plate's own numbers stay as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stmatte.images.plate import Picture


def to_display(picture: Picture) -> NDArray[np.float32]:
    """Return the picture as display-referred sRGB.

    picture  sRGB, or scene-linear with any finite numbers
    returns  (H, W, 3) float32 in [0, 1]

    The curve works pixel by pixel, so a large picture is best scaled down first.
    Source: IEC 61966-2-1, the transfer function of sRGB.
    """
    pixels = np.clip(picture.pixels, 0, 1).astype(np.float32, copy=False)
    return pixels if picture.encoding == "srgb" else _srgb_curve(pixels)


def _srgb_curve(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    curve = np.power(linear, np.float32(1 / 2.4))
    curve += np.float32(0.055) * (curve - 1)  # 1.055 x - 0.055, and white stays exactly 1
    toe = linear <= np.float32(0.0031308)
    curve[toe] = linear[toe] * np.float32(12.92)
    return curve
