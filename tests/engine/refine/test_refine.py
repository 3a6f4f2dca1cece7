# SPDX-License-Identifier: Apache-2.0
"""The laws of scaling mattes to the plate: nothing shifts, leaks, rings or is won or lost."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.refine import Guide, Places, guided, plain, refine
from stmatte.refine.grid import axis, widened
from stmatte.settings import Edges

WAYS: tuple[Edges, ...] = ("off", "guided")
INSIDE, OUTSIDE = torch.tensor([0.8, 0.3, 0.2]), torch.tensor([0.1, 0.4, 0.6])


def shows(plate: Tensor) -> Guide:
    return lambda rows, columns: plate[rows, columns]


def small_of(matte: Tensor, size: tuple[int, int]) -> Tensor:
    """Average a matte (H, W) by area, exactly."""
    rows = axis(size[0], matte.shape[0], matte.device).mean
    columns = axis(size[1], matte.shape[1], matte.device).mean
    return rows @ matte @ columns.mT


def lit(matte: Tensor) -> Tensor:
    """Return a plate (H, W, 3) in which the object has one colour and all else another."""
    return matte[..., None] * INSIDE + (1 - matte[..., None]) * OUTSIDE


def half_plane(size: tuple[int, int], edge: float, slope: float = 0.0) -> Tensor:
    """Return the coverage of all that lies right of a nearly vertical edge at half height."""
    rows = torch.arange(size[0])[:, None] + 0.5 - size[0] / 2
    columns = torch.arange(size[1]) + 1.0
    return (columns - edge - slope * rows).clamp(0, 1)


def crossing(row: Tensor) -> float:
    """Return where a row of pixels, by centres, first passes one half."""
    after = int((row >= 0.5).int().argmax())
    low, high = float(row[after - 1]), float(row[after])
    return after - 0.5 + (0.5 - low) / (high - low)


def discs(size: tuple[int, int]) -> Tensor:
    """Return two soft discs (2, H, W), one of them cut by the border, that sum to at most 1."""
    down = torch.arange(size[0])[:, None] + 0.5
    along = torch.arange(size[1]) + 0.5
    one = (size[0] / 3.1 - torch.hypot(down - size[0] / 2.2, along - size[1] / 3)) / 3 + 0.5
    two = (size[0] / 4.3 - torch.hypot(down - size[0] / 1.7, along - size[1])) / 3 + 0.5
    one, two = one.clamp(0, 1), two.clamp(0, 1)
    return torch.stack([one, torch.minimum(two, 1 - one)])


def noise(size: tuple[int, int], seed: int) -> Tensor:
    return torch.rand(*size, 3, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("edges", WAYS)
@settings(max_examples=12, deadline=None)
@given(
    size=st.tuples(st.integers(17, 60), st.integers(17, 60)),
    scales=st.tuples(st.floats(1, 5), st.floats(1, 5)),
    seed=st.integers(0, 99),
)
def test_a_flipped_plate_has_the_flipped_matte(
    edges: Edges, size: tuple[int, int], scales: tuple[float, float], seed: int
) -> None:
    large = round(size[0] * scales[0]), round(size[1] * scales[1])
    mattes, plate = discs(size), noise(large, seed)
    found = refine(mattes, large, shows(plate), edges)

    for axes in ((1,), (2,), (1, 2)):
        turned = plate.flip([a - 1 for a in axes])
        flipped = refine(mattes.flip(axes), large, shows(turned), edges)
        assert torch.allclose(flipped.flip(axes), found, atol=2e-4)


@pytest.mark.parametrize("edges", WAYS)
@pytest.mark.parametrize("scale", [1, 2, 3, 5])
def test_a_plate_that_is_shifted_has_the_shifted_matte(edges: Edges, scale: int) -> None:
    down, along = 3, 7  # pixels of the working size: then the plate's are whole, too
    mattes, plate = torch.zeros(1, 60, 60), noise((60 * scale, 60 * scale), 1)
    mattes[:, 20:38, 18:36] = 0.4 + 0.6 * discs((18, 18))[:1]
    found = refine(mattes, (60 * scale, 60 * scale), shows(plate), edges)

    moved = plate.roll((down * scale, along * scale), (0, 1))
    shifted = refine(
        mattes.roll((down, along), (1, 2)), (60 * scale, 60 * scale), shows(moved), edges
    )

    back = shifted.roll((-down * scale, -along * scale), (1, 2))
    assert torch.allclose(back, found, atol=1e-4)


@pytest.mark.parametrize("slope", [0.0, 0.3])
@pytest.mark.parametrize("height", [90, 120, 135, 161, 271, 360, 450])
def test_a_straight_edge_stays_in_its_place(height: int, slope: float) -> None:
    width, working = round(1.5 * height), (90, 135)
    for part in (0.0, 0.2, 0.45, 0.7):
        edge = width // 2 + part
        truth = half_plane((height, width), edge, slope)
        mattes = small_of(truth, working)[None]

        found = refine(mattes, (height, width), shows(lit(truth)), "guided")[0]
        scaled = refine(mattes, (height, width), shows(lit(truth)), "off")[0]

        for row in range(height // 3, 2 * height // 3, 7):
            assert crossing(found[row]) == pytest.approx(crossing(truth[row]), abs=0.1)
        middle = slice(height // 3, 2 * height // 3)
        right = truth[middle].sum()
        assert float((found[middle].sum() - right) / (height // 3)) == pytest.approx(0, abs=0.05)
        assert float((scaled[middle].sum() - right) / (height // 3)) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("edges", WAYS)
def test_an_edge_goes_on_to_the_border_of_the_frame(edges: Edges) -> None:
    truth = half_plane((200, 200), 101.5)
    mattes = small_of(truth, (50, 50))[None]

    found = refine(mattes, (200, 200), shows(lit(truth)), edges)[0]

    assert torch.allclose(found, found[100].expand(200, 200), atol=1e-4)


@pytest.mark.parametrize("edges", WAYS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), scale=st.floats(1, 4))
def test_objects_stay_shares_of_a_pixel(edges: Edges, seed: int, scale: float) -> None:
    drawn = torch.rand(4, 40, 50, generator=torch.Generator().manual_seed(seed)) ** 3
    mattes = drawn[:3] / drawn.sum(dim=0)
    size = round(40 * scale), round(50 * scale)

    found = refine(mattes, size, shows(noise(size, seed)), edges)

    assert found.min() >= 0
    assert found.sum(dim=0).max() <= 1 + 1e-5


@pytest.mark.parametrize("edges", WAYS)
def test_no_seam_opens_between_objects_that_fill_a_pixel(edges: Edges) -> None:
    one = half_plane((40, 40), 20.3, 0.4)
    mattes = torch.stack([one, 1 - one])

    found = refine(mattes, (150, 170), shows(noise((150, 170), 3)), edges)

    assert found.sum(dim=0).min() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("edges", WAYS)
def test_what_is_solid_around_stays_exactly_solid(edges: Edges) -> None:
    mattes = discs((60, 80))
    size = (191, 333)
    nearest = mattes[:, (torch.arange(191) * 60) // 191][..., (torch.arange(333) * 80) // 333]
    band = widened(plain.uneven(mattes), 2)  # in pixels of the working size
    band = band[:, (torch.arange(191) * 60) // 191][..., (torch.arange(333) * 80) // 333]

    found = refine(mattes, size, shows(noise(size, 5)), edges)

    assert (found[~band] == nearest[~band]).all()
    assert ((found == 0) | (found == 1))[~band].all()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_empty_or_full_matte_never_asks_for_the_plate(value: float) -> None:
    def refuse(rows: Places, columns: Places) -> Tensor:
        raise AssertionError((rows, columns))

    for size in ((40, 60), (100, 150)):
        found = refine(torch.full((1, 40, 60), value), size, refuse, "guided")
        assert (found == value).all()


def test_only_the_plate_around_edges_is_asked_for() -> None:
    asked = torch.zeros(1200, 1200)

    def show(rows: Places, columns: Places) -> Tensor:
        asked[rows, columns] += 1
        return torch.full((*asked[rows, columns].shape, 3), 0.5)

    mattes = torch.zeros(1, 300, 300)
    mattes[:, 100:120, 100:120] = 1

    refine(mattes, (1200, 1200), show, "guided")

    assert asked.max() == 1
    # 20 pixels of 300 and 11 on each side, which are sure to be enough: (42 / 300)^2 = 0.0196
    assert 0.015 < (asked > 0).float().mean() < 0.02


@pytest.mark.parametrize("scale", [1, 2.7])
def test_what_is_far_from_edges_says_nothing(scale: float) -> None:
    mattes, size = discs((60, 80)), (round(60 * scale), round(80 * scale))
    plate, asked = noise(size, 11), torch.zeros(size, dtype=torch.bool)

    def show(rows: Places, columns: Places) -> Tensor:
        asked[rows, columns] = True
        return plate[rows, columns]

    found = refine(mattes, size, show, "guided")
    other = torch.where(asked[..., None], plate, 1 - plate)

    assert not asked.all()
    assert torch.equal(refine(mattes, size, shows(other), "guided"), found)


def test_an_object_alone_is_as_it_is_beside_one_that_is_elsewhere() -> None:
    mattes, plate = torch.zeros(2, 120, 120), noise((331, 331), 13)
    mattes[0, 5:40, 5:40] = 0.9 * discs((35, 35))[0]
    mattes[1, 80:115, 80:115] = discs((35, 35))[0]

    both = refine(mattes, (331, 331), shows(plate), "guided")

    for index in (0, 1):
        alone = refine(mattes[index : index + 1], (331, 331), shows(plate), "guided")
        assert torch.allclose(both[index], alone[0], atol=1e-6)


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 10)), max_size=4),
)
def test_a_region_reaches_so_many_pixels_farther(by: int, places: list[tuple[int, int]]) -> None:
    mask = torch.zeros(2, 9, 11, dtype=torch.bool)
    for row, column in places:
        mask[1, row, column] = True

    wide = widened(mask, by)

    assert not wide[0].any()
    for row in range(9):
        for column in range(11):
            near = any(max(abs(row - r), abs(column - c)) <= by for r, c in places)
            assert bool(wide[1, row, column]) == near


@pytest.mark.parametrize("edges", WAYS)
@pytest.mark.parametrize("size", [(60, 80), (151, 199), (240, 320)])
def test_tiles_leave_no_trace(
    edges: Edges, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mattes, plate = discs((60, 80)), noise(size, 7)
    tiled = refine(mattes, size, shows(plate), edges)

    for room in (plain, guided):
        monkeypatch.setattr(room, "SIDE", 1000)
    monkeypatch.setattr("stmatte.refine.colours.SIDE", 1000)
    whole = refine(mattes, size, shows(plate), edges)

    assert torch.allclose(tiled, whole, atol=2e-4)


def test_off_changes_nothing_where_the_sizes_are_the_same() -> None:
    mattes = discs((60, 80))

    assert torch.equal(refine(mattes, (60, 80), shows(noise((60, 80), 1)), "off"), mattes)


def test_a_plate_without_an_edge_leaves_mattes_as_scaling_has_them() -> None:
    mattes = discs((60, 80))
    grey = torch.full((60, 80, 3), 0.5)

    assert torch.allclose(refine(mattes, (60, 80), shows(grey), "guided"), mattes, atol=1e-5)


def test_a_misplaced_edge_moves_to_the_plates() -> None:
    truth = half_plane((96, 96), 48.0)
    # what the network said: soft over four pixels, and a pixel too far to the right
    drawn = ((torch.arange(96) + 0.5 - 47) / 4).clamp(0, 1).expand(96, 96)

    found = refine(drawn[None], (96, 96), shows(lit(truth)), "guided")[0]

    assert (found - truth).abs().mean() < 0.5 * (drawn - truth).abs().mean()


def test_what_the_plate_has_blurred_stays_soft() -> None:
    ramp = ((torch.arange(384) - 180.0) / 24).clamp(0, 1).expand(256, 384)  # 24 pixels wide
    mattes = small_of(ramp, (64, 96))[None]

    found = refine(mattes, (256, 384), shows(lit(ramp)), "guided")[0]

    assert (found - ramp).abs().max() < 0.06
    assert ((found > 0.1) & (found < 0.9))[128].sum() >= 17  # 80 % of 24 is 19.2


def test_axes_may_scale_differently_and_one_may_shrink() -> None:
    truth = half_plane((120, 100), 50.5)
    mattes = small_of(truth, (60, 100))[None]
    wide = torch.nn.functional.interpolate(mattes[None], (60, 200), mode="nearest")[0]

    for edges in WAYS:
        found = refine(wide, (120, 100), shows(lit(truth)), edges)[0]
        assert found.shape == (120, 100)
        assert float((found - truth).abs().max()) < 0.3
        assert float(found.sum(dim=1)[60]) == pytest.approx(49.5, abs=0.05)
