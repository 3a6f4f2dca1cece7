# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from stmatte.training.compression import compressed, quantised, steps_of


def pictures(seed: int = 0) -> torch.Tensor:
    """Two soft pictures of 48 x 64."""
    small = torch.rand(2, 3, 6, 8, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(small, scale_factor=8, mode="bicubic").clamp(0, 1)


def test_without_steps_there_and_back_is_where_it_was() -> None:
    torch.testing.assert_close(quantised(pictures(), torch.zeros(3, 64)), pictures())


def test_a_flat_block_keeps_its_colour_to_within_half_a_step() -> None:
    flat = torch.full((1, 3, 8, 8), 0.4)

    seen = quantised(flat, torch.full((3, 64), 0.5))

    # its one part is 8 * 0.4 = 3.2, the nearest step 3.0, which is 3 / 8
    torch.testing.assert_close(seen, torch.full_like(flat, 0.375))


@pytest.mark.parametrize("quality", [15, 50, 90])
def test_it_is_about_as_far_off_as_opencv_s_jpeg(quality: int) -> None:
    ours = quantised(pictures()[:1], steps_of(quality))[0].permute(1, 2, 0).numpy()

    true = (pictures()[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR]
    options.append(cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    theirs = cv2.imdecode(cv2.imencode(".jpg", true[..., ::-1], options)[1], cv2.IMREAD_COLOR)

    off = np.abs(ours - true / 255).mean(), np.abs(theirs[..., ::-1] / 255.0 - true / 255).mean()
    assert off[0] == pytest.approx(off[1], rel=0.25)
    assert np.abs(ours - theirs[..., ::-1] / 255.0).mean() < off[1]


def test_its_share_of_clips_is_compressed_and_the_others_are_as_they_were() -> None:
    clips = pictures().expand(200, 2, 3, 48, 64).clone()

    changed = compressed(clips.clone(), 0.3, torch.Generator().manual_seed(0)) != clips

    # 200 times 0.3 is 60, with a deviation of 6.5
    assert 40 < changed.flatten(1).any(dim=1).sum() < 80
