# SPDX-License-Identifier: Apache-2.0
"""From strokes on a frame to a key: the matte as it was, and as the strokes have it around them.

The strokes' neighbourhood is cut anew by colours (`scribbles.touching_up`); then the network
remembers the frame with that cut and is asked about the very same frame, which makes the matte
soft and fit for it. What no stroke speaks of stays, to the bit. See engine/decisions/0020.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.images import to_plate, to_working
from stmatte.memory.bank import Bank, MemoryFrame, Origin
from stmatte.networks.protocol import Network
from stmatte.pipeline.frames import look, plate_guide
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.planned import PlannedShot
from stmatte.propagation.coverage import to_coverage
from stmatte.refine import refine
from stmatte.scribbles import Stroke, draw_strokes
from stmatte.scribbles.touching_up import touched_up

INSIDE_FROM = 0.5
NOBODY: Mapping[str, StmatteError] = {}


def key_from_strokes(
    planned: PlannedShot,
    network: Network,
    frame: int,
    strokes: Sequence[Stroke],
    current: Mapping[str, Pixels],
    held: Mapping[str, StmatteError] = NOBODY,
) -> dict[str, Pixels]:
    """Return the mattes (H, W) in [0, 1] of those objects whose matte the strokes change.

    strokes  one at least, on the plate's canvas; number n is the shot's n-th object
    current  object name -> (H, W) what its matte is now; an object that is left out has none
    held     object name -> why its matte is not for strokes to change

    Raises what `held` says of an object that a stroke adds to, or takes away from where it is.
    """
    names = planned.checked.shot.objects
    seen = look(planned, frame)
    size = (seen.shape[0], seen.shape[1])
    before = np.stack([_small(current.get(name), size) for name in names])
    was, drawn = _strongest(before), draw_strokes(strokes, size)
    check_held(was, drawn, names, held)
    labels, near = touched_up(seen, was, strokes)
    soft = _recalled(planned, network, seen, labels, len(names))
    after = np.where(near, soft, before)
    for number in range(1, len(names) + 1):
        after[number - 1][drawn >= 0] = (drawn == number)[drawn >= 0]
    changed = [
        n
        for n, (new, old) in enumerate(zip(after, before, strict=True))
        if names[n] not in held and (new != old).any()
    ]
    return _at_plate(planned, frame, after, near, current, changed)


def check_held(
    labels: NDArray[np.integer],
    drawn: NDArray[np.integer],
    names: Sequence[str],
    held: Mapping[str, StmatteError],
) -> None:
    """Refuse strokes that are about an object which is not for them to change.

    labels  (h, w) what is there now
    drawn   (h, w) what the strokes say; -1 where nobody drew
    """
    about = {*np.unique(drawn).tolist(), *np.unique(labels[drawn == 0]).tolist()}
    for number in sorted(about - {-1, 0}):
        if names[number - 1] in held:
            raise held[names[number - 1]]


def _small(matte: Pixels | None, size: tuple[int, int]) -> Pixels:
    return np.zeros(size, np.float32) if matte is None else to_working(matte, size).clip(0, 1)


def _strongest(mattes: NDArray[np.float32]) -> NDArray[np.int_]:
    """Return (h, w): the object that covers most, and half at least; 0 where none does."""
    strongest = mattes.argmax(axis=0)
    return np.where(mattes.max(axis=0) >= INSIDE_FROM, strongest + 1, 0)


def _recalled(
    planned: PlannedShot,
    network: Network,
    seen: NDArray[np.float32],
    labels: NDArray[np.integer],
    objects: int,
) -> NDArray[np.float32]:
    """Return (N, h, w): what the network finds on a frame that it remembers with these labels."""
    image = torch.from_numpy(seen).permute(2, 0, 1).to(planned.device)
    numbers = torch.from_numpy(np.asarray(labels, np.int64)).to(planned.device)
    planes = torch.stack([numbers == n for n in range(objects + 1)]).float()
    said = tuple(bool(plane.any()) for plane in planes[1:])
    with torch.inference_mode():
        query = network.encode_query(image)
        memory = network.encode_memory(image, query, planes)
        bank = Bank((MemoryFrame(0, Origin.KEY, memory.maps, memory.objects, said),))
        found = network.segment(query, bank)[1:] if any(said) else planes[1:]
        found = found * found.new_tensor(said).view(-1, 1, 1)
        return np.asarray(to_coverage(found, aggregated=planned.aggregated).cpu().numpy())


def _at_plate(
    planned: PlannedShot,
    frame: int,
    mattes: NDArray[np.float32],
    near: NDArray[np.bool_],
    current: Mapping[str, Pixels],
    changed: Sequence[int],
) -> dict[str, Pixels]:
    """Return the changed mattes at the plate's size; away from the strokes they are as before."""
    shot, size = planned.checked.shot, planned.checked.plate.size
    if not changed:
        return {}
    planes: Tensor = torch.from_numpy(mattes[list(changed)]).to(planned.device)
    edges = shot.settings.edges
    fine = refine(planes, size, plate_guide(planned, frame), edges).clamp(0, 1).cpu().numpy()
    share = to_plate(near.astype(np.float32), size).clip(0, 1)
    found = {}
    for index, plane in zip(changed, fine, strict=True):
        name = shot.objects[index]
        old = current.get(name, np.zeros(size, np.float32))
        found[name] = np.where(share > 0, old + share * (plane - old), old).astype(np.float32)
    return found
