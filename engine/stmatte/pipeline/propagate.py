# SPDX-License-Identifier: Apache-2.0
"""From a shot to mattes in memory. Reads the plate, touches no other file.

A frame's way: read, scaled to working height, seen as display-referred sRGB, segmented,
scaled back to the plate. What the artist keyed leaves exactly as it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.images import Picture, to_display, to_plate, to_working, working_size
from stmatte.networks.protocol import Network
from stmatte.networks.registry import choose_device, load_network
from stmatte.pipeline.checks import CheckedShot, Matte, check_shot
from stmatte.propagation.both_ways import propagate as propagate_planes
from stmatte.propagation.passes import KeyedMattes
from stmatte.shot import Shot

Skipped = Callable[[int, StmatteError], None]
Planes = tuple[int, Tensor]


@dataclass(frozen=True)
class FrameMattes:
    """What is known of one frame when it is done.

    frame    the plate's frame number
    mattes   object name -> (H, W) float32 in [0, 1], of the plate's size
    display  (h, w, 3) float32 in [0, 1], the frame as the network saw it, for looking
    keyed    names of the objects that carry a key here
    """

    frame: int
    mattes: Mapping[str, Matte]
    display: NDArray[np.float32]
    keyed: tuple[str, ...]


def propagate(shot: Shot) -> Iterator[tuple[int, dict[str, Matte]]]:
    """Yield every frame of a shot with its mattes, in the order in which they are done.

    yields  (plate frame number, {object name: (H, W) float32 in [0, 1]}); each frame once

    From a single key the frames after it come first, upwards, then those before it.
    Nothing is written anywhere. Raises StmatteError at once if the shot cannot be made, and
    on the way if a plate frame cannot be read.
    """
    results = propagate_frames(shot)
    return ((result.frame, dict(result.mattes)) for result in results)


def propagate_frames(
    shot: Shot, *, network: Network | None = None, skipped: Skipped | None = None
) -> Iterator[FrameMattes]:
    """As `propagate`, with more to look at.

    network  a loaded network to use instead of the one that the settings name, on their device
    skipped  called with each frame that is missing or cannot be read, which is then passed
             over; None means that such a frame is an error. Frames that carry a key must
             be readable
    """
    return propagate_checked(
        check_shot(shot, pass_over=skipped is not None), network=network, skipped=skipped
    )


def propagate_checked(
    checked: CheckedShot, *, network: Network | None = None, skipped: Skipped | None = None
) -> Iterator[FrameMattes]:
    """As `propagate_frames`, for a shot that was checked already. Loads the network."""
    settings = checked.shot.settings
    network = network or load_network(settings.model, settings.device)
    if skipped is not None:
        for frame, error in checked.missing():
            skipped(frame, error)
    return _propagated(checked, network, skipped)


def _propagated(
    checked: CheckedShot, network: Network, skipped: Skipped | None
) -> Iterator[FrameMattes]:
    shot, plate, frames, keys = checked.shot, checked.plate, checked.frames, checked.keys
    size = working_size(plate.size, shot.settings.working_height)
    device = choose_device(shot.settings.device)
    seen: dict[int, NDArray[np.float32]] = {}  # the frame in hand, for the caller to look at
    told: set[int] = set()

    def image_of(frame: int) -> Tensor | None:
        try:
            picture = plate.read(frame)
        except StmatteError as error:
            if skipped is None or frame in keys:
                raise
            if frame not in told:
                told.add(frame)
                skipped(frame, error)
            return None
        # scaled in the plate's own light, before the view bends it
        display = to_display(Picture(to_working(picture.pixels, size), picture.encoding))
        seen.clear()
        seen[frame] = display
        return torch.from_numpy(display).permute(2, 0, 1).to(device)

    objects = shot.objects
    keyed = {frame: _planes(mattes, objects, size) for frame, mattes in keys.items()}
    policy = replace(network.policy, every=shot.settings.memory_every)
    results = propagate_planes(network, image_of, frames, keyed, len(objects), policy)
    for frame, planes in _within_memory(results, shot):
        soft = planes[1:].clamp(0, 1).cpu().numpy()
        given = keys.get(frame, {})
        yield FrameMattes(
            frame,
            {
                name: given[name] if name in given else _around(soft[i], given, plate.size)
                for i, name in enumerate(objects)
            },
            seen[frame],
            tuple(given),
        )


def _within_memory(results: Iterator[Planes], shot: Shot) -> Iterator[Planes]:
    """Hand results on; a GPU that is too small for the shot becomes a sentence."""
    try:
        yield from results
    except torch.cuda.OutOfMemoryError as error:
        settings = shot.settings
        raise StmatteError(
            f"GPU memory is full at working height {settings.working_height} with "
            f"{len(shot.objects)} {'object' if len(shot.objects) == 1 else 'objects'} "
            f"and a memory frame every {settings.memory_every} frames",
            value=settings.working_height,
            allowed="the network and all its memory frames must fit",
            repair="Lower the working height, keep fewer memory frames, or choose the CPU",
        ) from error


def _around(soft: NDArray[np.float32], given: Mapping[str, Matte], size: tuple[int, int]) -> Matte:
    """Scale a matte to the plate; where other objects are keyed, it gets only what they leave."""
    matte = to_plate(soft, size)
    if not given:
        return matte
    left: Matte = np.clip(1 - sum(given.values(), np.zeros(size, np.float32)), 0, 1)
    return np.minimum(matte, left)


def _planes(
    mattes: Mapping[str, Matte], objects: tuple[str, ...], size: tuple[int, int]
) -> KeyedMattes:
    empty = np.zeros(size, np.float32)
    planes = [to_working(mattes[name], size) if name in mattes else empty for name in objects]
    return KeyedMattes(
        torch.from_numpy(np.stack(planes)).clamp(0, 1), tuple(name in mattes for name in objects)
    )
