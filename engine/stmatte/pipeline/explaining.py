# SPDX-License-Identifier: Apache-2.0
"""Why a pixel is as it is: the keys and memory frames that it was read from.

Asks the very passes that the matte was fused from. Knows what the store holds; the network
runs once a pass, for the frame in question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.images.preview import Shown
from stmatte.images.trace import View, trace_sheet
from stmatte.networks.protocol import Network
from stmatte.networks.tracing import Explains, Trace
from stmatte.pipeline.computing import found_in_store, scene_of, see_plate
from stmatte.pipeline.frames import FrameMattes, frame_mattes, gather, look
from stmatte.pipeline.keeping import KeptPass
from stmatte.pipeline.planned import PlannedShot
from stmatte.plan.plan import ObjectPlan
from stmatte.plan.spans import Span
from stmatte.propagation.explaining import Reading, reading_at, trace
from stmatte.propagation.focus import Window, scaled
from stmatte.propagation.following import Scene
from stmatte.propagation.sights import Sights
from stmatte.store import Store

COUNTS = 0.0005
"""A memory frame with a smaller share is left out: it would be told as 0.0 %."""

MOST = 8
"""Memory frames of a pass that a picture shows."""


@dataclass(frozen=True, eq=False)
class Source:
    """A memory frame that a place was read from.

    frame  its plate frame number
    key    whether it is a key; else it is what the pass itself made there
    share  how much it counted, in [0, 1]
    heat   (h, w) how much each place of it counted, at the network's size: every pixel has
           its place's weight
    matte  (h, w) in [0, 1], what memory holds of the object there
    """

    frame: int
    key: bool
    share: float
    heat: NDArray[np.float32]
    matte: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Read:
    """One of the reads of a network.

    what     what was read, in a word: "matte", "features"
    sources  the largest share first
    """

    what: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, eq=False)
class PassRead:
    """What one pass read.

    start     frame of the key that it began at
    forward   whether it went upwards
    share     how much the pass counts in the matte, in [0, 1]
    reads     the most telling one first; none where the pass looked through a window that
              the pixel is outside of
    """

    start: int
    forward: bool
    share: float
    reads: tuple[Read, ...]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where a pixel's matte comes from.

    pixel   (x, y) on the plate, from the top left, from 0 on
    matte   of the object at that pixel, in [0, 1]
    seen    (x, y) of the same pixel at the network's size
    passes  one, or two between two keys, the forward one first
    display (h, w, 3) in [0, 1], the frame as the network sees it
    plane   (h, w) in [0, 1], the object's matte at that size
    """

    frame: int
    object: str
    pixel: tuple[int, int]
    matte: float
    seen: tuple[int, int]
    passes: tuple[PassRead, ...]
    display: NDArray[np.float32]
    plane: NDArray[np.float32]


def explain(
    planned: PlannedShot,
    network: Network,
    store: Store,
    sights: Sights,
    frame: int,
    pixel: tuple[int, int],
    name: str | None = None,
) -> Explanation:
    """Tell where an object's matte at one pixel was read from.

    frame  of the shot, propagated
    pixel  (x, y) on the plate, from the top left, from 0 on
    name   whose matte; None takes the object that claims most of the pixel

    Raises StmatteError if the network cannot tell, if frame, pixel or object are not of the
    shot, if the frame's matte was given or is stale, or if no key shows the object.
    """
    _check_place(planned, frame, pixel, name)
    if not isinstance(network, Explains):
        raise StmatteError(f'Model "{network.name}" cannot tell where it reads', value=network.name)
    x, y = pixel
    if name is not None:
        _computed(planned.plan.object(name), frame)  # told before anything has to be fresh
    gathered = gather(planned, store, frame)
    if gathered is None:
        raise stale_frame(frame)
    mattes = frame_mattes(planned, gathered)
    plan = planned.plan.object(name or _largest(mattes, pixel))
    span = _computed(plan, frame)
    found = found_in_store(planned, store, plan, frame)
    if found is None:
        raise stale_frame(frame)
    (height, width), (h, w) = planned.checked.plate.size, planned.size
    seen = x * w // width, y * h // height
    scene = scene_of(planned, see_plate(planned, sights), plan)
    passes = []
    for way in span.passes:
        kept = KeptPass(store, plan.ways[way], planned.device)
        reading = reading_at(network, scene, way, planned.policy, kept, frame)
        inside = reading.window.place_of((y, x), (height, width))
        traces = () if inside is None else trace(network, reading, inside)
        held = _held(reading, scene, kept)
        reads = tuple(Read(each.what, _sources(each, reading, held, (h, w))) for each in traces)
        share = span.forward_share(frame)
        forward = way is span.forward
        passes.append(PassRead(way.start, forward, share if forward else 1 - share, reads))
    return Explanation(
        frame,
        plan.name,
        pixel,
        float(mattes.mattes[plan.name][y, x]),
        seen,
        tuple(passes),
        mattes.display,
        scaled(found.plane, planned.size).cpu().numpy(),
    )


def picture(planned: PlannedShot, explanation: Explanation) -> Shown:
    """Return a picture of an explanation: the pixel, and below it the frames it was read from.

    Raises StmatteError if the plate cannot be read at one of them.
    """
    asked = explanation
    x, y = asked.pixel
    title = f'{asked.frame}: "{asked.object}" is {asked.matte:.2f} at {x},{y}'
    rows = []
    for way in asked.passes:
        if not way.reads:
            continue
        read = way.reads[0]
        views = [
            View(in_words(source), look(planned, source.frame), source.matte, source.heat)
            for source in read.sources[:MOST]
        ]
        rows.append((f"{heading(way)}: where its {read.what} was read", views))
    return trace_sheet(View(title, asked.display, asked.plane, mark=asked.seen), rows)


def heading(way: PassRead) -> str:
    """Return which pass this is, in words."""
    direction = "Forward" if way.forward else "Backward"
    words = f"{direction} from the key at {way.start}"
    return words if way.share == 1 else f"{words}, counts {100 * way.share:.0f} %"


def in_words(source: Source) -> str:
    """Return which memory frame this is and how much it counted, in words."""
    return f"{'key' if source.key else 'own result'} {source.frame}: {100 * source.share:.1f} %"


def stale_frame(frame: int) -> StmatteError:
    """Return the error for a frame whose matte the store has not."""
    return StmatteError(
        f"Frame {frame} is stale",
        value=frame,
        allowed="only what was propagated can be looked into",
        repair="Run stmatte propagate on the shot first, with the same store",
    )


def _largest(mattes: FrameMattes, pixel: tuple[int, int]) -> str:
    x, y = pixel
    return max(mattes.mattes, key=lambda name: mattes.mattes[name][y, x])


def _held(reading: Reading, scene: Scene, kept: KeptPass) -> list[Tensor]:
    """Return the mattes of the whole canvas that memory holds, in the order of the bank."""
    views = (
        scene.key(frame, Window.whole(scene.size)) if key else kept.recall(frame)
        for frame, key in zip(reading.places, reading.keys, strict=True)
    )
    empty = torch.zeros(scene.size)
    return [empty if view is None else view.plane_on(scene.size) for view in views]


def _sources(
    each: Trace, reading: Reading, held: Sequence[Tensor], size: tuple[int, int]
) -> tuple[Source, ...]:
    heats = each.over(reading.window.size)
    told = zip(reading.places, reading.keys, each.shares, heats, reading.windows, held, strict=True)
    sources = [
        Source(
            frame,
            key,
            share,
            scaled(window.placed(heat), size).cpu().numpy(),
            matte.cpu().numpy(),
        )
        for frame, key, share, heat, window, matte in told
        if share >= COUNTS
    ]
    return tuple(sorted(sources, key=lambda source: -source.share))


def _check_place(
    planned: PlannedShot, frame: int, pixel: tuple[int, int], name: str | None
) -> None:
    frames, (height, width) = planned.plan.frames, planned.checked.plate.size
    if frame not in frames:
        raise StmatteError(
            f"Frame {frame} is not in the shot",
            value=frame,
            allowed=f"it has frames {frames[0]}-{frames[-1]}",
        )
    if not (0 <= pixel[0] < width and 0 <= pixel[1] < height):
        raise StmatteError(
            f"Pixel {pixel[0]},{pixel[1]} is outside the plate",
            value=pixel,
            allowed=f"x is 0 to {width - 1}, y is 0 to {height - 1}, from the top left",
        )
    names = planned.checked.shot.objects
    if name is not None and name not in names:
        raise StmatteError(
            f'The shot has no object "{name}"', value=name, allowed=f"it has {', '.join(names)}"
        )


def _computed(plan: ObjectPlan, frame: int) -> Span:
    """Return the span that made a frame of an object, with its passes."""
    span = plan.span_at(frame)
    if span is None:
        said = plan.said[frame]
        how = "locked" if said.locked else "said to be absent" if said.absent else "keyed"
        raise StmatteError(
            f'Object "{plan.name}" is {how} at frame {frame}',
            value=frame,
            allowed="its matte there is what was given, nothing was read for it",
            repair="Choose a frame between keys",
        )
    if not span.passes:
        raise StmatteError(
            f'No key shows object "{plan.name}" around frame {frame}',
            value=frame,
            allowed="its matte there is 0, nothing was read for it",
            repair="Key the object on one side of the frame",
        )
    return span
