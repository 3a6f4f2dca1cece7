# SPDX-License-Identifier: Apache-2.0
"""Where a plate goes over to another scene: found and shown, never applied.

Looks at pictures of sixteen rows and holds a few of them, never the plate. A cut is where
no frame shortly after looks like any frame shortly before, and where that stands out from
the motion on either side. So a flash of one or two frames is no cut, a change of exposure
or of white balance is none, and fast motion rarely is one. By the same rule a scene of one
or two frames is taken for a flash. Fades and dissolves, be they of one blended frame, are
mostly not found, nor is a jump cut whose two pictures look alike.

Sources: the difference is one minus the normalised correlation of the two pictures. That a
cut must stand out from its neighbourhood is Yeo and Liu, "Rapid Scene Analysis on
Compressed Video", IEEE TCSVT 5(6), 1995; to hold it against the neighbours' mean is the
AdaptiveDetector of PySceneDetect. Both ask for a ratio; we subtract, because a correlation's
difference has a ceiling: in fast motion nothing can be four times as different. Of 300 joins
of violently moving clips in the benchmark, a ratio of 4 finds 263, the rule below 299.
The numbers below were chosen with tests/benchmarks/cuts.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images.geometry import Size, to_working, working_size
from stmatte.images.plate import Picture, Plate
from stmatte.images.view import to_display
from stmatte.shot import FrameRange

THRESHOLD = 0.25
"""How large a cut's difference is at least, unless said otherwise."""

_HEIGHT = 16  # rows of the pictures that are compared; so few that motion changes little
_SIGHT = 3  # frames compared on either side of a border: one more than a flash may last
_AROUND = 2  # borders on either side that tell how much the plate moves anyway
_RESTLESS = 1.5  # how many times that motion a cut must exceed
_FAINT = 0.05  # contrast (standard deviation) below which colour counts more than structure

Item = TypeVar("Item")


@dataclass(frozen=True)
class Cut:
    """A border between two scenes.

    before      the last frame of the old scene
    frame       the first frame of the new one: what `Shot.cuts` takes
    difference  in (0, 1]: how unlike the scenes are, from 0 (alike but for exposure) to 1
                (nothing in common), less one and a half times the motion around the border
    """

    before: int
    frame: int
    difference: float


def find_cuts(
    plate: Plate,
    frames: FrameRange | None = None,
    threshold: float = THRESHOLD,
    tell: Callable[[int, int], None] | None = None,
) -> Iterator[Cut]:
    """Find the cuts of a plate, ascending, while it is read frame by frame.

    frames     look only at these; None means at the whole plate. What the plate lacks is
               passed over. A gap is no cut by itself: across it the threshold lies halfway
               to 1, as the scene has moved on meanwhile
    threshold  the least difference of a cut, in (0, 1]
    tell       called after each frame with how many are seen and how many there are

    Raises StmatteError at once if the plate has none of the frames or the threshold is not
    possible, and on the way if a frame cannot be read.
    """
    if not 0 < threshold <= 1:
        raise StmatteError(
            f"Threshold {threshold:g} is not possible",
            value=threshold,
            allowed="a number above 0, where more is found, up to 1",
        )
    chosen = tuple(frame for frame in plate.frames if frames is None or frame in frames)
    if not chosen:
        raise StmatteError(
            f"Frames {frames} are not in the plate",
            value=str(frames),
            allowed=f'"{plate.label}" has frames {plate.frames[0]}-{plate.frames[-1]}',
            repair="Choose a range within the plate",
        )
    return _cuts(_borders(_views(plate, chosen, tell)), threshold)


@dataclass(frozen=True)
class _View:
    """What is kept of a frame.

    frame      its number
    colour     (3,) mean of the display view
    structure  (n,) the small view less its colour, scaled so that its square is the variance
    """

    frame: int
    colour: NDArray[np.float32]
    structure: NDArray[np.float32]


def _views(
    plate: Plate, frames: tuple[int, ...], tell: Callable[[int, int], None] | None
) -> Iterator[_View]:
    size = working_size(plate.size, _HEIGHT)
    for done, frame in enumerate(frames, 1):
        yield _view(frame, plate.read(frame), size)
        if tell is not None:
            tell(done, len(frames))


def _view(frame: int, picture: Picture, size: Size) -> _View:
    small = Picture(to_working(picture.pixels, size), picture.space)
    pixels = to_display(small).reshape(-1, 3)
    colour = pixels.mean(axis=0)
    return _View(frame, colour, (pixels - colour).ravel() / np.float32(np.sqrt(pixels.size)))


def _difference(a: _View, b: _View) -> float:
    """Return how unlike two pictures are, in [0, 1].

    Structure is compared without its strength, as exposure and lights change that. Where
    there is next to no structure (black, a clear sky), colour is compared instead.
    """
    faint = _FAINT**2
    alike = a.structure @ b.structure + faint * (1 - np.abs(a.colour - b.colour).mean())
    most = (a.structure @ a.structure + faint) * (b.structure @ b.structure + faint)
    return float(np.clip(1 - alike / np.sqrt(most), 0, 1))


@dataclass(frozen=True)
class _Border:
    """Two frames that follow each other, and how unlike it is before and after, in [0, 1]."""

    before: int
    frame: int
    across: float


def _borders(views: Iterable[_View]) -> Iterator[_Border]:
    """Yield all borders with the least difference of any frame before and any frame after.

    What comes back after a flash was never gone.
    """
    for before, view, after in _neighbours(views, _SIGHT, _SIGHT - 1):
        if before:
            across = min(_difference(a, b) for a, b in product(before, (view, *after)))
            yield _Border(before[-1].frame, view.frame, across)


def _cuts(borders: Iterable[_Border], threshold: float) -> Iterator[Cut]:
    """Yield the borders that stand out from those around them."""
    for before, border, after in _neighbours(borders, _AROUND, _AROUND):
        around = [each.across for each in (*before, *after)]
        motion = sum(around) / len(around) if around else 0.0
        difference = border.across - _RESTLESS * motion
        gap = border.frame - border.before > 1
        if difference >= ((1 + threshold) / 2 if gap else threshold):
            yield Cut(border.before, border.frame, difference)


def _neighbours(
    items: Iterable[Item], before: int, after: int
) -> Iterator[tuple[tuple[Item, ...], Item, tuple[Item, ...]]]:
    """Yield each item between up to `before` items behind it and up to `after` ahead."""
    rest = iter(items)
    behind: deque[Item] = deque(maxlen=before)
    ahead: deque[Item] = deque()
    while True:
        ahead.extend(islice(rest, after + 1 - len(ahead)))
        if not ahead:
            return
        item = ahead.popleft()
        yield tuple(behind), item, tuple(ahead)
        behind.append(item)
