# SPDX-License-Identifier: Apache-2.0
"""From a skeleton to lines that a hand could draw: for each part its longest path.

A skeleton is a graph: pixels are nodes, neighbours are joined. Rings are cut where they are
joined by the longest step, and of the tree that is left the longest path is taken. Where
several would do, the pixel that comes first in reading order decides.
Source: davisinteractive 1.0.4; there the order of hash tables decides.
"""

from __future__ import annotations

from collections import deque

import numpy as np

from stmatte.scribbles.opening import Mask

Pixel = tuple[int, int]
"""Row and column."""

_Joined = dict[Pixel, list[Pixel]]
_CameFrom = dict[Pixel, Pixel]
_AROUND = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]


def longest_paths(skeleton: Mask, fewest: int) -> list[list[Pixel]]:
    """Return the longest path, by its number of pixels, of every part of a skeleton.

    fewest   parts with fewer pixels are left out
    returns  pixels in order along each path; parts in reading order of their first pixel
    """
    joined = _graph(skeleton)
    return [_longest(_without_rings(part)) for part in _parts(joined) if len(part) >= fewest]


def _graph(skeleton: Mask) -> _Joined:
    """Return pixel -> its neighbours, both in reading order."""
    pixels = [(int(row), int(column)) for row, column in np.argwhere(skeleton)]
    there = set(pixels)
    return {
        (y, x): [(y + dy, x + dx) for dy, dx in _AROUND if (y + dy, x + dx) in there]
        for y, x in pixels
    }


def _parts(joined: _Joined) -> list[_Joined]:
    found, seen = [], set[Pixel]()
    for first in joined:
        if first in seen:
            continue
        reached, waiting = {first}, [first]
        while waiting:
            for other in joined[waiting.pop()]:
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
        seen |= reached
        found.append({pixel: list(joined[pixel]) for pixel in joined if pixel in reached})
    return found


def _without_rings(part: _Joined) -> _Joined:
    """Cut rings until none is left: each at its longest step, the first of several."""
    while (ring := _ring(part)) is not None:
        steps = list(zip(ring, [*ring[1:], ring[0]], strict=True))
        one, other = max(steps, key=_squared_length)  # max takes the first of equals
        part[one].remove(other)
        part[other].remove(one)
    return part


def _squared_length(step: tuple[Pixel, Pixel]) -> int:
    (y, x), (to_y, to_x) = step
    return (y - to_y) ** 2 + (x - to_x) ** 2


def _ring(part: _Joined) -> list[Pixel] | None:
    """Return the first ring met in depth from the first pixel, from where it closes; or None."""
    first = next(iter(part))
    trail, came_from = [first], {first: first}
    left = {first: iter(part[first])}
    on_trail = {first: 0}
    while trail:
        here = trail[-1]
        other = next(left[here], None)
        if other is None:
            del on_trail[trail.pop()]
        elif other in on_trail and other != came_from[here]:
            return trail[on_trail[other] :]
        elif other not in came_from:
            came_from[other] = here
            left[other] = iter(part[other])
            on_trail[other] = len(trail)
            trail.append(other)
    return None


def _longest(tree: _Joined) -> list[Pixel]:
    """Return the path from the pixel that is farthest from the first one, to the farthest of it."""
    end, _ = _farthest(tree, next(iter(tree)))
    last, came_from = _farthest(tree, end)
    path = [last]
    while path[-1] != end:
        path.append(came_from[path[-1]])
    return path[::-1]


def _farthest(tree: _Joined, start: Pixel) -> tuple[Pixel, _CameFrom]:
    """Return the pixel most steps away, the one found first, and how each was come to."""
    came_from: _CameFrom = {start: start}
    steps = {start: 0}
    farthest, waiting = start, deque([start])
    while waiting:
        here = waiting.popleft()
        for other in tree[here]:
            if other not in came_from:
                came_from[other] = here
                steps[other] = steps[here] + 1
                if steps[other] > steps[farthest]:
                    farthest = other
                waiting.append(other)
    return farthest, came_from
