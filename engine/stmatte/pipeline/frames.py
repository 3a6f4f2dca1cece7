# SPDX-License-Identifier: Apache-2.0
"""One frame, all its objects: from what the store holds to mattes of the plate's size.

Objects are propagated alone and meet here. What the artist gave leaves exactly as it was
given; the others share what it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from stmatte.errors import StmatteError
from stmatte.images import Picture, to_display, to_plate
from stmatte.networks.aggregation import aggregate_alone
from stmatte.pipeline.computing import as_seen
from stmatte.pipeline.given import Pixels
from stmatte.pipeline.planned import PlannedShot
from stmatte.pipeline.steadying import Steadying
from stmatte.plan.advice import distance
from stmatte.plan.plan import ObjectPlan
from stmatte.propagation.coverage import to_coverage
from stmatte.propagation.doubt import score, uncertainty
from stmatte.propagation.focus import scaled
from stmatte.propagation.fusing import Found
from stmatte.refine import Guide, Places, refine
from stmatte.store import Store


@dataclass(frozen=True)
class FrameMattes:
    """What is known of one frame when it is done.

    frame        the plate's frame number
    mattes       object name -> (H, W) float32 in [0, 1], of the plate's size; they sum to 1
                 at most, except where the artist's own mattes overlap
    keyed        names of the objects whose matte was given here: by a key, an absence, a lock
    uncertainty  (H, W) float32 in [0, 1], the largest doubt of any object
    scores       object name -> how wrong it is expected to be here, in [0, 1], beside others
    digest       of the mattes and their names
    look         returns the frame (h, w, 3) in [0, 1] as the network sees it
    """

    frame: int
    mattes: Mapping[str, Pixels]
    keyed: tuple[str, ...]
    uncertainty: Pixels
    scores: Mapping[str, float]
    digest: str
    look: Callable[[], NDArray[np.float32]]

    @property
    def display(self) -> NDArray[np.float32]:
        """The frame as the network sees it, for looking."""
        return self.look()


@dataclass(frozen=True)
class Gathered:
    """What was found of a frame's computed objects, by their names."""

    frame: int
    found: Mapping[str, Found]


def gather(
    planned: PlannedShot, store: Store, frame: int, steadying: Steadying | None = None
) -> Gathered | None:
    """Take what was found of a frame from the store; None if something of it is missing.

    steadying  holds how the plate moves, from one frame to the next that is gathered
    """
    steadying = steadying or Steadying(planned)
    found: dict[str, Found] = {}
    for plan in planned.plan.objects:
        if plan.span_at(frame) is not None:
            known = steadying.found(store, plan, frame)
            if known is None:
                return None
            found[plan.name] = known
    return Gathered(frame, found)


def frame_mattes(planned: PlannedShot, gathered: Gathered, *, raw: bool = False) -> FrameMattes:
    """Put a frame together, and bring it to the plate's size.

    raw  give the aggregated probabilities instead of coverage
    """
    plans, frame, found = planned.plan.objects, gathered.frame, gathered.found
    size = planned.checked.plate.size
    given = {
        plan.name: planned.checked.given.matte(frame, plan.name)
        for plan in plans
        if plan.name not in found
    }
    computed = _at_plate(planned, frame, found, raw=raw)
    left = _left(given, size)
    shared = _sharing(computed, left) if given else computed
    doubt = np.zeros(size, np.float32)
    for known in found.values():
        doubt = np.maximum(doubt, to_plate(uncertainty(known).cpu().numpy(), size))
    return FrameMattes(
        frame,
        {plan.name: given.get(plan.name, shared.get(plan.name)) for plan in plans},  # type: ignore[misc]
        tuple(given),
        doubt,
        {plan.name: _score(plan, found.get(plan.name), frame) for plan in plans},
        planned.plan.digest(frame),
        lambda: look(planned, frame),
    )


def _score(plan: ObjectPlan, found: Found | None, frame: int) -> float:
    span = plan.span_at(frame)
    return 0.0 if found is None or span is None else score(found, distance(span, frame))


def _at_plate(
    planned: PlannedShot, frame: int, found: Mapping[str, Found], *, raw: bool
) -> dict[str, Pixels]:
    """Return the computed objects' mattes at the plate's size; together they are at most 1."""
    if not found:
        return {}
    mattes = _together(found, aggregated=planned.aggregated, raw=raw)
    edges = "off" if raw else planned.checked.shot.settings.edges
    size = planned.checked.plate.size
    refined = refine(mattes, size, plate_guide(planned, frame), edges).clamp(0, 1)
    return dict(zip(found, refined.cpu().numpy(), strict=True))


def plate_guide(planned: PlannedShot, frame: int) -> Guide:
    """Return what shows pieces of a plate frame, which is read when the first is asked for."""

    @cache
    def whole() -> Picture:
        picture = planned.reader.read(frame)
        if picture is None:
            raise StmatteError(f"Plate frame {frame} cannot be read", value=frame)
        return picture

    def piece(rows: Places, columns: Places) -> torch.Tensor:
        part = whole().pixels[_index(rows), _index(columns)]
        flat = part[None] if part.ndim == 2 else part  # single pixels are a picture of one row
        shown = to_display(Picture(flat, whole().space), planned.checked.exposure)
        return torch.from_numpy(shown.reshape(part.shape))

    return piece


def _index(places: Places) -> slice | NDArray[np.int64]:
    return places if isinstance(places, slice) else places.cpu().numpy()


def _together(found: Mapping[str, Found], *, aggregated: bool, raw: bool) -> torch.Tensor:
    """Return the computed objects' mattes (N, h, w); together they are at most 1.

    They meet as fine as the one was seen that was seen finest, mostly at working size.
    """
    grid = max((known.plane.shape[0], known.plane.shape[1]) for known in found.values())
    with torch.inference_mode():
        planes = torch.stack([scaled(known.plane, grid) for known in found.values()])
        if raw:
            return aggregate_alone(planes, aggregated=aggregated)
        return to_coverage(planes, aggregated=aggregated)


def _left(given: Mapping[str, Pixels], size: tuple[int, int]) -> Pixels:
    """Return what the given mattes leave of every pixel, in [0, 1]."""
    left: Pixels = np.clip(1 - sum(given.values(), np.zeros(size, np.float32)), 0, 1)
    return left


def _sharing(mattes: Mapping[str, Pixels], left: Pixels) -> dict[str, Pixels]:
    """Return mattes scaled down where together they are more than what is left."""
    if not mattes:
        return {}
    together = sum(mattes.values(), np.zeros_like(left))
    share = np.where(together > left, left / np.maximum(together, np.float32(1e-12)), 1)
    return {name: matte * share.astype(np.float32) for name, matte in mattes.items()}


def look(planned: PlannedShot, frame: int) -> NDArray[np.float32]:
    """Return a frame of the plate (h, w, 3) in [0, 1] as the network sees it."""
    seen = as_seen(planned, frame)
    if seen is None:
        raise StmatteError(f"Plate frame {frame} cannot be read", value=frame)
    return seen
