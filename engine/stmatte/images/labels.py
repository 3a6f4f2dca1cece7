# SPDX-License-Identifier: Apache-2.0
"""The numbers of a label picture, exactly as they are stored.

For data sets; what an artist hands in is read by `keys`, which also looks at what the
numbers mean.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.palette import palette_indices
from stmatte.images.raster import open_picture


def read_labels(path: Path) -> NDArray[np.uint8]:
    """Read a label picture: palette indices, or the numbers of a grey 8-bit picture.

    returns  (H, W) uint8; 255 stays 255

    Raises StmatteError if the picture cannot be read or is coloured without a palette.
    """
    with open_picture(path, "Label picture") as picture:
        part = picture.parts[0]
        pixels = picture.read(part, part.channels)
    indices = palette_indices(path)
    if indices is not None:
        return indices
    if pixels.dtype != np.uint8 or (pixels != pixels[:, :, :1]).any():
        raise StmatteError(
            f'Picture "{path}" holds no labels',
            value=str(path),
            allowed="labels are a palette PNG, or grey of 8 bits",
        )
    return np.ascontiguousarray(pixels[:, :, 0])
