# SPDX-License-Identifier: Apache-2.0
"""The exposure of a shot: as it is recorded, as it was before, or measured on a few frames.

Nine frames are read to measure it, which at 4K takes longer than a frame's matte. So what was
found is noted in the store, and holds for as long as none of these files is written again:
whoever opens the shot next, another process of a farm too, reads none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Plate, exposure_for, stops_in
from stmatte.images.colour import config_identity, is_scene_referred
from stmatte.store import Store

MEASURED = 9
"""Frames of a shot that its exposure is measured on, at most."""

READERS = 4
"""Frames that are read and held at once for that, at most."""

_T = TypeVar("_T")


def measured_exposure(
    plate: Plate, frames: Sequence[int], layer: str, store: Store | None = None
) -> float:
    """Return by how many stops the network sees a plate brighter; 0 if it is display-referred.

    frames  plate frame numbers that mattes are made for, ascending; they are all there
    layer   layer or channel of the plate that is looked at
    store   where the exposure is noted from one run to the next; None notes nothing
    """
    if not is_scene_referred(plate.colorspace.name):
        return 0.0
    spread = sorted(
        {frames[round(i * (len(frames) - 1) / (MEASURED - 1))] for i in range(MEASURED)}
    )
    name = f"exposure {plate.label}"
    if store is None or (seen := _seen(plate, spread, layer)) is None:
        return _measured(plate, spread)
    noted = store.note(name) or {}
    if noted.get("seen") == seen and isinstance(noted.get("stops"), float):
        return float(noted["stops"])
    stops = _measured(plate, spread)
    with suppress(StmatteError):  # a store that cannot be written is told of where it has to be
        store.keep_note(name, {"seen": seen, "stops": stops})
    return stops


def _measured(plate: Plate, frames: Sequence[int]) -> float:
    def stops(frame: int) -> NDArray[np.float32]:
        with suppress(StmatteError):  # it is told when its matte is made
            return stops_in(plate.read(frame))
        return np.empty(0, np.float32)

    return exposure_for(side_by_side(plate, stops, frames))


def _seen(plate: Plate, frames: Sequence[int], layer: str) -> list[object] | None:
    """Return all that an exposure follows from, as JSON says it; None if that may change unseen."""
    stamps = [plate.stamp(frame) for frame in frames]
    if None in stamps:
        return None
    space = plate.colorspace.name
    files = [[frame, *stamp] for frame, stamp in zip(frames, stamps, strict=True) if stamp]
    return [space, config_identity(space), layer, files]


def side_by_side(plate: Plate, look: Callable[[int], _T], frames: Sequence[int]) -> list[_T]:
    """Return what is found on each frame; while nothing else is under way all cores may read.

    Frames of one file, as a video's are, are read one after the other: it would only seek more.
    """
    if not frames or plate.path(frames[0]) is None:
        return [look(frame) for frame in frames]
    with ThreadPoolExecutor(min(READERS, torch.get_num_threads())) as threads:
        return list(threads.map(look, frames))
