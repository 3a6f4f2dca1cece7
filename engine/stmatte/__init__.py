# SPDX-License-Identifier: Apache-2.0
"""Soft mattes for every frame of a plate, from a few keyed frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stmatte.errors import StmatteError
from stmatte.settings import Settings
from stmatte.shot import FrameRange, Key, Shot

if TYPE_CHECKING:
    from stmatte.pipeline import propagate

__version__ = "0.1.0"
__all__ = ["FrameRange", "Key", "Settings", "Shot", "StmatteError", "propagate"]


def __getattr__(name: str) -> object:
    # torch loads in seconds: nothing may import it until a network is needed
    if name == "propagate":
        from stmatte.pipeline import propagate

        return propagate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
