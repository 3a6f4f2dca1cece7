# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor

from shots import Copying, pictures, soft_disc
from stmatte import FrameRange, Key, Settings, Shot
from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank
from stmatte.networks.protocol import Query
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.planned import plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.pipeline.suggesting import suggest
from stmatte.plan.advice import Advice
from stmatte.propagation.sights import Sights
from stmatte.shot import Absence, Lock, ObjectSpec
from stmatte.store import RamStore

FRAMES = range(1, 13)
SHOT = Shot(pictures(FRAMES), (Key(1, {"hero": soft_disc(40)}),), None, Settings(device="cpu"))


@dataclass
class Doubting(Copying):
    """Copies, but doubts everything on frames whose pictures are all white."""

    def encode_query(self, image: Tensor) -> Query:
        return Query((image.shape[-2], image.shape[-1]), {"image": image})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        planes = super().segment(query, bank)
        if query.maps["image"].min() == 1:
            return torch.full_like(planes, 0.5)
        return planes


def whitened(*frames: int) -> Shot:
    plate = dict(SHOT.plate)  # type: ignore[call-overload]
    for frame in frames:
        plate[frame] = plate[frame] * 0 + 255
    return replace(SHOT, plate=plate)


def suggested(shot: Shot, count: int = 1, propagated: range = FRAMES) -> list[Advice]:
    network, store = Doubting(), RamStore()
    planned = plan_shot(check_shot(shot), network, store)
    for _ in walk(planned, network, store, Sights(network), propagated):
        pass
    return suggest(planned, store, count)


def test_the_doubtful_frame_is_advised() -> None:
    # the network goes on copying what it doubted, which then is no doubt of the frame's own
    shot = whitened(*FRAMES[7:])  # from 8 on

    (advice,) = suggested(shot)

    assert advice.object == "hero"
    assert 8 <= advice.frame <= 12


def test_a_shot_without_doubt_needs_no_key() -> None:
    assert suggested(replace(SHOT, keys=(Key(1, {"hero": soft_disc(40) > 0.5}),))) == []


def test_only_frames_that_are_computed_are_advised() -> None:
    lock = Lock("hero", FrameRange(9, 10), {f: soft_disc(40) for f in (9, 10)})
    shot = replace(
        whitened(*FRAMES[1:]), absences=(Absence("hero", FrameRange(4, 5)),), locks=(lock,)
    )

    found = suggested(shot, 20)

    assert {advice.frame for advice in found} <= {2, 3, 6, 7, 8, 11, 12}
    assert found


def test_objects_are_told_apart() -> None:
    shot = replace(
        whitened(*FRAMES[1:6]),
        keys=(Key(1, {"hero": soft_disc(30)}), Key(8, {"car": soft_disc(70)})),
        specs=(ObjectSpec("hero"), ObjectSpec("car")),
    )

    assert {advice.object for advice in suggested(shot, 20)} == {"hero", "car"}


def test_stale_frames_are_named_with_what_to_do() -> None:
    with pytest.raises(StmatteError) as refused:
        suggested(SHOT, propagated=range(1, 6))

    assert str(refused.value) == (
        "Frames 6-12 are stale: advice looks at mattes that are there. "
        "Run stmatte propagate on the shot first, with the same store."
    )


def test_a_frame_that_was_passed_over_is_not_asked_for() -> None:
    pixels = dict(SHOT.plate)  # type: ignore[call-overload]
    pixels[5] = pixels[5][:10]  # of another size: it cannot be read
    network, store = Doubting(), RamStore()
    shot = replace(SHOT, plate=pixels)
    passed: list[int] = []
    planned = plan_shot(check_shot(shot), network, store, lambda frame, _: passed.append(frame))
    for _ in walk(planned, network, store, Sights(network), FRAMES):
        pass

    found = suggest(planned, store, 20)

    assert passed == [5]
    assert 5 not in {advice.frame for advice in found}


def test_asking_for_nothing_is_refused() -> None:
    with pytest.raises(StmatteError, match=r"^0 pieces of advice are not possible: 1 or more\.$"):
        suggested(SHOT, 0)
