# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from stmatte.networks.aggregation import soft_aggregate
from stmatte.propagation.coverage import MARGIN, default_band, to_coverage

BAND = 6  # soft in the first 3 pixels, fading over the next 3


def covered(planes: Tensor, *, band: int | None = BAND, aggregated: bool = True) -> Tensor:
    return to_coverage(planes, aggregated=aggregated, band=band)


@st.composite
def frames(draw: st.DrawFn, most: int = 3, size: int = 9) -> Tensor:
    """Draw planes of a frame: objects that overlap, holes, mist."""
    count = draw(st.integers(1, most))
    height, width = draw(st.integers(1, size)), draw(st.integers(1, size))
    return twentieths(draw, (count, height, width))


def twentieths(draw: Callable[[st.SearchStrategy[bytes]], bytes], shape: Sequence[int]) -> Tensor:
    """Draw numbers from 0 to 1 in steps of a twentieth."""
    values = draw(st.binary(min_size=prod(shape), max_size=prod(shape)))
    return torch.tensor([value % 21 / 20 for value in values]).view(*shape)


def disc(size: int, radius: float) -> Tensor:
    rows, columns = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return torch.hypot(rows - size // 2.0, columns - size // 2.0) <= radius


def test_nothing_is_nothing_and_all_is_all() -> None:
    sure = torch.zeros(1, 20, 20)
    sure[:, :, 10:] = 1

    assert torch.equal(covered(sure), sure)


def test_an_edge_stays_where_it_is() -> None:
    ramp = torch.linspace(0, 1, 11).expand(1, 4, 11)  # 0.5 in the middle

    assert covered(ramp)[0, 0, 5].item() == pytest.approx(0.5)
    assert torch.equal(covered(ramp) > 0.5, ramp > 0.5)


def test_what_is_nearly_nothing_or_all_becomes_just_that() -> None:
    # the share of 0.04 is 1 / (1 + 24 ** 0.7) = 0.0976: within the margin of 0.1
    planes = torch.tensor([[[0.04, 0.5, 0.96]]])

    assert covered(planes).flatten().tolist() == [0, pytest.approx(0.5), 1]


def test_a_ramp_is_as_steep_as_was_measured() -> None:
    # 0.8 has odds of 4; 4 ** 0.7 = 2.639; 2.639 / 3.639 = 0.725; (0.725 - 0.1) / 0.8 = 0.782
    assert covered(torch.tensor([[[0.2, 0.8]]])).flatten().tolist() == pytest.approx(
        [0.218, 0.782], abs=1e-3
    )


def test_planes_that_were_aggregated_and_claims_that_were_not_come_to_the_same() -> None:
    claims = torch.linspace(0.02, 0.98, 25).view(1, 5, 5)

    once = covered(soft_aggregate(claims)[1:], aggregated=True)

    assert torch.allclose(once, covered(claims, aggregated=False), atol=1e-5)


def test_beyond_the_band_the_core_is_solid_and_the_outside_empty() -> None:
    inside = disc(61, 20)
    planes = torch.where(inside, 0.8, 0.2)[None]

    matte = covered(planes)[0]

    assert matte[30, 10:51][BAND:-BAND].eq(1).all()  # 41 pixels are inside on this row
    assert matte[30, : 10 - BAND].eq(0).all()
    assert matte[30, 10].item() == pytest.approx(0.782, abs=1e-3)  # at the edge it is as before
    assert matte[30, 9].item() == pytest.approx(0.218, abs=1e-3)


def test_a_grey_hole_in_the_core_closes() -> None:
    planes = torch.where(disc(61, 25), 1.0, 0.0)[None]
    planes[0, 28:33, 28:33] = 0.7

    assert covered(planes)[0, 28:33, 28:33].eq(1).all()


def test_a_hole_and_a_loose_piece_have_edges_of_their_own() -> None:
    planes = torch.zeros(1, 41, 41)
    planes[0, 10:31, :25] = 1
    planes[0, 20, 10:13] = torch.tensor([0.6, 0.2, 0.6])  # a hole of one pixel, soft around
    planes[0, 20, 35:38] = torch.tensor([0.4, 0.8, 0.4])  # a piece of one pixel

    matte = covered(planes)[0]

    # 0.6: 1.5 ** 0.7 = 1.328, 1.328 / 2.328 = 0.570, (0.570 - 0.1) / 0.8 = 0.588
    assert matte[20, 10:13].tolist() == pytest.approx([0.588, 0.218, 0.588], abs=1e-3)
    assert matte[20, 35:38].tolist() == pytest.approx([0.412, 0.782, 0.412], abs=1e-3)


def test_a_piece_that_nowhere_reaches_one_half_is_not_delivered() -> None:
    planes = torch.zeros(1, 41, 41)
    planes[0, 10:30, 10:30] = 0.45

    assert not covered(planes).any()


def test_soft_regions_wider_than_the_band_end_without_a_step() -> None:
    planes = torch.linspace(0, 1, 401).expand(1, 5, 401)  # 0.0025 a pixel

    matte = covered(planes, band=30)[0, 2]

    assert matte[:171].eq(0).all()  # 0.5 lies at 200
    assert matte[230:].eq(1).all()
    assert matte.diff().min() >= 0
    assert matte.diff().max() < 0.08  # the half that is left, over 15 pixels in steps of 1 or 2


def test_objects_that_share_a_pixel_half_and_half_leave_no_seam() -> None:
    left = torch.linspace(0, 1, 11).flip(0).expand(7, 11)
    claims = torch.stack([left, 1 - left])

    seam = soft_aggregate(claims)[0, 0, 5].item()  # background 0.25, odds 1 : 3 against 1 and 1
    matte = covered(claims)

    assert seam == pytest.approx(1 / 7, abs=1e-3)
    assert torch.allclose(matte.sum(dim=0), torch.ones(7, 11))
    assert matte[:, 0, 5].tolist() == pytest.approx([0.5, 0.5])


def test_a_seam_of_a_small_error_closes_and_a_gap_stays_open() -> None:
    hero, car = torch.zeros(2, 9, 20)
    hero[:, :9], hero[:, 9:11] = 1, 0.45
    car[:, 11:], car[:, 9:11] = 1, 0.45
    touching = torch.stack([hero, car])
    apart = torch.where(touching == 0.45, 0.2, touching)

    # 0.45 is a share of 0.465; together 0.930, which is within the margin of all
    assert covered(touching)[:, 4, 9].tolist() == pytest.approx([0.5, 0.5])
    # 0.2 is a share of 0.275; together 0.550, stretched 0.562
    assert covered(apart).sum(dim=0)[4, 9].item() == pytest.approx(0.562, abs=1e-3)


def test_where_objects_claim_too_much_the_surest_loses_least() -> None:
    planes = torch.tensor([[[0.9, 0.0]], [[0.7, 1.0]]])  # an edge lies between the two pixels

    hero, car = covered(planes)[:, 0, 0].tolist()

    # odds 9 and 7/3; a common shift leaves their ratio's root: (27/7) ** 0.35 = 1.604,
    # shares 0.616 and 0.384, stretched 0.645 and 0.355
    assert (hero, car) == pytest.approx((0.645, 0.355), abs=1e-3)


def test_objects_that_are_equally_sure_divide_a_pixel() -> None:
    assert torch.allclose(covered(torch.ones(2, 3, 3)), torch.full((2, 3, 3), 0.5))


def test_an_object_that_is_sure_is_not_dimmed_by_the_mist_of_others() -> None:
    planes = torch.tensor([1, 0.05, 0.05]).view(3, 1, 1).expand(3, 4, 4)

    assert covered(planes)[:, 0, 0].tolist() == [1, 0, 0]


def test_sharing_begins_without_a_step() -> None:
    # what three objects claim rises from 0.8 past 1, where it begins to be lowered, to 1.4;
    # beside it each is seen alone, so that each has an edge there
    rising = torch.linspace(0.3, 0.9, 601)
    alone = torch.eye(3).view(3, 1, 3)
    mattes = [
        covered(torch.cat([alone, torch.tensor([r, 0.4, 0.1]).view(3, 1, 1)], dim=2))[:, 0, 3]
        for r in rising
    ]

    assert torch.stack(mattes).diff(dim=0).abs().max() < 0.01


@given(planes=frames(), aggregated=st.booleans())
def test_coverage_is_between_nothing_and_all_and_sums_to_at_most_one(
    planes: Tensor, aggregated: bool
) -> None:
    mattes = covered(planes, aggregated=aggregated)

    assert mattes.shape == planes.shape
    assert 0 <= mattes.min() <= mattes.max() <= 1
    assert mattes.sum(dim=0).max() <= 1 + 1e-6


@given(planes=frames(most=1), data=st.data())
def test_more_of_an_object_is_never_less_coverage(planes: Tensor, data: st.DataObject) -> None:
    more = torch.maximum(planes, twentieths(data.draw, planes.shape))

    assert (covered(more) - covered(planes)).min() >= -1e-6


@given(planes=frames(most=1))
def test_what_is_not_the_object_is_what_it_leaves(planes: Tensor) -> None:
    planes = torch.where(planes == 0.5, 0.51, planes)  # an edge belongs to neither side

    assert torch.allclose(covered(1 - planes), 1 - covered(planes), atol=1e-5)


@given(planes=frames(), down=st.booleans(), across=st.booleans())
def test_a_flipped_frame_has_flipped_mattes(planes: Tensor, down: bool, across: bool) -> None:
    dims = [dim for dim, wanted in ((-2, down), (-1, across)) if wanted]

    mattes, flipped = covered(planes).flip(dims), covered(planes.flip(dims))

    assert torch.allclose(flipped, mattes, atol=1e-6)  # processors round rows' ends otherwise
    assert torch.equal(flipped == 0, mattes == 0)


@given(planes=frames(), down=st.integers(0, 5), right=st.integers(0, 5))
def test_a_shifted_frame_has_shifted_mattes(planes: Tensor, down: int, right: int) -> None:
    height, width = planes.shape[-2:]
    far = torch.zeros(len(planes), height + 30, width + 30)
    near = far.clone()
    near[:, 10 : 10 + height, 10 : 10 + width] = planes
    far[:, 10 + down : 10 + down + height, 10 + right : 10 + right + width] = planes

    assert torch.allclose(covered(near).roll((down, right), (-2, -1)), covered(far), atol=1e-6)


@given(planes=frames())
def test_objects_have_no_order(planes: Tensor) -> None:
    assert torch.allclose(covered(planes.flip(0)), covered(planes).flip(0), atol=1e-5)


@given(planes=frames())
def test_the_same_planes_give_the_same_bits_and_are_left_alone(planes: Tensor) -> None:
    before = planes.clone()

    assert torch.equal(covered(planes), covered(planes))
    assert torch.equal(planes, before)


@pytest.mark.parametrize(("height", "band"), [(480, 30), (256, 15), (1080, 66), (8, 6)])
def test_the_band_is_a_sixteenth_of_the_height_in_whole_rings(height: int, band: int) -> None:
    assert default_band(height) == band


def test_the_band_is_chosen_by_the_height() -> None:
    planes = torch.full((1, 256, 60), 0.45)
    planes[:, :, 30:] = 1

    matte = covered(planes, band=None)[0, 128]

    assert matte[: 30 - 15].eq(0).all()
    assert matte[30 - 10] > 0


def test_a_frame_without_objects_has_no_mattes() -> None:
    assert covered(torch.zeros(0, 4, 4)).shape == (0, 4, 4)


def test_coverage_can_be_asked_for_in_inference_mode() -> None:
    with torch.inference_mode():
        planes = torch.tensor([0.9, 0.7]).view(2, 1, 1).expand(2, 4, 4)
        assert covered(planes).sum().item() == pytest.approx(16)


def test_margins_leave_room_for_a_ramp() -> None:
    assert 0 < MARGIN < 0.5


def test_how_large_the_canvas_is_around_an_object_makes_no_difference() -> None:
    plane = torch.rand(2, 12, 14, generator=torch.Generator().manual_seed(3))
    wide = torch.zeros(2, 60, 70)
    wide[:, 20:32, 30:44] = plane
    near = wide[:, 10:42, 20:54]

    covered = to_coverage(wide, aggregated=False, band=6)

    assert torch.allclose(covered[:, 10:42, 20:54], to_coverage(near, aggregated=False, band=6))
    assert covered.sum() == pytest.approx(covered[:, 20:32, 30:44].sum().item())


def test_where_nothing_is_nothing_is_covered() -> None:
    assert not to_coverage(torch.zeros(1, 8, 8), aggregated=True).any()
