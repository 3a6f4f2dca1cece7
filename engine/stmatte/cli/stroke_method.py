# SPDX-License-Identifier: Apache-2.0
"""A network as the interactive benchmark wants it: strokes in, label pictures out, again and again.

The interactive network answers by itself, as in its paper. With any other one strokes become
keys, as they do for an artist, and the shot is propagated; what a round leaves as it was is not
computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from stmatte.cli.network_method import strongest
from stmatte.evaluation.interactive import Answer, StrokeMethod
from stmatte.evaluation.pictures import Picture
from stmatte.evaluation.sessions import Handed, Labels
from stmatte.images import to_working, working_size
from stmatte.networks.protocol import Network
from stmatte.networks.registry import choose_device
from stmatte.networks.stm_interactive import InteractiveSTM
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.frames import frame_mattes
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.pipeline.scribbling import key_from_strokes
from stmatte.propagation.sights import Sights
from stmatte.propagation.stroke_rounds import StrokeRounds
from stmatte.scribbles import Stroke, draw_strokes
from stmatte.settings import Settings
from stmatte.shot import Key, ObjectSpec, Shot
from stmatte.store import RamStore


def stroke_method(network: Network, settings: Settings) -> StrokeMethod:
    """Return the network, with these settings, as a method that takes strokes.

    Every frame listens to all keys, whatever the settings say: what strokes made of one frame
    is seldom so right that it should silence the others. See engine/decisions/0020.
    """
    settings = replace(settings, reach="all")
    if isinstance(network, InteractiveSTM):
        return _by_rounds(network, settings)

    def begin(pictures: Sequence[Picture], objects: int) -> Answer:
        return _Keyed(network, settings, pictures, objects).answer

    return begin


class _Keyed:
    """A shot whose keys come from strokes, round by round."""

    def __init__(
        self, network: Network, settings: Settings, pictures: Sequence[Picture], objects: int
    ) -> None:
        self._network = network
        self._names = tuple(f"object{n}" for n in range(1, objects + 1))
        self._store, self._sights = RamStore(), Sights(network)
        self._strokes: tuple[tuple[Stroke, ...], ...] = ((),) * len(pictures)
        self._keys: dict[int, dict[str, Pixels]] = {}
        nothing = np.zeros(pictures[0].shape[:2], np.float32)
        specs = tuple(map(ObjectSpec, self._names))
        blank = (Key(0, dict.fromkeys(self._names, nothing)),)  # a shot has a key
        self._shot = Shot(dict(enumerate(pictures)), blank, None, settings, specs)
        self._mattes: dict[int, dict[str, Pixels]] = {}

    def answer(self, handed: Handed) -> Labels:
        """Turn what is new among the strokes into keys, and propagate them."""
        planned = plan_shot(check_shot(self._shot), self._network, self._store)
        for frame, strokes in enumerate(handed.scribbles.frames):
            new = strokes[len(self._strokes[frame]) :]
            if new:
                now = self._mattes.get(frame, {})
                made = key_from_strokes(planned, self._network, frame, new, now)
                self._keys[frame] = self._keys.get(frame, {}) | made
        self._strokes = handed.scribbles.frames
        keys = tuple(Key(frame, made) for frame, made in sorted(self._keys.items()) if made)
        self._shot = replace(self._shot, keys=keys or self._shot.keys)
        planned = plan_shot(check_shot(self._shot), self._network, self._store)
        frames = planned.checked.frames
        for found in walk(planned, self._network, self._store, self._sights, frames):
            if found is not None:
                result = frame_mattes(planned, found)
                self._mattes[result.frame] = dict(result.mattes)
        return np.stack([self._labels(frame) for frame in frames])

    def _labels(self, frame: int) -> Labels:
        mattes = self._mattes[frame]
        return strongest({n: mattes[name] for n, name in enumerate(self._names, start=1)})


def _by_rounds(network: InteractiveSTM, settings: Settings) -> StrokeMethod:
    device = choose_device(settings.device)

    def begin(pictures: Sequence[Picture], objects: int) -> Answer:
        rows, columns = pictures[0].shape[:2]
        size = working_size((rows, columns), settings.working_height, 1.0)
        rounds = StrokeRounds(network, objects)
        images = [_image(picture, size).to(device) for picture in pictures]

        def answer(handed: Handed) -> Labels:
            for frame, strokes in enumerate(handed.scribbles.frames):
                if strokes:
                    drawn = torch.from_numpy(draw_strokes(strokes, size)).to(device)
                    rounds.draw(frame, images[frame], drawn)
            found = rounds.answers(images)
            return np.stack([_strongest(planes, (rows, columns)) for planes in found])

        return answer

    return begin


def _image(picture: Picture, size: tuple[int, int]) -> Tensor:
    scaled = to_working(picture.astype(np.float32) / 255, size)
    return torch.from_numpy(scaled.copy()).permute(2, 0, 1)


def _strongest(planes: Tensor, size: tuple[int, int]) -> Labels:
    scaled = torch.nn.functional.interpolate(
        planes[None], size=size, mode="bilinear", align_corners=False
    )
    return np.asarray(scaled[0].argmax(dim=0).cpu().numpy(), np.uint8)
