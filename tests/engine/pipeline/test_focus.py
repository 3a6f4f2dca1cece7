# SPDX-License-Identifier: Apache-2.0
"""Looking through windows changes what is seen, and nothing that was promised."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from shots import Mixing, picture, soft_disc
from stmatte import Key, Settings, Shot
from stmatte.networks.protocol import Query
from stmatte.networks.registry import load_network
from stmatte.pipeline import propagate_frames
from stmatte.pipeline.budget import fit
from stmatte.pipeline.checks import check_shot
from stmatte.pipeline.computing import found_in_store
from stmatte.pipeline.explaining import explain
from stmatte.pipeline.explaining import picture as explained
from stmatte.pipeline.frames import FrameMattes, frame_mattes
from stmatte.pipeline.keeping import KeptPass
from stmatte.pipeline.planned import PlannedShot, plan_shot
from stmatte.pipeline.propagate import walk
from stmatte.plan.plan import changed
from stmatte.propagation.focus import View, Window
from stmatte.propagation.sights import Sights
from stmatte.store import RamStore

SIZE = (128, 192)
SEEN = (64, 96)
FRAMES = range(1, 9)
PLATE = {frame: picture(frame, SIZE) for frame in FRAMES}
AUTO = Settings(device="cpu", working_height=64, memory_every=2, memory_frames=2, focus="auto")
OFF = replace(AUTO, focus="off")


@dataclass
class Looking(Mixing):
    """Mixing, which takes more from the picture and notes how large pictures are."""

    sizes: set[tuple[int, int]] = field(default_factory=set)

    def encode_query(self, image: Tensor) -> Query:
        self.sizes.add((image.shape[-2], image.shape[-1]))
        return super().encode_query(image)


def disc(frame: int, radius: float = 12) -> np.ndarray[Any, Any]:
    return soft_disc(30 + 2 * frame, SIZE, radius)


def shot(*keys: int, using: Settings = AUTO, radius: float = 12) -> Shot:
    return Shot(PLATE, tuple(Key(f, {"hero": disc(f, radius)}) for f in keys), None, using)


def made(
    asked: Shot, store: RamStore | None = None, steps: int | None = None
) -> dict[int, FrameMattes]:
    """Propagate, and stop after some steps."""
    network, store = Looking(), store or RamStore()
    planned = plan_shot(check_shot(asked), network, store)
    sights = Sights(network, budget=2_000_000)
    done = {}
    for step, found in enumerate(walk(planned, network, store, sights, FRAMES)):
        if found is not None:
            done[found.frame] = frame_mattes(planned, found)
        if step == steps:
            break
    return done


def same(one: dict[int, FrameMattes], other: dict[int, FrameMattes]) -> bool:
    return one.keys() == other.keys() and all(
        one[f].mattes.keys() == other[f].mattes.keys()
        and all(np.array_equal(m, other[f].mattes[name]) for name, m in one[f].mattes.items())
        for f in one
    )


def planned_of(asked: Shot) -> tuple[PlannedShot, RamStore]:
    network, store = Looking(), RamStore()
    planned = plan_shot(check_shot(asked), network, store)
    for _ in walk(planned, network, store, Sights(network), FRAMES):
        pass
    return planned, store


# --- what it changes ------------------------------------------------------------------


def test_a_small_object_comes_out_finer_and_the_network_sees_its_own_size() -> None:
    network = Looking()

    auto = {r.frame: r for r in propagate_frames(shot(1), network=network)}

    assert network.sizes == {SEEN}
    assert not same(auto, made(shot(1, using=OFF)))
    assert {r.mattes["hero"].shape for r in auto.values()} == {SIZE}
    assert np.array_equal(auto[1].mattes["hero"], disc(1))


def test_what_was_seen_larger_is_kept_as_fine_as_it_was_seen() -> None:
    planned, store = planned_of(shot(1))

    found = found_in_store(planned, store, planned.plan.objects[0], 4)

    assert found is not None
    assert tuple(found.plane.shape) == SIZE  # the disc fills 24 of 128 lines: twice as large fits


def test_a_large_object_is_made_to_the_last_bit_as_without_windows() -> None:
    large, without = shot(1, 8, radius=50), shot(1, 8, radius=50, using=OFF)

    assert same(made(large), made(without))


def test_a_plate_no_larger_than_the_network_s_picture_has_nothing_to_look_closer_at() -> None:
    close = replace(AUTO, working_height=128)

    assert same(made(shot(1, 8, using=close)), made(shot(1, 8, using=replace(close, focus="off"))))


def test_the_setting_is_part_of_what_mattes_depend_on() -> None:
    auto, off = (
        plan_shot(check_shot(shot(1, using=using)), Looking(), RamStore()).plan
        for using in (AUTO, OFF)
    )

    assert changed(off, auto) == {"hero": tuple(range(2, 9))}  # all but the key


# --- what it doesn't ------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from(FRAMES), min_size=1, max_size=3), min_size=2, max_size=4),
    st.integers(0, 12),
)
def test_keys_that_come_and_go_leave_the_same_bits_as_from_scratch(
    edits: list[set[int]], stop: int
) -> None:
    store = RamStore()
    for keys in edits[:-1]:
        made(shot(*keys), store, stop)

    assert same(made(shot(*edits[-1]), store), made(shot(*edits[-1])))


@pytest.mark.parametrize("stop", range(0, 14, 3))
def test_a_run_that_was_stopped_goes_on_with_the_same_bits(stop: int) -> None:
    store = RamStore()
    made(shot(1, 8), store, stop)

    assert same(made(shot(1, 8), store), made(shot(1, 8)))


def test_an_object_has_the_same_bits_whatever_others_are_seen_through_windows() -> None:
    car = soft_disc(150, SIZE, 9)
    both = Shot(PLATE, (Key(1, {"hero": disc(1), "car": car}),), None, AUTO)
    planned, store = planned_of(both)
    alone, beside = planned_of(shot(1))

    for frame in FRAMES[1:]:
        one = found_in_store(planned, store, planned.plan.object("hero"), frame)
        other = found_in_store(alone, beside, alone.plan.objects[0], frame)
        assert one is not None
        assert other is not None
        assert torch.equal(one.plane, other.plane)


def test_objects_that_are_seen_at_different_scales_meet_and_sum_to_one_at_most() -> None:
    keys = (Key(1, {"hero": disc(1), "wall": np.clip(soft_disc(96, SIZE, 60) - disc(1), 0, 1)}),)

    for result in made(Shot(PLATE, keys, None, AUTO)).values():
        assert sum(result.mattes.values()).max() <= 1 + 1e-5  # type: ignore[union-attr]


def test_it_takes_no_more_memory() -> None:
    def total(using: Settings) -> int:
        network = load_network("label-propagation", "cpu")
        planned = plan_shot(check_shot(shot(1, 8, using=using)), network, RamStore())
        found = fit(planned, network, FRAMES, 10**9)
        assert found is not None
        return found.total

    assert total(AUTO) == total(OFF)


def test_nothing_that_was_seen_is_held_when_a_delivery_is_done() -> None:
    network, store = Looking(), RamStore()
    planned = plan_shot(check_shot(shot(1, 8)), network, store)
    sights = Sights(network, lasting=False)

    for _ in walk(planned, network, store, sights, FRAMES):
        pass

    assert sights.bytes_held == 0


def test_what_is_seen_larger_can_be_steadied_and_keeps_its_detail() -> None:
    steady = replace(AUTO, steady=True)

    mattes = {frame: result.mattes["hero"] for frame, result in made(shot(1, using=steady)).items()}

    assert sorted(mattes) == list(FRAMES)
    without = made(shot(1))[5].mattes["hero"]
    coarse = made(shot(1, using=replace(steady, focus="off")))[5].mattes["hero"]
    assert 0 < np.abs(mattes[5] - without).mean() < np.abs(mattes[5] - coarse).mean()


# --- what is kept ---------------------------------------------------------------------


def test_a_window_is_kept_with_its_plane() -> None:
    store = RamStore()
    kept = KeptPass(store, {7: "0" * 32}, torch.device("cpu"))
    plane = torch.rand(4, 6)
    window = Window((40, 60), (8, 16), (4, 6))

    back = kept.keep(7, View(window, torch.stack([1 - plane, plane])))
    again = kept.recall(7)

    assert again is not None
    assert (back.window, again.window) == (window, window)
    assert torch.equal(back.planes, again.planes)
    assert torch.allclose(again.planes[1], plane, atol=1 / 65535)


@pytest.mark.parametrize("payload", [b"STMW", b"STMW" + bytes(16), b"STMWxxxxyyyyzzzzaaaaSTMP"])
def test_a_damaged_plane_is_made_again(payload: bytes) -> None:
    store = RamStore()
    store.put("0" * 32, payload)

    assert KeptPass(store, {7: "0" * 32}, torch.device("cpu")).recall(7) is None


# --- why a pixel is as it is ----------------------------------------------------------


def test_a_pixel_outside_the_window_was_not_looked_at() -> None:
    network, store = load_network("label-propagation", "cpu"), RamStore()
    planned = plan_shot(check_shot(shot(1)), network, store)
    sights = Sights(network)
    for _ in walk(planned, network, store, sights, FRAMES):
        pass

    far = explain(planned, network, store, sights, 3, (190, 2), "hero")
    near = explain(planned, network, store, sights, 3, (36, 64), "hero")

    assert far.matte == 0
    assert far.passes[0].reads == ()
    assert near.passes[0].reads[0].sources[0].heat.shape == SEEN
    assert near.passes[0].reads[0].sources[0].heat[32, 16:20].max() > 0
    assert len(explained(planned, far)) < len(explained(planned, near))  # it has no row of frames
