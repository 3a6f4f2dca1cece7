# SPDX-License-Identifier: Apache-2.0
"""A network as benchmarks want it: from the masks where objects begin to label pictures.

It goes the way of every shot: what is given becomes keys, and an object that begins later is
absent before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from stmatte.evaluation import LabelMethod
from stmatte.evaluation.pictures import Labels, Picture
from stmatte.evaluation.tasks import INSIDE_FROM, SoftMethod, Starts, labels_alone
from stmatte.networks.protocol import Network
from stmatte.pipeline import propagate_frames
from stmatte.pipeline.given import Pixels
from stmatte.settings import Settings
from stmatte.shot import Absence, FrameRange, Key, Shot


def network_method(network: Network, settings: Settings) -> LabelMethod:
    """Return the network, with these settings, as a method of evaluation."""
    return labels_alone(soft_method(network, settings))


def soft_method(network: Network, settings: Settings) -> SoftMethod:
    """Return the same with the mattes of every object."""

    def found(
        frames: Iterable[Picture], starts: Starts
    ) -> Iterator[tuple[Labels, Mapping[int, Pixels]]]:
        plate = dict(enumerate(frames))
        keys = tuple(
            Key(begin, {_name(number): mask for number, mask in masks.items()})
            for begin, masks in sorted(starts.items())
        )
        absences = tuple(
            Absence(_name(number), FrameRange(0, begin - 1))
            for begin, masks in starts.items()
            for number in masks
            if begin > 0
        )
        shot = Shot(plate, keys, None, settings, absences=absences)
        numbers = sorted(number for masks in starts.values() for number in masks)
        for result in propagate_frames(shot, network=network):
            mattes = {number: result.mattes[_name(number)] for number in numbers}
            yield strongest(mattes), mattes

    return found


def strongest(mattes: dict[int, np.ndarray]) -> Labels:
    """Return (H, W): the number of the object that covers a pixel most, 0 where none does.

    One object alone has to cover half. Of several the background, which is what is left of 1,
    competes with them.
    """
    numbers = np.array([0, *mattes], np.uint8)
    planes = np.stack(list(mattes.values()))
    if len(planes) == 1:
        return np.where(planes[0] >= INSIDE_FROM, numbers[1], 0).astype(np.uint8)
    background = 1 - planes.sum(axis=0)
    return np.asarray(numbers[np.argmax([background, *planes], axis=0)], np.uint8)


def _name(number: int) -> str:
    return f"object{number}"
