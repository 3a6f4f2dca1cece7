# SPDX-License-Identifier: Apache-2.0
"""From a shot to mattes in memory. Reads the plate, touches no other file.

A frame's way: read, scaled to working height, seen as display-referred sRGB, segmented,
scaled back to the plate. What the artist keyed leaves exactly as it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.images import (
    Picture,
    Plate,
    fit_key,
    open_plate,
    to_display,
    to_plate,
    to_working,
    working_size,
)
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.networks.registry import choose_device, load_network
from stmatte.propagation.both_ways import propagate as propagate_planes
from stmatte.propagation.passes import KeyedMattes
from stmatte.shot import Shot

Matte = NDArray[np.float32]
Skipped = Callable[[int, StmatteError], None]


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
    Nothing is written anywhere. Raises StmatteError before the first frame if the shot
    cannot be made, later if a plate frame cannot be read.
    """
    for result in propagate_frames(shot):
        yield result.frame, dict(result.mattes)


def propagate_frames(
    shot: Shot, *, network: Network | None = None, skipped: Skipped | None = None
) -> Iterator[FrameMattes]:
    """As `propagate`, with more to look at.

    network  a loaded network to use instead of the one that the settings name
    skipped  called with each frame that cannot be read, which is then passed over; None
             means that such a frame is an error. Frames that carry a key must be readable
    """
    plate = open_plate(shot.plate)
    frames = _frames(shot, plate)
    keys = _keys(shot, plate, frames)  # all that can be wrong is found before a network loads
    network = network or load_network(shot.settings.model, shot.settings.device)
    return _propagated(shot, plate, frames, keys, network, skipped)


Keys = Mapping[int, Mapping[str, Matte]]


def _propagated(
    shot: Shot,
    plate: Plate,
    frames: tuple[int, ...],
    keys: Keys,
    network: Network,
    skipped: Skipped | None,
) -> Iterator[FrameMattes]:
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
    policy = Policy(network.policy.keys, network.policy.previous, every=shot.settings.memory_every)
    for frame, planes in propagate_planes(network, image_of, frames, keyed, len(objects), policy):
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


def _around(soft: NDArray[np.float32], given: Mapping[str, Matte], size: tuple[int, int]) -> Matte:
    """Scale a matte to the plate; where other objects are keyed, it gets only what they leave."""
    matte = to_plate(soft, size)
    if not given:
        return matte
    left: Matte = np.clip(1 - sum(given.values(), np.zeros(size, np.float32)), 0, 1)
    return np.minimum(matte, left)


def _frames(shot: Shot, plate: Plate) -> tuple[int, ...]:
    if shot.frames is None:
        return plate.frames
    there = set(plate.frames)
    found = tuple(frame for frame in shot.frames if frame in there)
    if not found:
        raise StmatteError(
            f"Frames {shot.frames} are not in the plate",
            value=str(shot.frames),
            allowed=f'"{plate.label}" has frames {plate.frames[0]}-{plate.frames[-1]}',
            repair="Choose a range within the plate",
        )
    # frames that are not there are asked for all the same, so that each is named
    return tuple(shot.frames)


def _keys(shot: Shot, plate: Plate, frames: tuple[int, ...]) -> Keys:
    wanted = set(frames)
    keys: dict[int, dict[str, Matte]] = {}
    for key in shot.keys:
        names = ", ".join(f'"{name}"' for name in key.mattes)
        if key.frame not in wanted:
            raise StmatteError(
                f"Key at frame {key.frame} of {names} is outside the frames",
                value=key.frame,
                allowed=f"frames {frames[0]}-{frames[-1]} are asked for",
                repair="Move the key into that range, or extend the range",
            )
        for name, matte in key.mattes.items():
            fitted = fit_key(np.asarray(matte), name, key.frame, plate.size)
            keys.setdefault(key.frame, {})[name] = fitted
    return keys


def _planes(
    mattes: Mapping[str, Matte], objects: tuple[str, ...], size: tuple[int, int]
) -> KeyedMattes:
    empty = np.zeros(size, np.float32)
    planes = [to_working(mattes[name], size) if name in mattes else empty for name in objects]
    return KeyedMattes(
        torch.from_numpy(np.stack(planes)).clamp(0, 1), tuple(name in mattes for name in objects)
    )
