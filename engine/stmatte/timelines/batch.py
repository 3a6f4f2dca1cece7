# SPDX-License-Identifier: Apache-2.0
"""From a timeline's shots to mattes: one after the other, whatever happens to any of them.

What is there already and fresh is left alone, as always: a batch that was stopped goes on,
and one that is done is done at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stmatte.errors import StmatteError
from stmatte.images import open_plate, read_key
from stmatte.networks.protocol import Network
from stmatte.pipeline import Delivery, Progress, deliver
from stmatte.shot import Key, Matte, Shot
from stmatte.timelines.keys import FoundKey
from stmatte.timelines.shots import Order, TimelineShot

_log = logging.getLogger("stmatte")


@dataclass(frozen=True)
class Outcome:
    """What became of a shot.

    shot      as it was planned
    made      the shot as it was given to the engine; None if it did not come to that
    delivery  what is there now; None after a failure
    scores    plate frame number -> object name -> how doubtful its matte is, in [0, 1]
    problem   why it failed; None if it did not
    """

    shot: TimelineShot
    made: Shot | None = None
    delivery: Delivery | None = None
    scores: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    problem: StmatteError | None = None


def propagate_all(
    shots: Sequence[TimelineShot],
    order: Order,
    *,
    begin: Callable[[TimelineShot], None] | None = None,
    tell: Callable[[Progress], None] | None = None,
    network: Network | None = None,
    **how: Any,
) -> Iterator[Outcome]:
    """Make the mattes of every shot, and yield what became of it.

    begin    told before a shot is begun
    tell     told of every frame
    network  see `deliver`; loaded once for all shots if left out
    how      further words for `deliver`
    """
    for shot in shots:
        if begin is not None:
            begin(shot)
        if shot.problem is not None:
            yield Outcome(shot, problem=shot.problem)
            continue
        scores: dict[int, Mapping[str, float]] = {}

        def told(now: Progress, scores: dict[int, Mapping[str, float]] = scores) -> None:
            scores[now.frame] = now.scores
            if tell is not None:
                tell(now)

        made = None
        try:
            network = network or _loaded(order)
            made = as_shot(shot, order)
            delivery = deliver(
                made,
                replace(order.output, shot=shot.name),
                skip_errors=order.skip_errors or _has_holes(shot),
                spare=[Path(key.matte.path) for key in shot.keys],
                tell=told,
                network=network,
                **how,
            )
        except StmatteError as error:
            yield Outcome(shot, made, scores=scores, problem=error)
        except Exception as defect:  # the other shots of the night are not to suffer
            _log.exception("Shot %s", shot.name)
            yield Outcome(shot, made, scores=scores, problem=_defect(shot, defect))
        else:
            yield Outcome(shot, made, _without_steps(shot, delivery), scores)


def as_shot(shot: TimelineShot, order: Order) -> Shot:
    """Return a shot as the engine takes it; reads the keys whose pictures name their objects.

    Raises StmatteError if such a key cannot be read, or keys contradict each other.
    """
    if shot.media is None or shot.problem is not None:
        raise shot.problem or StmatteError(f'Shot "{shot.name}" has no media', value=shot.name)
    keys = [_key(key, shot.media.pattern, order) for key in shot.keys]
    return Shot(shot.media.pattern, tuple(keys), shot.frames, order.settings)


def _key(key: FoundKey, pattern: str, order: Order) -> Key:
    if key.object:
        return Key(key.frame, {key.object: key.matte})
    if key.matte.label or key.matte.channel:
        raise StmatteError(
            f'Key "{key.matte.path}" has a channel or a label, but no object',
            value=key.matte.path,
            allowed="whoever says where in a picture a matte is says whose it is",
            repair='Add "object" to the marker',
        )
    settings = order.settings
    plate = open_plate(pattern, colorspace=settings.colorspace, layer=settings.layer)
    shown = plate.display.within(plate.canvas)
    path = Path(key.matte.path)
    mattes: dict[str, Matte] = dict(
        read_key(path, order.objects, plate.size, frame=key.frame, shown=shown)
    )
    return Key(key.frame, mattes)


def _loaded(order: Order) -> Network:
    from stmatte.networks.registry import load_for

    return load_for(order.settings)


def _has_holes(shot: TimelineShot) -> bool:
    """Tell whether missing frames are no error: numbers come in steps, or others stand in."""
    return shot.media is not None and (shot.media.hold or shot.media.step > 1)


def _without_steps(shot: TimelineShot, delivery: Delivery) -> Delivery:
    """Return a delivery that does not call frames skipped that never were to be there."""
    media = shot.media
    if media is None or media.step == 1:
        return delivery
    skipped = {
        frame: why
        for frame, why in delivery.skipped.items()
        if (frame - media.first) % media.step == 0
    }
    return Delivery(delivery.files, skipped, delivery.sheet, delivery.fresh, delivery.cancelled)


def _defect(shot: TimelineShot, defect: Exception) -> StmatteError:
    return StmatteError(
        f'Shot "{shot.name}" failed by a defect of STMatte ({type(defect).__name__}: {defect})',
        value=repr(defect),
        allowed="the others are done",
        repair="Please report it",
    )
