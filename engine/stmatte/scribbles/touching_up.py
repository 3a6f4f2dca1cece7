# SPDX-License-Identifier: Apache-2.0
"""What strokes make of the labels of one frame: what was drawn holds, and what is near follows.

A stroke speaks of a neighbourhood, as wide as the stroke is long. In there a cut along the
picture's edges decides anew, with the colours of what was drawn, of what is there already and
of what lies around; outside of it nothing changes. Knows pixels, and no network. What was tried
is in engine/decisions/0020.
Source of the cut: Rother et al., "GrabCut", SIGGRAPH 2004.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.scribbles.drawing import draw_strokes
from stmatte.scribbles.opening import Mask
from stmatte.scribbles.strokes import Stroke

Labels = NDArray[np.integer]
"""(H, W) of object numbers, 0 where there is none."""

CORRECTS = 0.5, 1 / 6
"""How far a correction reaches: a part of the stroke's length, and of the picture's height."""

BEGINS = 1.0, 5 / 12
"""The same of a stroke for an object of which nothing is there yet."""

LEAST = 8.0
"""Pixels that every stroke reaches."""

WIDTH = 5
"""Pixels that a stroke is wide."""

AROUND = 40
"""Pixels around the neighbourhood whose colours are looked at, too."""

ROUNDS = 3
"""How often colours are learnt and the cut is made."""


def neighbourhood(strokes: Sequence[Stroke], labels: Labels) -> Mask:
    """Return the pixels (H, W) that strokes speak of.

    labels  what is there now
    """
    height, width = labels.shape
    found = np.zeros((height, width), np.bool_)
    for stroke in strokes:
        drawn = draw_strokes([stroke], (height, width)) >= 0
        rows, columns = np.nonzero(drawn)
        length = 1 + max(np.ptp(rows), np.ptp(columns))
        new = stroke.object > 0 and not np.any(labels == stroke.object)
        part, most = BEGINS if new else CORRECTS
        reach = max(LEAST, min(part * length, most * height))
        away = cv2.distanceTransform((~drawn).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        found |= np.asarray(away <= reach, np.bool_)
    return found


def touched_up(
    picture: NDArray[np.float32], labels: Labels, strokes: Sequence[Stroke]
) -> tuple[Labels, Mask]:
    """Return the labels as strokes have them, and where something could change.

    picture  (H, W, 3) RGB in [0, 1]
    labels   what is there now; 0 everywhere where nothing is
    strokes  one at least, later ones over earlier ones
    """
    size = (labels.shape[0], labels.shape[1])
    near = neighbourhood(strokes, labels)
    drawn = draw_strokes(strokes, size)
    fat = {int(n): _fattened(drawn == n) for n in np.unique(drawn) if n >= 0}
    window = _window(near)
    colours = np.ascontiguousarray((picture[window][..., ::-1] * 255).round().astype(np.uint8))
    found = np.array(labels)
    for number in sorted({*np.unique(labels).tolist(), *fat} - {0}):
        mine = labels == number
        trimap = np.where(mine, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
        trimap[near] = np.where(mine, cv2.GC_PR_FGD, cv2.GC_PR_BGD)[near]
        for other, line in fat.items():
            if other != number:
                trimap[line] = cv2.GC_BGD
        trimap[fat.get(number, drawn == number)] = cv2.GC_FGD
        inside = np.where(near, _cut(colours, trimap, window), mine)
        found = np.where(inside, number, np.where(found == number, 0, found))
    found[drawn >= 0] = drawn[drawn >= 0]
    return found, near


def _cut(
    colours: NDArray[np.uint8], trimap: NDArray[np.uint8], window: tuple[slice, slice]
) -> Mask:
    """Return the inside of the least cut; where colours of one side are unknown, what is said."""
    part = np.ascontiguousarray(trimap[window])
    inside = np.asarray((trimap & 1) == 1, np.bool_)  # by OpenCV's numbers, sure and probable
    if inside[window].any() and not inside[window].all():
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(0)  # its first colours are drawn by lot
        whole = 0, 0, part.shape[1], part.shape[0]  # not looked at where a mask is given
        cv2.grabCut(colours, part, whole, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
        inside[window] = (part & 1) == 1
    return inside


def _fattened(line: Mask) -> Mask:
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDTH, WIDTH))
    return np.asarray(cv2.dilate(line.astype(np.uint8), brush), np.bool_)


def _window(near: Mask) -> tuple[slice, slice]:
    rows, columns = np.nonzero(near)
    return (
        slice(max(0, int(rows.min()) - AROUND), int(rows.max()) + AROUND + 1),
        slice(max(0, int(columns.min()) - AROUND), int(columns.max()) + AROUND + 1),
    )
