# SPDX-License-Identifier: Apache-2.0
"""Draw the raw layers of a clip from the corpus: a base, and things that move over it.

Numbers come from one numpy generator per clip, so that clip k of step n is the same on
every machine, whichever thread draws it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stmatte.training.bases import background, rendered_base, still_base
from stmatte.training.corpus import UNKNOWN, Corpus
from stmatte.training.recipe import MOST_PASTED
from stmatte.training.things import Layer, a_thing, cut_out

OBJECTS = 3  # that a clip may ask for; each costs a network's time
PASTED = MOST_PASTED
LABELLED = 0.5  # share of what is pasted that is asked for
JOINTS = 3  # most parts of a thing that swing
LEAVES = 0.15  # share of things that leave for a while, where a clip is long enough
LONG = 5  # frames: to leave and come back
APART = 0.7  # half heights between twins in the first frame, at least where there is room
BORROWED = 0.5  # share of cut stills whose background is another photograph


@dataclass(frozen=True)
class RawClip:
    """The ingredients of one clip.

    base     (T, H, W, 3) uint8 RGB; T is 1 if it is a still, which moves as a whole
    labels   (T, H, W) uint8: 0 background, 1.. objects, 255 unknown
    mattes   (T, H, W, N) uint8 of objects 1 to N, of 255, which then have no labels; else None
    hole     (H, W) whether a still shows there what is cut out of it; None if nothing is
    layers   from the back to the front
    frames   of the clip that is to be made
    """

    base: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    mattes: NDArray[np.uint8] | None
    hole: NDArray[np.bool_] | None
    layers: tuple[Layer, ...]
    frames: int


def draw_clip(
    corpus: Corpus,
    size: tuple[int, int],
    frames: int,
    rendered: float,
    random: np.random.Generator,
    *,
    skip: int = 3,
    pasted: int = PASTED,
    swing: float = 0.0,
    twins: float = 0.0,
    cut: float = 0.0,
    passing: float = 0.0,
    pieces: float = 0.0,
) -> RawClip:
    """Draw one clip of `frames` frames of `size` (H, W); `rendered` is the share of true clips.

    skip     most frames from one frame of a true clip to the next
    pasted   most layers over the base, beside its own objects, twins and what passes
    swing    share of things whose parts swing
    twins    share of clips in which something is there twice
    cut      share of stills whose objects move on their own
    passing  share of clips in which something passes in front
    pieces   share of what is pasted that is a segment of a photograph without masks

    Raises StmatteError if the corpus has no objects to paste.
    """
    true = rendered_base(corpus, size, frames, skip, random) if random.random() < rendered else None
    layers: list[Layer] = []
    mattes = hole = None
    if true is not None:
        pictures, labels, mattes = true
    else:
        pictures, labels = still_base(corpus, size, random)
        if random.random() < cut:
            (pictures, labels), hole, layers = _taken_apart(corpus, pictures, labels, random)
    count = len(layers) + int(np.where(labels[0] < UNKNOWN, labels[0], 0).max())
    count += 0 if mattes is None else mattes.shape[-1]
    for _ in range(_how_many(pasted, count > 0, random)):
        asked = count == 0 or random.random() < LABELLED
        number = count + 1 if asked and count < OBJECTS else 0
        count += number > 0
        thing = a_thing(corpus, size, pieces, random)
        layers.append(Layer(thing, _somewhere(size, random), number))
    if layers and random.random() < twins:
        layers.append(_twin(layers[random.integers(len(layers))], count, size, random))
    layers = [layers[i] for i in random.permutation(len(layers))]
    layers = [_lively(layer, swing, frames, random) for layer in layers]
    if random.random() < passing:
        thing = a_thing(corpus, size, pieces, random)
        layers.append(Layer(thing, _on_the_way(layers, size, random), 0, passes=True))
    return RawClip(pictures, labels, mattes, hole, tuple(layers), frames)


def _how_many(most: int, has_object: bool, random: np.random.Generator) -> int:
    """Return how many layers to paste: one at least where nothing else could be asked for."""
    if not most:
        return 0
    return int(random.integers(0, most)) if has_object else int(random.integers(1, most + 1))


def _somewhere(size: tuple[int, int], random: np.random.Generator) -> tuple[float, float]:
    """Choose a place for the middle of a thing, not too near the picture's edge."""
    aspect = size[1] / size[0]
    return float(random.uniform(-0.75, 0.75)) * aspect, float(random.uniform(-0.6, 0.6))


def _on_the_way(
    layers: list[Layer], size: tuple[int, int], random: np.random.Generator
) -> tuple[float, float]:
    """Choose a place to pass by: where an object is that is asked for, or anywhere."""
    asked = [layer.place for layer in layers if layer.number]
    if asked and random.random() < 0.7:
        return asked[random.integers(len(asked))]
    return _somewhere(size, random)


def _taken_apart(
    corpus: Corpus,
    pictures: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    random: np.random.Generator,
) -> tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.bool_] | None, list[Layer]]:
    """Cut the objects out of a still, and leave a hole, or put them before another photograph."""
    height, width = labels.shape[1:]
    layers = []
    for number in range(1, int(np.where(labels < UNKNOWN, labels, 0).max()) + 1):
        pixels, row, column = cut_out(pictures[0], labels[0] == number)
        x = (column + pixels.shape[1] / 2) * 2 / height - width / height
        y = (row + pixels.shape[0] / 2) * 2 / height - 1
        place = (float(np.clip(x, -width / height, width / height)), float(np.clip(y, -1, 1)))
        layers.append(Layer(pixels, place, number))
    if layers and corpus.backgrounds and random.random() < BORROWED:
        behind = background(corpus, (height, width), random)
        return (behind, np.zeros_like(labels)), None, layers
    hole = (labels[0] > 0) & (labels[0] < UNKNOWN)
    return (pictures, np.where(labels == UNKNOWN, labels, 0)), hole, layers


def _twin(layer: Layer, count: int, size: tuple[int, int], random: np.random.Generator) -> Layer:
    """Return the same thing elsewhere: as another object, or as one that is not asked for."""
    places = [_somewhere(size, random) for _ in range(8)]
    far = [p for p in places if np.hypot(*np.subtract(p, layer.place)) >= APART]
    place = (far or places)[0]
    number = count + 1 if count < OBJECTS and random.random() < LABELLED else 0
    return replace(layer, place=place, number=number)


def _lively(layer: Layer, swing: float, frames: int, random: np.random.Generator) -> Layer:
    """Decide what of a thing swings, and whether it leaves."""
    joints = int(random.integers(1, JOINTS + 1)) if random.random() < swing else 0
    return replace(layer, joints=joints, leaves=frames >= LONG and random.random() < LEAVES)
