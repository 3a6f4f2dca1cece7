# SPDX-License-Identifier: Apache-2.0
"""What a clip is built on: a still, a photograph, or frames that were rendered or filmed."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.training.corpus import UNKNOWN, Clip, Corpus
from stmatte.training.things import masked_still

Bytes = NDArray[np.uint8]

MIN_SHARE = 0.004  # of the first frame, for an object to be asked for
MOST_SHARE = 0.5  # of a still, for its objects: in what fills the picture little is to be learnt
MOST_ASKED = 2  # objects of a base
LEAST_FRAMES = 3  # of a clip that is walked to and fro
OTHER = 0.15  # radians; a rendered camera is upright, a hand-held one is not quite


def rendered_base(
    corpus: Corpus,
    size: tuple[int, int],
    frames: int,
    most: int,
    random: np.random.Generator,
) -> tuple[Bytes, Bytes, Bytes | None] | None:
    """Draw frames of a true clip, (T, H, W, 3); None if there is no clip.

    most     frames from one frame that is taken to the next
    returns  with them labels (T, H, W), and, where there are any, mattes (T, H, W, N) instead
    """
    clips = [clip for clip in corpus.clips if _long_enough(clip, frames)]
    if not clips:
        return None
    clip = clips[random.integers(len(clips))]
    order = _walk(len(clip.pictures), frames, most, random)
    pictures = {i: corpus.picture(clip.pictures[i]) for i in set(order)}
    shape = next(iter(pictures.values())).shape
    window = _turned(_window(shape[:2], size, 0.6, random), size, random)

    def frames_of(read: Callable[[int], Bytes], how: int) -> Bytes:
        warped = {i: _warped(read(i), window, size, how) for i in set(order)}
        return np.stack([warped[i] for i in order])

    shown = frames_of(pictures.__getitem__, cv2.INTER_LINEAR)
    if clip.mattes:
        mattes = frames_of(lambda i: corpus.mattes(clip.mattes[i]), cv2.INTER_LINEAR)
        return shown, np.zeros(mattes.shape[:3], np.uint8), asked_mattes(mattes, random)
    labels = frames_of(lambda i: corpus.labels(clip.labels[i]), cv2.INTER_NEAREST)
    return shown, asked_labels(labels, random), None


def still_base(
    corpus: Corpus, size: tuple[int, int], random: np.random.Generator
) -> tuple[Bytes, Bytes]:
    """Draw a still (1, H, W, 3) and its labels (1, H, W); a quarter are without objects.

    Raises StmatteError if the corpus has neither masks nor backgrounds.
    """
    kind = random.random()
    if kind >= 0.75 and corpus.backgrounds:
        return background(corpus, size, random), np.zeros((1, *size), np.uint8)
    # most of the masked objects are single things on plain floors: fewer of these
    still = masked_still(corpus, kind < 0.6, random)
    picture, labels = corpus.picture(still.picture), corpus.labels(still.labels)
    for least in (0.5, 0.7, 0.9, 1.0):
        window = _window(picture.shape[:2], size, least, random)
        marks = _cut(labels, window, size, cv2.INTER_NEAREST)[None]
        if np.mean((marks > 0) & (marks < UNKNOWN)) <= MOST_SHARE:
            break
    small = _cut(picture, window, size, cv2.INTER_AREA)[None]
    return _mirrored(small, asked_labels(marks, random), random)


def background(corpus: Corpus, size: tuple[int, int], random: np.random.Generator) -> Bytes:
    """Draw a part of a photograph without masks, (1, H, W, 3)."""
    picture = corpus.picture(corpus.backgrounds[random.integers(len(corpus.backgrounds))])
    window = _window(picture.shape[:2], size, 0.5, random)
    small = _cut(picture, window, size, cv2.INTER_AREA)[None]
    return small[:, :, ::-1] if random.random() < 0.5 else small


def asked_labels(labels: Bytes, random: np.random.Generator) -> Bytes:
    """Keep some objects that are large enough in the first frame, renumbered from 1."""
    shares = np.bincount(labels[0].ravel(), minlength=256) / labels[0].size
    large = [n for n in range(1, UNKNOWN) if shares[n] >= MIN_SHARE]
    chosen = random.permutation(large)[: int(random.integers(1, MOST_ASKED + 1))]
    table = np.zeros(256, np.uint8)
    table[UNKNOWN] = UNKNOWN
    for new, old in enumerate(chosen, start=1):
        table[int(old)] = new
    return table[labels]


def asked_mattes(mattes: Bytes, random: np.random.Generator) -> Bytes:
    """Keep the mattes (T, H, W, N) of some objects that are large enough in the first frame."""
    shares = mattes[0].mean(axis=(0, 1)) / 255
    large = np.flatnonzero(shares >= MIN_SHARE)
    return mattes[..., random.permutation(large)[: int(random.integers(1, MOST_ASKED + 1))]]


def _long_enough(clip: Clip, frames: int) -> bool:
    return len(clip.pictures) >= min(frames, LEAST_FRAMES)


def _walk(length: int, frames: int, most: int, random: np.random.Generator) -> list[int]:
    """Choose frames of a clip: straight on where it is long enough, else to and fro.

    A clip is long enough if every second frame of it would do, or if it is not shorter than what
    is wanted and only single steps are allowed.
    """
    longest = (length - 1) // (frames - 1)
    if longest >= min(2, most):
        skip = int(random.integers(1, min(most, longest) + 1))
        first = int(random.integers(0, length - skip * (frames - 1)))
        order = np.arange(frames) * skip + first
        return [int(i) for i in (order[::-1] if random.random() < 0.5 else order)]
    skip = int(random.integers(1, min(most, max(1, length // 3)) + 1))
    there = np.arange(frames) * skip + int(random.integers(0, 2 * (length - 1)))
    folded = np.abs((there - (length - 1)) % (2 * (length - 1)) - (length - 1))
    return [int(i) for i in folded]


def _mirrored(pictures: Bytes, labels: Bytes, random: np.random.Generator) -> tuple[Bytes, Bytes]:
    if random.random() < 0.5:
        return pictures[:, :, ::-1], labels[:, :, ::-1]
    return pictures, labels


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
    pixels: Bytes, window: tuple[int, int, int, int], size: tuple[int, int], how: int
) -> Bytes:
    y, x, h, w = window
    return cv2.resize(pixels[y : y + h, x : x + w], (size[1], size[0]), interpolation=how).astype(
        np.uint8
    )


def _turned(
    window: tuple[int, int, int, int], size: tuple[int, int], random: np.random.Generator
) -> NDArray[np.float64]:
    """Return the affine map (2, 3) from places of the new picture to those of a turned window.

    Half of the time it is mirrored, too.
    """
    y, x, h, w = window
    turn = random.uniform(-OTHER, OTHER)
    across, down = w / size[1], h / size[0]
    across = -across if random.random() < 0.5 else across
    cosine, sine = np.cos(turn), np.sin(turn)
    part = np.array([[cosine * across, -sine * down], [sine * across, cosine * down]])
    middle = np.array([x + w / 2 - 0.5, y + h / 2 - 0.5])
    centre = np.array([size[1] / 2 - 0.5, size[0] / 2 - 0.5])
    return np.hstack([part, (middle - part @ centre)[:, None]])


def _warped(pixels: Bytes, window: NDArray[np.float64], size: tuple[int, int], how: int) -> Bytes:
    flags = how | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        pixels, window, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REFLECT_101
    ).astype(np.uint8)
