# SPDX-License-Identifier: Apache-2.0
"""Two rounds of strokes on a clip: how the interactive network learns.

Round one: lines along the middle of each object on the first frame, and nothing else, tell it
of all frames. Round two: lines along what is wrong on the last frame join them, together with
the mattes that round one made of it. All answers of both rounds are held to the truth.
Source: Oh et al., TPAMI 2020, section 3.7; how far lines are moved it does not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.learning.clips import TrainingClips
from stmatte.learning.losses import cross_entropy
from stmatte.learning.protocol_objective import asked_clips, with_background
from stmatte.memory.bank import Bank
from stmatte.networks.stm_interactive import InteractiveSTM, answers, drawn, with_drawn
from stmatte.scribbles import JUDGE, NOTHING, Stroke, draw_strokes
from stmatte.scribbles.centreline import longest_paths
from stmatte.scribbles.opening import Mask
from stmatte.scribbles.robot import middle_lines, missed

Points = NDArray[np.float64]
"""(N, 2) of x and y in pixels."""


@dataclass(frozen=True)
class Slip:
    """How far a hand may be from the middle; each is drawn evenly from both sides of 0.

    turn   radians about the line's own middle
    zoom   and shear, as a part of 1
    shift  as a part of the picture's height
    """

    turn: float = 0.15
    zoom: float = 0.15
    shear: float = 0.1
    shift: float = 0.01


def interactive_loss(
    network: InteractiveSTM, clips: TrainingClips, random: np.random.Generator
) -> Tensor:
    """Return the mean cross-entropy of all frames of both rounds, all places and clips.

    random  how the lines are moved

    At least one object of one clip must be asked for.
    """
    losses = []
    for images, truth, known in asked_clips(clips):
        for found in two_rounds(network, images, truth, random):
            losses += [
                cross_entropy(planes, with_background(truth[t]), known[t])
                for t, planes in enumerate(found)
            ]
    return torch.stack(losses).mean()


def two_rounds(
    network: InteractiveSTM, images: Tensor, truth: Tensor, random: np.random.Generator
) -> Iterator[list[Tensor]]:
    """Yield the planes (N + 1, H, W) of every frame of a clip, after round one and after round two.

    images  (T, 3, H, W)
    truth   (T, N, H, W) coverage of the objects

    Where nothing is wrong on the last frame, there is no second round.
    """
    objects, last = truth.shape[1], len(images) - 1
    queries = [network.encode_query(image) for image in images]
    nothing = np.zeros(tuple(images.shape[-2:]), np.int_)
    bank, found = Bank(), list[Tensor]()
    for place in (0, last):
        now = _labels(found[place]) if found else nothing
        lines = drawn_lines(_labels(with_background(truth[place])), now, objects, random)
        if (lines == NOTHING).all():
            return
        on = drawn(torch.from_numpy(lines).to(images.device), objects)
        planes = found[place] if found else None
        bank = with_drawn(network, bank, place, images[place], on, planes)
        found = list(answers(network, queries, bank))
        yield found


def drawn_lines(
    truth: NDArray[np.int_],
    prediction: NDArray[np.int_],
    objects: int,
    random: np.random.Generator,
    slip: Slip | None = None,
) -> NDArray[np.int_]:
    """Return (H, W) what a hand draws where a prediction is wrong; -1 where it draws nothing.

    A region too small for a line gets a point in its middle if nothing of its object was found.
    """
    height, width = truth.shape
    slip = slip or Slip()
    strokes = []
    for number in range(objects + 1):
        wrong = missed(truth, prediction, number)
        paths = longest_paths(middle_lines(wrong, JUDGE), JUDGE.fewest)
        lines = [np.array([(x, y) for y, x in path], np.float64) for path in paths]
        if not lines and number and wrong.any() and not (prediction == number).any():
            lines = [_deepest(wrong)]
        for line in lines:
            moved = slipped(line, height, slip, random) / (width - 1, height - 1)
            inside = [(float(x), float(y)) for x, y in moved if 0 <= x <= 1 and 0 <= y <= 1]
            strokes += [Stroke(tuple(inside), number)] if inside else []
    return np.asarray(draw_strokes(strokes, (height, width)), np.int_)


def slipped(line: Points, height: int, slip: Slip, random: np.random.Generator) -> Points:
    """Return a line (N, 2) in pixels, moved by a random affine map about its own middle."""
    turn, shear = (random.uniform(-most, most) for most in (slip.turn, slip.shear))
    zoom = 1 + random.uniform(-slip.zoom, slip.zoom)
    shift = random.uniform(-slip.shift, slip.shift, 2) * height
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = zoom * rotation @ np.array([[1, shear], [0, 1]])
    middle = line.mean(axis=0)
    return np.asarray((line - middle) @ matrix.T + middle + shift, np.float64)


def _labels(planes: Tensor) -> NDArray[np.int_]:
    """Return (H, W): which plane (N + 1, H, W) is strongest."""
    return np.asarray(planes.detach().argmax(dim=0).cpu().numpy(), np.int_)


def _deepest(region: Mask) -> Points:
    """Return the one pixel of a region that is farthest from its edge."""
    away = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(int(away.argmax()), away.shape)
    return np.array([(column, row)], np.float64)
