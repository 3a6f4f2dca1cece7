# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import psutil
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from shots import SIZE, Copying, Mixing, picture, pictures, soft_disc
from stmatte import Key, Settings, Shot
from stmatte.errors import StmatteError
from stmatte.memory.policies import Policy
from stmatte.pipeline.budget import (
    GAPS,
    Fit,
    default_budget,
    fit,
    keep_for_one_delivery,
    remembered,
)
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.propagate import propagate_frames, walk
from stmatte.pipeline.report import forecast, stale_mattes
from stmatte.propagation.passes import KeyedMattes, run_pass, seeing
from stmatte.propagation.sights import Sights
from stmatte.store import RamStore

COUNTED = "label-propagation"  # a name that the table of work knows: 282 bytes a pixel
PIXELS = SIZE[0] * SIZE[1]
ALL = 10**12


def shot(frames: int = 10, *, keys: Collection[int] = (1,), **how: Any) -> Shot:
    given_ = tuple(Key(frame, {"hero": soft_disc(40)}) for frame in keys)
    return Shot(pictures(range(1, frames + 1)), given_, settings=Settings(device="cpu", **how))


def planned(of: Shot, network: Copying, store: RamStore | None = None) -> PlannedShot:
    return plan_shot(check_shot(of), network, store or RamStore())


def fitted(of: Shot, budget: int | None = ALL, name: str = COUNTED) -> Fit:
    network = Copying(name=name)
    plan = planned(of, network)
    found = fit(plan, network, plan.plan.frames, budget)
    assert found is not None
    return found


def test_needs_are_added_up_from_what_the_network_keeps() -> None:
    needs = fitted(shot(memory_every=5)).needs

    assert needs.sight == 12 * PIXELS  # three floats a pixel, and the network keeps no maps
    assert needs.bank == 3 * 4 * PIXELS  # key, frame 6 and the previous: a float a pixel each
    assert needs.gaps == round(GAPS * needs.bank)  # of a CPU's heap
    assert needs.again == 0  # one pass comes by once


def test_two_passes_hold_the_frames_between_until_the_second_came_by() -> None:
    # keys on 1 and 10: frames 2-9 lie between, and both keys are heard by both passes
    assert fitted(shot(keys=(1, 10))).needs.again == 10


@settings(deadline=None)
@given(
    policy=st.builds(
        Policy,
        previous=st.integers(0, 4),
        every=st.integers(0, 4),
        most=st.none() | st.integers(1, 3),
    ),
    frames=st.integers(1, 40),
)
def test_a_pass_never_reads_more_memory_frames_than_were_counted(
    policy: Policy, frames: int
) -> None:
    network, key = Copying(policy=policy), KeyedMattes(torch.ones(1, 2, 2), (True,))
    see = seeing(network, lambda _: torch.zeros(3, 2, 2))

    for _ in run_pass(network, see, range(frames + 1), {0: key}, 1):
        pass

    assert max(network.read) == remembered(policy, 0, frames)


def test_what_does_not_fit_is_refused_before_anything_is_seen() -> None:
    network, store = Copying(name=COUNTED), RamStore()
    plan = planned(shot(), network, store)

    with pytest.raises(StmatteError, match="the memory budget is 1 MB") as told:
        walk(plan, network, store, Sights(network), plan.plan.frames, budget=10**6)

    assert network.read == []
    assert told.value.value == fitted(shot()).needs.least


def test_the_working_height_that_is_named_fits_and_the_next_one_does_not() -> None:
    size = (400, 600)
    plate = {frame: picture(frame, size) for frame in (1, 2, 3)}

    def at(height: int, budget: int = ALL) -> Fit:
        how = Settings(working_height=height, device="cpu", memory_frames=1)
        return fitted(Shot(plate, (Key(1, {"hero": soft_disc(40, size)}),), settings=how), budget)

    budget = at(200).needs.least
    refused = at(400, budget).refused

    assert refused is not None
    named = re.search(r"Lower the working height to (\d+), or raise", str(refused))
    assert named is not None
    assert at(int(named[1]), budget).refused is None
    assert at(int(named[1]) + 16, budget).refused is not None


def test_fewer_memory_frames_are_named_where_they_would_fit() -> None:
    long = shot(40, memory_every=1, memory_frames=30)
    needs = fitted(long).needs

    ten = round(10 * (1 + GAPS) * 4 * PIXELS)  # a float a pixel each, and the gaps between
    refused = fitted(long, needs.least - ten).refused

    assert refused is not None
    assert "Lower memory frames to 20, or raise the memory budget to" in str(refused)


@pytest.mark.parametrize("name", ["copying", COUNTED])
def test_a_shot_with_nothing_to_compute_is_never_refused(name: str) -> None:
    network, store = Copying(name=name), RamStore()
    everything = shot(3, keys=(1, 2, 3))

    results = walk(planned(everything, network), network, store, Sights(network), (1,), budget=1)

    assert len(list(results)) == 1


def test_a_network_that_nobody_counted_is_not_refused_and_not_foretold() -> None:
    network, store = Copying(), RamStore()
    plan = planned(shot(), network, store)

    assert fit(plan, network, plan.plan.frames, 1) is None
    assert forecast(plan, store, stale_mattes(plan, store), network).bytes is None


def test_a_forecast_tells_bytes_and_why_they_would_be_refused() -> None:
    network, store = Copying(name=COUNTED), RamStore()
    plan = planned(shot(), network, store)
    stale = stale_mattes(plan, store)

    assert forecast(plan, store, stale, network, ALL).bytes == fitted(shot()).total
    assert forecast(plan, store, stale, network, ALL).refused == ""
    assert "the memory budget is 1 MB" in forecast(plan, store, stale, network, 10**6).refused


def test_sights_get_what_a_budget_leaves() -> None:
    network, store = Copying(name=COUNTED), RamStore()
    both = shot(keys=(1, 10))
    plan, needs = planned(both, network, store), fitted(both).needs
    sights = Sights(network, ALL)

    for _ in walk(
        plan, network, store, sights, plan.plan.frames, budget=needs.least + 3 * needs.sight
    ):
        assert sights.bytes_held <= 3 * needs.sight


def test_without_a_budget_a_long_shot_holds_no_more_than_a_shorter_one() -> None:
    shorter, long = (fitted(shot(n, keys=(1, n)), None) for n in (200, 300))

    assert long.needs.again > shorter.needs.again
    assert long.total == shorter.total


def test_a_delivery_holds_nothing_that_no_pass_will_look_at_again() -> None:
    for keys in ((1,), (1, 10), (4, 7)):
        network, store = Copying(name=COUNTED), RamStore()
        plan = planned(shot(keys=keys), network, store)
        sights = Sights(network, lasting=False)

        held = [sights.bytes_held for _ in walk(plan, network, store, sights, plan.plan.frames)]

        assert held[-1] == 0
        assert (max(held) == 0) is (len(keys) == 1)


@settings(deadline=None, max_examples=20)
@given(budget=st.integers(1, 8), keys=st.sets(st.integers(1, 8), min_size=1, max_size=3))
def test_no_budget_changes_a_matte(budget: int, keys: set[int]) -> None:
    of = shot(8, keys=keys, memory_every=2, memory_frames=2)
    needs = fitted(of, name="stmatte-s").needs

    def mattes(budget: int) -> dict[int, bytes]:
        results = propagate_frames(of, network=Mixing(name="stmatte-s"), budget=budget)
        return {result.frame: result.mattes["hero"].tobytes() for result in results}

    # sights of a network with a map of its own are larger than `fitted` counts them
    assert mattes(2 * needs.least + budget * needs.sight) == mattes(ALL)


def test_half_of_what_is_free_is_allowed_unless_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)

    assert default_budget(torch.device("cpu")) == 500
    assert default_budget(torch.device("cpu"), held=200) == 600  # that could be given up


def test_a_store_in_memory_holds_what_one_delivery_comes_back_to() -> None:
    plane = 2 * PIXELS
    alone, both, other = RamStore(), RamStore(), RamStore(limit=7)

    keep_for_one_delivery(alone, planned(shot(100), Copying()))
    keep_for_one_delivery(both, planned(shot(100, keys=(1, 100)), Copying()))
    keep_for_one_delivery(other, planned(shot(100), Copying()))

    assert both.limit - alone.limit == 98 * plane
    assert other.limit == 7


def test_plates_and_mattes_are_counted_by_the_plate_s_size() -> None:
    size = (2 * SIZE[0], SIZE[1])
    plate = {frame: picture(frame, size) for frame in (1, 2, 3)}
    taller = Shot(plate, (Key(1, {"hero": soft_disc(40, size)}),), settings=Settings(device="cpu"))

    more = fitted(taller).needs.pictures - fitted(shot(3)).needs.pictures

    assert more == (104 + 14) * PIXELS  # the plate has as many pixels again, and one object
