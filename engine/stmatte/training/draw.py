# SPDX-License-Identifier: Apache-2.0
"""Draw the raw layers of a clip from the corpus: a base, and things to paste over it.

Numbers come from one numpy generator per clip, so that clip k of step n is the same on
every machine, whichever thread draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.training.corpus import UNKNOWN, Clip, Corpus, Still
from stmatte.training.recipe import MOST_PASTED

MIN_SHARE = 0.004  # of the frame, for an object to be asked for
LARGE = 0.01  # share of its picture from which an object is worth cutting out
TRIES = 1000  # stills looked at for such an object
PASTED = MOST_PASTED  # layers over the base; unused ones are empty


@dataclass(frozen=True)
class RawClip:
    """The ingredients of one clip, all of one size.

    base    (T, H, W, 3) uint8 RGB; equal frames if it came from a still
    labels  (T, H, W) uint8: 0 background, 1.. objects asked for, 255 unknown
    layers  (PASTED, H, W, 4) uint8 RGBA; alpha 0 everywhere if unused
    asked   (PASTED,) whether the layer is an object asked for; else it is in the way
    moving  whether the base moves by itself, being a rendered clip
    """

    base: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    layers: NDArray[np.uint8]
    asked: NDArray[np.bool_]
    moving: bool


def draw_clip(
    corpus: Corpus,
    size: tuple[int, int],
    frames: int,
    rendered: float,
    random: np.random.Generator,
    *,
    skip: int = 3,
    pasted: int = PASTED,
) -> RawClip:
    """Draw one clip of `frames` frames of `size` (H, W); `rendered` is the share of true clips.

    skip    most frames from one frame of a true clip to the next
    pasted  most layers over the base

    Raises StmatteError if the corpus has no objects to paste.
    """
    clips = [clip for clip in corpus.clips if len(clip.pictures) >= frames]
    if clips and random.random() < rendered:
        base, labels = _rendered(corpus, clips, size, frames, skip, random)
        moving = True
    else:
        base, labels = _still(corpus, size, frames, random)
        moving = False
    labels = _ask(labels, 2, random)
    layers = np.zeros((PASTED, *size, 4), np.uint8)
    asked = np.zeros(PASTED, bool)
    has_object = bool(((labels[0] > 0) & (labels[0] < UNKNOWN)).any())
    for index in range(_how_many(pasted, has_object, random)):
        layers[index] = _thing(corpus, size, random)
        asked[index] = (index == 0 and not has_object) or random.random() < 0.5
    return RawClip(base, labels, layers, asked, moving)


def _how_many(most: int, has_object: bool, random: np.random.Generator) -> int:
    """Return how many layers to paste: one at least where nothing else could be asked for."""
    if not most:
        return 0
    return int(random.integers(0, most)) if has_object else int(random.integers(1, most + 1))


def _rendered(
    corpus: Corpus,
    clips: list[Clip],
    size: tuple[int, int],
    frames: int,
    most: int,
    random: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    clip = clips[random.integers(len(clips))]
    longest = (len(clip.pictures) - 1) // (frames - 1)
    skip = int(random.integers(1, max(2, min(most, longest) + 1)))
    first = int(random.integers(0, len(clip.pictures) - skip * (frames - 1)))
    order = np.arange(frames) * skip + first
    if random.random() < 0.5:
        order = order[::-1]
    pictures = np.stack([corpus.picture(clip.pictures[i]) for i in order])
    labels = np.stack([corpus.labels(clip.labels[i]) for i in order])
    window = _window(pictures.shape[1:3], size, 0.6, random)
    return (
        np.stack([_cut(p, window, size, cv2.INTER_AREA) for p in pictures]),
        np.stack([_cut(m, window, size, cv2.INTER_NEAREST) for m in labels]),
    )


def _still(
    corpus: Corpus, size: tuple[int, int], frames: int, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    kind = random.random()
    if kind < 0.75 or not corpus.backgrounds:
        # most of the masked objects are single things on plain floors: fewer of these
        still = _masked(corpus, kind < 0.6, random)
        picture, labels = corpus.picture(still.picture), corpus.labels(still.labels)
    else:
        name = corpus.backgrounds[random.integers(len(corpus.backgrounds))]
        picture = corpus.picture(name)
        labels = np.zeros(picture.shape[:2], np.uint8)
    window = _window(picture.shape[:2], size, 0.5, random)
    small = _cut(picture, window, size, cv2.INTER_AREA)
    marks = _cut(labels, window, size, cv2.INTER_NEAREST)
    return np.repeat(small[None], frames, 0), np.repeat(marks[None], frames, 0)


def _window(
    shape: tuple[int, ...], size: tuple[int, int], least: float, random: np.random.Generator
) -> tuple[int, int, int, int]:
    """Choose a crop (y, x, height, width) of the wanted aspect, `least` of the largest or more."""
    aspect = size[1] / size[0] * float(np.exp(random.uniform(-0.2, 0.2)))
    height = min(shape[0], shape[1] / aspect) * random.uniform(least, 1)
    h, w = max(8, int(height)), max(8, min(shape[1], int(height * aspect)))
    return (
        int(random.integers(0, shape[0] - h + 1)),
        int(random.integers(0, shape[1] - w + 1)),
        h,
        w,
    )


def _cut(
    pixels: NDArray[np.uint8], window: tuple[int, int, int, int], size: tuple[int, int], how: int
) -> NDArray[np.uint8]:
    y, x, h, w = window
    return cv2.resize(pixels[y : y + h, x : x + w], (size[1], size[0]), interpolation=how).astype(
        np.uint8
    )


def _ask(labels: NDArray[np.uint8], most: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """Keep at most `most` objects that are large enough in the first frame, renumbered from 1."""
    shares = np.bincount(labels[0].ravel(), minlength=256) / labels[0].size
    large = [n for n in range(1, UNKNOWN) if shares[n] >= MIN_SHARE]
    chosen = random.permutation(large)[: int(random.integers(1, most + 1))]
    table = np.zeros(256, np.uint8)
    table[UNKNOWN] = UNKNOWN
    for new, old in enumerate(chosen, start=1):
        table[int(old)] = new
    return table[labels]


def _thing(corpus: Corpus, size: tuple[int, int], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return an RGBA layer with one thing on it, somewhere in the frame, at some size."""
    if corpus.cutouts and random.random() < 0.3:
        thing = corpus.cutout(corpus.cutouts[random.integers(len(corpus.cutouts))])
    else:
        thing = _object_of_still(corpus, random)
    height, width = size
    side = float(np.exp(random.uniform(np.log(0.2), np.log(0.8)))) * height
    scale = side / float(np.sqrt(thing.shape[0] * thing.shape[1]))
    h = int(np.clip(thing.shape[0] * scale, 8, height * 0.95))
    w = int(np.clip(thing.shape[1] * scale, 8, width * 0.95))
    small = cv2.resize(thing, (w, h), interpolation=cv2.INTER_AREA)
    if random.random() < 0.5:
        small = small[:, ::-1]
    layer = np.zeros((height, width, 4), np.uint8)
    y, x = int(random.integers(0, height - h + 1)), int(random.integers(0, width - w + 1))
    layer[y : y + h, x : x + w] = small
    return layer


def _object_of_still(corpus: Corpus, random: np.random.Generator) -> NDArray[np.uint8]:
    for _ in range(TRIES):
        still = _masked(corpus, random.random() < 0.5, random)
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
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    alpha = cv2.blur(mask[box].astype(np.float32), (3, 3)) * 255
    return np.dstack([corpus.picture(still.picture)[box], alpha.astype(np.uint8)])


def _masked(corpus: Corpus, scene: bool, random: np.random.Generator) -> Still:
    """Choose a scene, or else a single thing; the other kind where there is none."""
    stills = (corpus.stills if scene else corpus.objects) or corpus.stills or corpus.objects
    if not stills:
        raise StmatteError(
            "The corpus has no picture with masks",
            allowed="clips are made by pasting objects from stills or objects",
            repair="Pack a data folder that has one of them",
        )
    return stills[random.integers(len(stills))]
