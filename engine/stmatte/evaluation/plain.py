# SPDX-License-Identifier: Apache-2.0
"""A network as its paper ran it: one pass forward, its own memory rule, nothing done to the edges.

For comparing networks and their parts. What artists get goes another way, through the pipeline,
which knows more than the past and brings mattes to the plate's edges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from stmatte.evaluation.floors import Matte
from stmatte.evaluation.pictures import Labels, Picture
from stmatte.evaluation.tasks import LabelMethod, Starts
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Network
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing

Finish = Callable[[Tensor, Tensor], Tensor]
"""(planes (N + 1, H, W), picture (3, H, W) of that size) -> planes."""


def plain_method(
    network: Network,
    height: int,
    policy: Policy | None = None,
    device: str = "cpu",
    finish: Finish | None = None,
) -> LabelMethod:
    """Return a network as a method of evaluation.

    height  rows that the network sees; smaller pictures are not enlarged
    policy  what memory keeps; None is the network's own
    device  where the network lies
    finish  what is done to planes before labels are read from them; memory doesn't hear of it
    """

    def labels(frames: Iterable[Picture], starts: Starts) -> Iterator[Labels]:
        pictures = list(frames)
        rows, columns = pictures[0].shape[:2]
        seen = _seen_size(rows, columns, height)
        numbers = sorted(number for masks in starts.values() for number in masks)
        keyed = {
            begin: _keyed(masks, numbers, seen, device) for begin, masks in sorted(starts.items())
        }
        first = min(keyed)
        for _ in range(first):
            yield np.zeros((rows, columns), np.uint8)

        def image_of(place: int) -> Tensor:
            picture = torch.from_numpy(pictures[place]).to(device)
            return _sized(picture.permute(2, 0, 1).float() / 255, seen)

        places = range(first, len(pictures))
        see = seeing(network, image_of)
        for place, planes in run_pass(network, see, places, keyed, len(numbers), policy):
            if finish is not None:
                planes = finish(planes, image_of(place))
            found = _labels(planes, numbers, (rows, columns))
            for number, mask in starts.get(place, {}).items():
                found = _as_given(found, number, mask)
            yield found

    return labels


def _seen_size(rows: int, columns: int, height: int) -> tuple[int, int]:
    if rows <= height:
        return rows, columns
    return height, max(1, round(columns * height / rows))


def _sized(planes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return planes (C, H, W) of another size, bilinearly, smoothed where they shrink."""
    if tuple(planes.shape[-2:]) == size:
        return planes
    return F.interpolate(
        planes[None], size=size, mode="bilinear", align_corners=False, antialias=True
    )[0]


def _keyed(
    given: Mapping[int, Matte], numbers: list[int], size: tuple[int, int], device: str
) -> KeyedMattes:
    planes = [
        torch.from_numpy(given[n]).to(device)[None]
        if n in given
        else torch.zeros(1, *next(iter(given.values())).shape, device=device)
        for n in numbers
    ]
    return KeyedMattes(
        torch.cat([_sized(plane, size) for plane in planes]), tuple(n in given for n in numbers)
    )


def _labels(planes: Tensor, numbers: list[int], size: tuple[int, int]) -> Labels:
    strongest = _sized(planes.float(), size).argmax(dim=0).cpu().numpy()
    return np.asarray(np.array([0, *numbers], np.uint8)[strongest], np.uint8)


def _as_given(found: Labels, number: int, mask: Matte) -> Labels:
    """Return labels in which an object that begins here is what was given, to the pixel."""
    inside = mask >= 0.5
    return np.where(inside, np.uint8(number), np.where(found == number, np.uint8(0), found))
