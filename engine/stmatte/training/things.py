# SPDX-License-Identifier: Apache-2.0
"""Things to put over a picture: drawn cut-outs, objects of stills, segments of photographs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.training.corpus import UNKNOWN, Corpus, Still
from stmatte.training.segments import a_segment

LARGE = 0.01  # share of its picture from which an object is worth cutting out
TRIES = 1000  # stills looked at for such an object
RIM = 2  # clear pixels around a thing, so that it ends softly
DRAWN = 0.25  # share of drawn cut-outs: clean edges, but unlike anything that is filmed
SIDES = (0.22, 0.9)  # geometric mean of a thing's sides, as a part of the picture's height
LONGEST = 1.3  # of either side; a little more than the picture, as close-ups are


@dataclass(frozen=True)
class Layer:
    """Something that moves on its own over the base of a clip.

    pixels   (h, w, 4) uint8 RGBA, colours not multiplied by alpha, with a rim of clear pixels
    place    (x, y) of its middle in the first frame, in half heights from the picture's middle
    number   of the object that it is, 1..; 0 is nothing that is asked for, but in the way
    joints   how many of its parts swing
    passes   whether it passes by once, in front; else it stays about
    leaves   whether it leaves the picture for a while
    """

    pixels: NDArray[np.uint8]
    place: tuple[float, float]
    number: int
    joints: int = 0
    passes: bool = False
    leaves: bool = False


def a_thing(
    corpus: Corpus, size: tuple[int, int], pieces: float, random: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw the pixels of one thing, of some size for a picture of `size` (H, W).

    pieces  share of segments of photographs without masks

    Raises StmatteError if the corpus has no object to cut out.
    """
    thing = _found(corpus, pieces, random)
    height, width = size
    side = float(np.exp(random.uniform(*np.log(SIDES)))) * height
    scale = side / float(np.sqrt(thing.shape[0] * thing.shape[1]))
    h = int(np.clip(thing.shape[0] * scale, 8, height * LONGEST))
    w = int(np.clip(thing.shape[1] * scale, 8, width * LONGEST))
    small = _resized(thing, h, w)
    if random.random() < 0.5:
        small = small[:, ::-1]
    return np.pad(small, ((RIM, RIM), (RIM, RIM), (0, 0)))


def cut_out(
    picture: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], int, int]:
    """Cut what a mask (H, W) says out of its picture; return pixels, and row and column.

    Row and column, of the pixels' first one in the picture, may be below 0: the rim is in.
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    around = ((RIM, RIM), (RIM, RIM))
    alpha = cv2.blur(np.pad(mask[box], around).astype(np.float32), (3, 3)) * 255
    colours = np.pad(picture[box], (*around, (0, 0)), mode="edge")
    pixels = np.dstack([colours, alpha.astype(np.uint8)])
    return pixels, int(rows[0]) - RIM, int(columns[0]) - RIM


def masked_still(corpus: Corpus, scene: bool, random: np.random.Generator) -> Still:
    """Choose a scene, or else a single thing; the other kind where there is none."""
    stills = (corpus.stills if scene else corpus.objects) or corpus.stills or corpus.objects
    if not stills:
        raise StmatteError(
            "The corpus has no picture with masks",
            allowed="clips are made by pasting objects from stills or objects",
            repair="Pack a data folder that has one of them",
        )
    return stills[random.integers(len(stills))]


def _found(corpus: Corpus, pieces: float, random: np.random.Generator) -> NDArray[np.uint8]:
    segment = a_segment(corpus, random) if random.random() < pieces else None
    if segment is not None:
        return segment
    if corpus.cutouts and random.random() < DRAWN:
        return corpus.cutout(corpus.cutouts[random.integers(len(corpus.cutouts))])
    return _object_of_still(corpus, random)


def _object_of_still(corpus: Corpus, random: np.random.Generator) -> NDArray[np.uint8]:
    for _ in range(TRIES):
        still = masked_still(corpus, random.random() < 0.6, random)
        labels = corpus.labels(still.labels)
        shares = np.bincount(labels.ravel(), minlength=256)[1:UNKNOWN] / labels.size
        large = np.flatnonzero(shares > LARGE)
        if len(large):
            break
    else:
        raise StmatteError(
            f"None of {TRIES} stills of the corpus has an object to paste",
            value=still.labels,
            allowed=f"masks that cover more than {LARGE:.0%} of their picture",
        )
    mask = labels == large[random.integers(len(large))] + 1
    return cut_out(corpus.picture(still.picture), mask)[0]


def _resized(thing: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Resize RGBA; colours are weighed by alpha, so that what was behind does not bleed in."""
    alpha = thing[..., 3:].astype(np.float32)
    weighed = np.dstack([thing[..., :3] * (alpha / 255), alpha])
    smaller = height < thing.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    small = cv2.resize(weighed, (width, height), interpolation=how)
    colours = small[..., :3] / np.maximum(small[..., 3:] / 255, 1e-3)
    return np.dstack([colours, small[..., 3]]).clip(0, 255).astype(np.uint8)
