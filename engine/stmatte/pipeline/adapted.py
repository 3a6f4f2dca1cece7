# SPDX-License-Identifier: Apache-2.0
"""The network of a shot that asked for adapting: found where it was kept, or taught now.

What it learnt is kept under the digest of all that it follows from, in a store of its own
beside that of the frames: bounded, whole or not there, and never near the weights that ship. A
lost entry costs the time to learn again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from stmatte.images import to_working
from stmatte.images.plate import missing_frame
from stmatte.learning.adapting import Learnt, adapt, adapted, check_adapts
from stmatte.learning.key_clips import KeyPicture
from stmatte.networks.protocol import Network
from stmatte.networks.work import WORK, padded
from stmatte.pipeline.computing import as_seen, heard_matte
from stmatte.pipeline.planned import PlannedShot
from stmatte.propagation.focus import Window
from stmatte.store import DiskStore, Store

SHARE = 8
"""What networks learnt takes at most 1 / SHARE of what the store of mattes may take."""

HEIGHT = 256
"""Rows that a network learns at, at most: those that it was trained at. Steps stay quick."""

LEARNING, LEARNING_OBJECT = 18, 2
"""A step of learning takes so many times what a step of a pass takes, and more for each object:
counted with stmatte-s, whose layers' results are all held until the step is over."""

COPIES = 4
"""Weights are there again as a copy, as gradients, and twice in the memory of Adam."""

Learns = Callable[[int, int], None]
"""Told after each step: steps that were learnt, and how many there will be."""


def network_for(
    planned: PlannedShot, network: Network, store: Store, learns: Learns | None = None
) -> Network:
    """Return the network that makes a shot's mattes: the given one, or a copy that learnt."""
    found = network
    for step in while_learning(planned, network, store, learns):
        found = step or found
    return found


def while_learning(
    planned: PlannedShot, network: Network, store: Store, learns: Learns | None = None
) -> Iterator[Network | None]:
    """Yield None after every step of learning, if there are any, and the shot's network last.

    Who stops asking, stops the learning: nothing is kept then, and nothing has changed.
    """
    adapting = planned.adapting
    if adapting is None:
        yield network
        return
    check_adapts(network)
    shelf = learnt_beside(store)
    found = _kept(shelf, adapting.digest, planned.device)
    ready = None if found is None else adapted(network, found)
    if ready is not None:
        yield ready
        return
    began = time.monotonic()
    done = 0
    for learnt in adapt(network, key_pictures(planned), adapting.steps):
        if learnt is None:
            done += 1
            if learns is not None:
                learns(done, adapting.steps)
            yield None
        else:
            store.keep_note(_pace_name(planned), {"seconds": (time.monotonic() - began) / done})
            if shelf is not None:
                shelf.put(adapting.digest, save({name: t.cpu() for name, t in learnt.items()}))
            yield adapted(network, learnt)


def steps_to_learn(planned: PlannedShot, store: Store) -> int:
    """Return how many steps the shot's network has still to learn."""
    if planned.adapting is None:
        return 0
    shelf = learnt_beside(store)
    there = shelf is not None and shelf.has(planned.adapting.digest)
    return 0 if there else planned.adapting.steps


def seconds_a_step(planned: PlannedShot, store: Store) -> float | None:
    """Return how long a step of learning took the last time; None if there was none."""
    seconds = (store.note(_pace_name(planned)) or {}).get("seconds")
    return seconds if isinstance(seconds, float) else None


def key_pictures(planned: PlannedShot) -> tuple[KeyPicture, ...]:
    """Return the keys that the shot's network learns from, as it sees them."""
    frames = () if planned.adapting is None else planned.adapting.frames
    return tuple(_key_picture(planned, frame) for frame in frames)


def _key_picture(planned: PlannedShot, frame: int) -> KeyPicture:
    seen = as_seen(planned, frame)
    if seen is None:  # it could be read when the shot was checked
        raise missing_frame(planned.checked.plate, frame)
    size = learning_size(planned.size)
    said = planned.checked.said
    shown = [name for name in said if frame in said[name] and not said[name][frame].absent]
    whole = Window.whole(size)
    mattes = torch.stack([heard_matte(planned, frame, name, whole) for name in shown])
    mattes = mattes / mattes.sum(dim=0).clamp(min=1)
    image = torch.from_numpy(to_working(seen, size).copy()).permute(2, 0, 1)
    return KeyPicture(image.to(planned.device), mattes)


def learning_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size (h, w) of pictures that are learnt from, of a network that sees `size`."""
    height, width = size
    return (height, width) if height <= HEIGHT else (HEIGHT, round(width * HEIGHT / height))


def learnt_beside(store: Store) -> Store | None:
    """Return where what networks learnt is kept; nowhere beside a store in memory."""
    if not isinstance(store, DiskStore):
        return None
    return DiskStore(store.folder / "adapted", store.limit // SHARE)


def bytes_to_learn(planned: PlannedShot, model: str, weights: int, size: tuple[int, int]) -> int:
    """Return the bytes that a step of learning takes at most; 0 if nothing is learnt.

    model    the network's name, one of those that were counted
    weights  its bytes
    size     (h, w) at which it sees the plate
    """
    if planned.adapting is None:
        return 0
    pixels = padded(learning_size(size))
    times = LEARNING + LEARNING_OBJECT * len(planned.checked.shot.objects)
    return round(times * WORK[model].pixel * pixels) + COPIES * weights


def _kept(shelf: Store | None, digest: str, device: torch.device) -> Learnt | None:
    payload = None if shelf is None else shelf.get(digest)
    if payload is None:
        return None
    try:
        return {name: tensor.to(device) for name, tensor in load(payload).items()}
    except SafetensorError:
        return None


def _pace_name(planned: PlannedShot) -> str:
    return f"pace of learning {planned.pace}"
