# SPDX-License-Identifier: Apache-2.0
"""What the mattes of a frame must be to be written: of one size, and in [0, 1]."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from stmatte.errors import StmatteError


def check_mattes(mattes: Mapping[str, NDArray[Any]], path: Path) -> tuple[int, int]:
    """Return the size (H, W) that the mattes of a frame share.

    mattes  object name -> (H, W)
    path    the file they are for, which errors name

    Raises StmatteError if there is none, if sizes differ, or if a value is not in [0, 1].
    """
    if not mattes:
        raise StmatteError(
            f'There is no matte to write to "{path}"',
            value=str(path),
            allowed="a matte file holds at least one object",
        )
    size = next(iter(mattes.values())).shape
    for name, matte in mattes.items():
        if matte.ndim != 2 or matte.shape != size or 0 in matte.shape:
            raise StmatteError(
                f'Matte of "{name}" for "{path}" has shape {matte.shape}',
                value=matte.shape,
                allowed=f"all mattes of a frame have one shape (H, W), here {size}",
            )
        low, high = float(matte.min()), float(matte.max())
        if not (low >= 0 and high <= 1):  # NaN fails both
            raise StmatteError(
                f'Matte of "{name}" for "{path}" runs from {low:g} to {high:g}',
                value=(low, high),
                allowed="every value of a matte is in [0, 1]",
            )
    return size[0], size[1]
