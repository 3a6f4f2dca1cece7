# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor

from stmatte.errors import StmatteError
from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Query
from stmatte.networks.tracing import Trace
from stmatte.plan.spans import Pass
from stmatte.propagation.explaining import reading_at, trace
from stmatte.propagation.focus import View
from stmatte.propagation.following import Scene
from stmatte.propagation.passes import seeing
from stmatte.propagation.span import walk_pass

UP = Pass(start=10, frames=(11, 12, 13, 14, 15), heard=(3, 20))
GIVEN = {frame: torch.full((1, 1), frame / 20) for frame in (3, 10, 20)}
POLICY = Policy(keys=True, previous=1, every=2)


def image_of(place: int) -> Tensor:
    return torch.full((3, 1, 1), float(place))


@dataclass
class Shelf:
    """Keeps planes, and counts how many were put there."""

    views: dict[int, View] = field(default_factory=dict)
    put: int = 0

    def recall(self, frame: int) -> View | None:
        return self.views.get(frame)

    def keep(self, frame: int, view: View) -> View:
        self.put += 1
        self.views[frame] = view
        return view


@dataclass
class Noting:
    """Passes on to a network, and holds on to every bank that it read."""

    network: Any
    banks: list[Bank] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def segment(self, query: Query, bank: Bank) -> Tensor:
        self.banks.append(bank)
        return self.network.segment(query, bank)


def scene(network: Any, blind: int | None = None) -> Scene:
    """Return what a pass looks at; it cannot see a frame of which it is said to be blind."""
    see = seeing(network, image_of)
    return Scene(
        ((1, 1),), lambda f, _: None if f == blind else see(f), lambda f, _: GIVEN[f].clone()
    )


@pytest.fixture
def walked(echo: Any) -> tuple[Noting, Shelf]:
    """A pass that has been over its span."""
    network, shelf = Noting(echo), Shelf()
    list(walk_pass(network, scene(network), UP, POLICY, shelf, UP.frames))
    return network, shelf


def test_the_bank_is_the_one_that_the_frame_was_made_from(walked: tuple[Noting, Shelf]) -> None:
    network, shelf = walked
    banks, network.banks = network.banks, []

    for frame, bank in zip(UP.frames, banks, strict=True):
        again = reading_at(network, scene(network), UP, POLICY, shelf, frame).bank
        for one, other in zip(bank.frames, again.frames, strict=True):
            assert (one.step, one.origin, one.said) == (other.step, other.origin, other.said)
            assert torch.equal(one.objects["plane"], other.objects["plane"])


def test_memory_frames_have_the_numbers_that_they_have_on_the_plate(
    walked: tuple[Noting, Shelf],
) -> None:
    network, shelf = walked

    reading = reading_at(network, scene(network), UP, POLICY, shelf, 14)

    # step 0 is frame 10; every second own result stays, and the latest, which is step 3
    assert reading.places == (3, 20, 10, 12, 13)
    assert reading.keys == (True, True, True, False, False)
    assert reading.query.maps["image"][0, 0, 0] == 14


def test_only_the_frame_itself_is_made_again_and_nothing_is_kept(
    walked: tuple[Noting, Shelf],
) -> None:
    network, shelf = walked
    network.banks, before = [], shelf.put

    reading_at(network, scene(network), UP, POLICY, shelf, 15)

    assert len(network.banks) == 1
    assert shelf.put == before


def test_what_got_lost_on_the_way_is_made_again_and_kept(walked: tuple[Noting, Shelf]) -> None:
    network, shelf = walked
    del shelf.views[12]

    reading = reading_at(network, scene(network), UP, POLICY, shelf, 14)

    assert reading.places == (3, 20, 10, 12, 13)
    assert 12 in shelf.views


def test_a_frame_that_cannot_be_seen_has_read_nothing(walked: tuple[Noting, Shelf]) -> None:
    network, shelf = walked

    with pytest.raises(StmatteError, match=r"^Nothing was read at frame 13\.$"):
        reading_at(network, scene(network, blind=13), UP, POLICY, shelf, 13)


def test_a_network_is_asked_about_the_object_that_the_pass_has(
    walked: tuple[Noting, Shelf],
) -> None:
    network, shelf = walked
    reading = reading_at(network, scene(network), UP, POLICY, shelf, 13)

    class Telling:
        def trace(
            self, query: Query, bank: Bank, index: int, pixel: tuple[int, int]
        ) -> tuple[Trace, ...]:
            assert (query, bank, index) == (reading.query, reading.bank, 0)
            return (Trace("matte", pixel, torch.ones(1, 1, 1), 8),)

    assert trace(Telling(), reading, (2, 3))[0].place == (2, 3)
