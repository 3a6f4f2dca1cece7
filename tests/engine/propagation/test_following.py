# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor

from stmatte.memory.bank import Bank
from stmatte.memory.policies import Policy
from stmatte.networks.protocol import Memory, Query
from stmatte.plan.spans import Pass, Span
from stmatte.propagation.focus import View, Window, extent_of, grids_of, scaled
from stmatte.propagation.following import Followed, Scene, follow_pass
from stmatte.propagation.passes import Sight
from stmatte.propagation.span import met, propagate_span

SIZE, PLATE = (64, 96), (256, 384)
GRIDS = grids_of(SIZE, PLATE[0])
UP = Pass(start=0, frames=tuple(range(1, 13)), heard=())
POLICY = Policy(keys=True, previous=1, every=3)

Truth = Callable[[int], Tensor]
"""Frame -> the object's plane at the plate's size."""


@dataclass
class Bright:
    """Takes what is bright for the object; all that memory holds tells in the last bits.

    sizes  of every picture that was seen
    """

    sizes: list[tuple[int, ...]] = field(default_factory=list)
    name: str = "bright"
    aggregates: bool = False
    policy: Policy = POLICY

    def encode_query(self, image: Tensor) -> Query:
        self.sizes.append(tuple(image.shape[-2:]))
        return Query((image.shape[-2], image.shape[-1]), {"grey": image.mean(dim=0)})

    def encode_memory(self, image: Tensor, query: Query, planes: Tensor) -> Memory:
        del image
        return Memory({}, {"plane": planes[1:] * query.maps["grey"]})

    def segment(self, query: Query, bank: Bank) -> Tensor:
        held = [frame.objects["plane"].mean() / (2 + frame.step % 7) for frame in bank.frames]
        plane = (query.maps["grey"] * (0.9 + 0.05 * torch.stack(held).sum())).clamp(0, 1)
        return torch.stack([1 - plane, plane])


@dataclass
class Shelf:
    """Keeps views; notes which frames were put there."""

    views: dict[int, View] = field(default_factory=dict)
    put: list[int] = field(default_factory=list)

    def recall(self, frame: int) -> View | None:
        return self.views.get(frame)

    def keep(self, frame: int, view: View) -> View:
        self.put.append(frame)
        self.views[frame] = View(view.window, view.planes.half().float())
        return self.views[frame]


def square(row: int, column: int, side: int) -> Tensor:
    """Return the plane of a square; cut off where it leaves the canvas of 128 x 192 units."""
    plane = torch.zeros(PLATE)
    row, column, side = 2 * row, 2 * column, 2 * side
    top, left = max(0, row - side // 2), max(0, column - side // 2)
    plane[top : max(0, row - side // 2 + side), left : max(0, column - side // 2 + side)] = 1
    return plane


def moving(frame: int) -> Tensor:
    return square(64, 40 + 6 * frame, 20)


def growing(frame: int) -> Tensor:
    return square(64, 96, 20 + 2 * frame)


def leaving(frame: int) -> Tensor:
    return moving(frame) if frame < 3 else torch.zeros(PLATE)


def scene(network: Bright, truth: Truth, *, auto: bool = True, blind: int | None = None) -> Scene:
    def see(frame: int, window: Window) -> Sight | None:
        if frame == blind:
            return None
        image = window.cut(scaled(truth(frame), window.grid)).expand(3, -1, -1)
        return Sight(image, network.encode_query(image))

    def given(frame: int, window: Window) -> Tensor:
        return window.cut(scaled(truth(frame), window.grid))

    return Scene(GRIDS if auto else GRIDS[:1], see, given)


def walked(
    truth: Truth, shelf: Shelf | None = None, last: int = 11, **how: bool | int | None
) -> list[Followed]:
    network = Bright()
    looked = scene(network, truth, **how)  # type: ignore[arg-type]
    return list(follow_pass(network, looked, UP, POLICY, shelf or Shelf(), last))


def scales(steps: list[Followed]) -> list[int]:
    return [GRIDS.index(step.view.window.grid) for step in steps]


def same(one: list[Followed], other: list[Followed]) -> bool:
    return [(s.frame, s.view.window) for s in one] == [
        (s.frame, s.view.window) for s in other
    ] and all(torch.equal(a.view.planes, b.view.planes) for a, b in zip(one, other, strict=True))


# --- what is seen ---------------------------------------------------------------------


def test_a_small_object_is_seen_larger_and_its_window_follows_it() -> None:
    steps = walked(moving)

    # 20 of 128 are 0.16 of the canvas: at four times its size 0.63
    assert scales(steps) == [4] * 12
    for step in steps:
        found, true = extent_of(step.view), moving(step.frame)
        whole = extent_of(View(Window.whole(PLATE), torch.stack([1 - true, true])))
        assert found is not None
        assert whole is not None
        assert found.left == pytest.approx(whole.left, abs=0.02)
    assert steps[-1].view.window.corner[1] > steps[0].view.window.corner[1]


def test_the_network_sees_pictures_of_its_own_size_only() -> None:
    network = Bright()

    list(follow_pass(network, scene(network, growing), UP, POLICY, Shelf(), 11))

    assert set(network.sizes) == {SIZE}


def test_a_large_object_is_seen_as_if_nobody_had_asked_for_a_window() -> None:
    def large(frame: int) -> Tensor:
        return square(64, 90 + frame, 110)

    assert scales(walked(large)) == [0] * 12
    assert same(walked(large), walked(large, auto=False))


def test_what_is_seen_larger_has_a_finer_edge() -> None:
    def error(steps: list[Followed]) -> float:
        return sum((s.view.plane_on(PLATE) - moving(s.frame)).abs().mean().item() for s in steps)

    assert error(walked(moving)) < error(walked(moving, auto=False))


def test_a_key_on_the_far_side_that_is_large_keeps_the_whole_canvas() -> None:
    def near(frame: int) -> Tensor:
        return square(64, 96, 110 if frame == 11 else 20)

    network = Bright()
    way = Pass(start=0, frames=tuple(range(1, 11)), heard=(11,))

    steps = list(follow_pass(network, scene(network, near), way, POLICY, Shelf(), 9))

    assert scales(steps) == [0] * 10


# --- an object that grows, and one that is lost ---------------------------------------


def test_an_object_that_outgrows_its_window_is_seen_at_wider_scales() -> None:
    steps = walked(growing)

    found = scales(steps)
    assert found == sorted(found, reverse=True)
    assert found[0] == 4
    assert found[-1] < 4
    for step in steps:  # nowhere is it cut off at the border of a window
        whole = growing(step.frame).sum().item()
        assert step.view.plane_on(PLATE).sum().item() == pytest.approx(whole, rel=0.1)


def test_memory_goes_on_with_the_keys_and_the_frame_that_outgrew_its_window() -> None:
    steps = walked(growing)
    first = next(i for i, scale in enumerate(scales(steps)) if scale < 4)

    assert steps[0].places == (0, *UP.frames)
    assert steps[first].places == (0, *UP.frames[first - 1 :])


def test_a_lost_object_is_looked_for_on_the_whole_canvas_after_five_frames() -> None:
    # it is there on frames 1 and 2, and not on 3 to 7
    assert scales(walked(leaving)) == [4] * 7 + [0] * 5


# --- going on -------------------------------------------------------------------------


@pytest.mark.parametrize("truth", [moving, growing, leaving])
@pytest.mark.parametrize("stop", range(12))
def test_a_pass_that_was_stopped_goes_on_with_the_same_bits(truth: Truth, stop: int) -> None:
    shelf = Shelf()
    walked(truth, shelf, last=stop)
    before = list(shelf.put)

    steps = walked(truth, shelf)

    assert same(steps, walked(truth))
    assert before + shelf.put[len(before) :] == list(UP.frames)  # nothing was made twice


@pytest.mark.parametrize("truth", [moving, growing, leaving])
@pytest.mark.parametrize("gone", UP.frames)
def test_what_got_lost_of_what_was_kept_is_made_again_with_the_same_bits(
    truth: Truth, gone: int
) -> None:
    shelf = Shelf()
    walked(truth, shelf)
    del shelf.views[gone]

    assert same(walked(truth, shelf), walked(truth))


def test_a_frame_that_cannot_be_seen_is_passed_over_and_the_window_stays() -> None:
    steps = walked(moving, blind=4)

    assert [step.frame for step in steps] == [1, 2, 3, *range(5, 13)]
    found = extent_of(steps[3].view)
    assert found is not None
    assert steps[3].view.planes[1].sum() > 0


# --- two passes -----------------------------------------------------------------------


def test_two_passes_meet_on_the_plate_s_canvas() -> None:
    network = Bright()
    up = Pass(0, tuple(range(1, 6)), (6,))
    down = Pass(6, tuple(range(5, 0, -1)), (0,))
    span = Span(up.frames, (0,), (6,), up, down)
    shelves = {up: Shelf(), down: Shelf()}

    steps = propagate_span(network, scene(network, moving), span, POLICY, shelves, set(up.frames))
    found = {step.frame: step.found for step in steps if step.found is not None}

    for frame, each in found.items():
        assert tuple(each.plane.shape) == GRIDS[4]
        assert (scaled(each.plane, PLATE) - moving(frame)).abs().mean() < 0.02


def test_a_pass_that_has_not_looked_somewhere_found_nothing_there() -> None:
    grid = (64, 96)
    sure = torch.full((32, 48), 0.99)
    left = View(Window(grid, (0, 0), (32, 48)), torch.stack([1 - sure, sure]))
    right = View(Window(grid, (0, 24), (32, 48)), torch.stack([1 - sure, sure]))

    found = met((left, right), 0.5)

    assert found.plane[10, 30] == pytest.approx(0.99)  # both
    assert found.plane[10, 60] < 0.1  # only the right one: it may be a leak
    assert found.disagree[10, 60] == pytest.approx(0.99)
    assert found.plane[50, 30] == 0  # none


def test_passes_at_different_scales_meet_on_the_finer_one() -> None:
    half = torch.full(SIZE, 0.5)
    near = View(Window((128, 192), (16, 16), SIZE), torch.stack([1 - half, half]))
    wide = View(Window.whole(SIZE), torch.stack([1 - half, half]))

    found = met((wide, near), 0.5)

    assert tuple(found.plane.shape) == (128, 192)
    assert near.window.cut(found.plane).eq(0.5).all()
