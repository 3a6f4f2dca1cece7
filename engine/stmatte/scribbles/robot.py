# SPDX-License-Identifier: Apache-2.0
"""A robot that scribbles where masks are wrong, as an artist would who has a minute.

For every object, and for the background, it draws along the middle of each region that was
missed. Knows masks and strokes; which frame it draws on is the session's.
Source: Caelles et al., "The 2018 DAVIS Challenge on Video Object Segmentation", 2018; the
details follow davisinteractive 1.0.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.scribbles.centreline import longest_paths
from stmatte.scribbles.curves import MOST_POINTS, bezier
from stmatte.scribbles.opening import Mask, opened
from stmatte.scribbles.skeleton import skeleton
from stmatte.scribbles.strokes import Stroke

Labels = NDArray[np.integer]
"""(H, W) of object numbers, 0 where there is none."""


@dataclass(frozen=True)
class Hand:
    """How the robot draws.

    kernel_size   what is thinner than this part of the root of a region's area is passed over
    most_radius   pixels; thicker than twice this nothing has to be
    fewest        pixels of a middle line below which it is not worth a stroke
    points        of a stroke
    """

    kernel_size: float = 0.15
    most_radius: float = 16.0
    fewest: int = 4
    points: int = MOST_POINTS


JUDGE = Hand(kernel_size=0.2)
"""The hand of the challenge's evaluation."""


def missed(truth: Labels, prediction: Labels, number: int) -> Mask:
    """Return where an object, or the background (0), should be and is not."""
    return np.asarray((truth == number) & (prediction != number), np.bool_)


def middle_lines(region: Mask, hand: Hand = JUDGE) -> Mask:
    """Return the skeleton (H, W) along which the robot draws in a region."""
    if not region.any():
        return region
    return skeleton(opened(region, hand.kernel_size, hand.most_radius))


def strokes_along(lines: Mask, number: int, hand: Hand = JUDGE, when: float = 0) -> list[Stroke]:
    """Return a stroke for every part of a skeleton that is long enough.

    number  the object that the strokes lie on
    when    the time that is written on them
    """
    height, width = lines.shape
    strokes = []
    for path in longest_paths(lines, hand.fewest):
        pixels = np.array([(column, row) for row, column in path], np.float64)
        curve = bezier(pixels, hand.points) / (width, height)
        strokes.append(Stroke(tuple(map(tuple, curve.tolist())), number, when, when))
    return strokes


def robot_strokes(
    truth: Labels, prediction: Labels, objects: int, hand: Hand = JUDGE, when: float = 0
) -> list[Stroke]:
    """Return the strokes that the robot draws on one frame.

    truth, prediction  of the same size
    objects            how many there are; they are numbered from 1
    returns            those of the background first, then object by object

    Raises StmatteError if the sizes differ.
    """
    if truth.shape != prediction.shape:
        raise StmatteError(
            f"The prediction is {_size(prediction)}, the truth is {_size(truth)}",
            value=prediction.shape,
            allowed="both have the same size",
        )
    return [
        stroke
        for number in range(objects + 1)
        for stroke in strokes_along(
            middle_lines(missed(truth, prediction, number), hand), number, hand, when
        )
    ]


def _size(labels: Labels) -> str:
    return "x".join(map(str, reversed(labels.shape)))
