# SPDX-License-Identifier: Apache-2.0
"""Ways to fill the frames between several keys that learn nothing: floors for corrections.

Knows pictures and masks of one object; nothing of files. A `KeyMethod` is all that evaluation
knows of work with keys; networks are handed in by the caller in the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.evaluation.floors import Matte
from stmatte.evaluation.pictures import Picture
from stmatte.images.motion import Flow, fetched, grey, motion

Keys = Mapping[int, Matte]
"""Index of a frame -> the mask (H, W) that an artist gave on it; at least one."""

Follow = Callable[[Keys], Iterator[tuple[int, Matte]]]
"""All keys so far -> (index, matte) of the frames that are not as they were the last time.

The first time that is every frame. Keyed frames come out as they were given.
"""

KeyMethod = Callable[[Sequence[Picture]], Follow]
"""Pictures of a sequence -> what follows keys, asked anew for each sequence."""

Between = Callable[[int, int | None, int | None], Matte]
"""(frame, nearest key before it, nearest key after it) -> matte; one of both may be None."""


def copy_nearest(pictures: Sequence[Picture]) -> Follow:
    """Repeat the nearest key, the earlier one of two that are as near."""

    def begin(keys: Keys) -> Between:
        def between(frame: int, before: int | None, after: int | None) -> Matte:
            near = [key for key in (before, after) if key is not None]
            return keys[min(near, key=lambda key: abs(key - frame))]

        return between

    return _following(len(pictures), begin)


def linear(pictures: Sequence[Picture]) -> Follow:
    """Interpolate masks between keys, as shapes do: their place, and what they look like there.

    The centre moves in a straight line at an even speed; about it, signed distances to the edge
    are mixed. Before the first key and after the last one, the key is repeated. An empty mask is
    as far outside of everything as the picture is large, and moves nothing.
    """
    depths: dict[int, Matte] = {}

    def begin(keys: Keys) -> Between:
        def depth(key: int) -> Matte:
            if key not in depths:
                depths[key] = signed_distance(keys[key] >= 0.5)
            return depths[key]

        def between(frame: int, before: int | None, after: int | None) -> Matte:
            if before is None or after is None:
                return keys[_one_of(before, after)]
            part = (frame - before) / (after - before)
            one, other = depth(before), depth(after)
            way = _centre(other) - _centre(one)
            if np.isnan(way).any():
                way = np.zeros(2)
            mixed = (
                _shifted(one, part * way) * (1 - part) + _shifted(other, (part - 1) * way) * part
            )
            return (mixed >= 0).astype(np.float32)

        return between

    return _following(len(pictures), begin)


def by_flow(pictures: Sequence[Picture]) -> Follow:
    """Carry the keys on either side along dense optical flow; the nearer one weighs more.

    Source of the flow: see `images.motion`.
    """
    flow = _Flows(pictures)
    carried: dict[tuple[int, int], Matte] = {}

    def begin(keys: Keys) -> Between:
        def from_key(key: int, frame: int) -> Matte:
            if frame == key:
                return keys[key]
            if (key, frame) not in carried:
                near = frame - 1 if frame > key else frame + 1
                carried[key, frame] = _carried(from_key(key, near), flow.way(frame, near))
            return carried[key, frame]

        def between(frame: int, before: int | None, after: int | None) -> Matte:
            if before is None or after is None:
                return from_key(_one_of(before, after), frame)
            part = np.float32((frame - before) / (after - before))
            return from_key(before, frame) * (1 - part) + from_key(after, frame) * part

        return between

    return _following(len(pictures), begin, forget=carried.clear)


KEYED_FLOORS: Mapping[str, KeyMethod] = MappingProxyType(
    {"copy-first": copy_nearest, "linear": linear, "dis-flow": by_flow}
)
"""Name on the command line -> method."""


def signed_distance(mask: NDArray[np.bool_]) -> Matte:
    """Return how far each pixel lies inside of a mask's edge (h, w), below 0 outside."""
    inside = mask.astype(np.uint8)
    if mask.all() or not mask.any():
        far = float(np.hypot(*mask.shape))
        return np.full(mask.shape, far if mask.any() else -far, np.float32)
    to_outside = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    to_inside = cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # the edge lies between two pixels, half of one from either
    return np.asarray(np.where(mask, to_outside - 0.5, 0.5 - to_inside), np.float32)


def _centre(depth: Matte) -> NDArray[np.float64]:
    """Return the centre (x, y) of what lies inside; NaN where nothing does."""
    rows, columns = np.nonzero(depth >= 0)
    if not rows.size:
        return np.full(2, np.nan)
    return np.array([columns.mean(), rows.mean()])


def _shifted(depth: Matte, way: NDArray[np.float64]) -> Matte:
    """Return distances that were moved to the right and down, by parts of pixels, too."""
    matrix = np.array([[1, 0, way[0]], [0, 1, way[1]]])
    size = depth.shape[1], depth.shape[0]
    moved = cv2.warpAffine(
        depth, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.float32)


class _Flows:
    """Flow between neighbouring frames, sought when it is first asked for."""

    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._lights = [grey(np.asarray(picture, np.float32) / 255) for picture in pictures]
        self._ways: dict[tuple[int, int], NDArray[np.float16]] = {}

    def way(self, here: int, there: int) -> Flow:
        """Return where each place of a frame is in the frame beside it."""
        if (here, there) not in self._ways:
            found = motion(self._lights[here], self._lights[there])
            self._ways[here, there] = found.astype(np.float16)  # a long shot has to fit
        return self._ways[here, there].astype(np.float32)


def _carried(matte: Matte, way: Flow) -> Matte:
    return np.clip(fetched(matte, way), 0, 1)


def _following(
    frames: int, begin: Callable[[Keys], Between], forget: Callable[[], None] = lambda: None
) -> Follow:
    """Return what makes those frames anew whose nearest keys are others than the last time."""
    last: dict[int, tuple[int | None, int | None]] = {}

    def follow(keys: Keys) -> Iterator[tuple[int, Matte]]:
        between = begin(keys)
        for frame in range(frames):
            before = max((key for key in keys if key <= frame), default=None)
            after = min((key for key in keys if key >= frame), default=None)
            if last.get(frame) == (before, after):
                continue
            last[frame] = before, after
            yield frame, keys[frame] if frame in keys else between(frame, before, after)
        forget()

    return follow


def _one_of(before: int | None, after: int | None) -> int:
    key = after if before is None else before
    if key is None:
        raise StmatteError("There is no key to follow", allowed="one keyed frame or more")
    return key
