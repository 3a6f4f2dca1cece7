# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import torch
from torch import Tensor

from stmatte.training.looks import GRAIN, coloured, grained, hidden, softened

FLAT = (2, 4, 3, 64, 96)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def flat(value: float = 0.4) -> Tensor:
    return torch.full(FLAT, value)


def test_a_blur_leaves_a_picture_of_one_colour_as_it_is() -> None:
    torch.testing.assert_close(softened(flat(), random(1)), flat())


def test_a_blur_softens_some_frames_and_leaves_the_others() -> None:
    checks = torch.zeros(4, 8, 3, 64, 96)
    checks[..., ::2] = 1

    changed = (softened(checks.clone(), random()) != checks).flatten(2).any(dim=2)

    assert 0 < changed.sum() < 32


def test_a_grey_that_is_as_bright_as_the_clip_changes_by_its_tint_alone() -> None:
    changed = coloured(flat(0.5), random())

    assert changed.std(dim=(3, 4)).max() < 1e-6  # still of one colour
    assert (changed - 0.5).abs().max() <= 0.09 + 1e-5  # 0.08 a clip and 0.01 a frame


def test_saturation_and_contrast_keep_the_order_of_bright_and_dark() -> None:
    ramp = torch.linspace(0, 1, 96).expand(FLAT).contiguous()

    assert (coloured(ramp, random()).diff(dim=-1) > 0).all()


def test_grain_is_another_one_in_each_frame_and_fine() -> None:
    grain = grained(flat(), random()) - 0.4

    assert 0 < grain.std() < GRAIN
    frames = grain.flatten(0, 1).flatten(1)
    alike = torch.corrcoef(frames) - torch.eye(len(frames))
    # the same sheet, but elsewhere; 18 432 pixels correlate by chance by 0.007
    assert alike.abs().max() < 0.05


def test_without_a_chance_nothing_hides() -> None:
    assert torch.equal(hidden(flat(), 0.0, random()), flat())
