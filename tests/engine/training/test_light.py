# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import torch

from stmatte.training.light import ERROR, EXPOSURE, JUMPS, POWER, WHITE, exposures, light_of, shown

CPU = torch.device("cpu")


def test_what_is_not_changed_comes_back() -> None:
    steps = np.arange(256, dtype=np.uint8)

    back = shown(light_of(steps, CPU))

    # below 1e-5 of light, which is a display of 0.005, all is black
    assert np.abs(back.numpy() - np.maximum(steps / 255, 1e-5 ** (1 / POWER))).max() < 1e-5


def test_half_of_white_over_black_is_as_bright_as_half_the_light() -> None:
    black, white = light_of(np.array([0, 255], np.uint8), CPU)

    mixed = shown((0.5 * white + 0.5 * black)[None])

    # a screen's 188 of 255 is as bright as alternating black and white: 0.735
    assert abs(float(mixed) - 188 / 255) < 0.01


def test_composites_are_those_of_srgb_s_own_curve_within_the_stated_error() -> None:
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    front, behind = np.meshgrid(steps, steps)
    worst, mean = 0.0, []
    for alpha in np.linspace(0, 1, 11):
        ours = shown(alpha * light_of(front, CPU) + (1 - alpha) * light_of(behind, CPU)).numpy()
        light = alpha * _srgb_light(front / 255) + (1 - alpha) * _srgb_light(behind / 255)
        off = np.abs(ours - _srgb_display(light))
        worst = max(worst, float(off.max()))
        mean.append(float(off.mean()))

    assert worst < ERROR
    assert np.mean(mean) < 0.005


def test_exposure_begins_as_it_is_and_drifts_smoothly_but_for_rare_jumps() -> None:
    drift = exposures(400, 8, torch.Generator().manual_seed(1)).log2()

    assert drift.shape == (400, 8, 3)
    steps = drift.diff(dim=1).abs().amax(dim=2)
    smooth = steps <= EXPOSURE + WHITE + 1e-4
    assert (steps <= EXPOSURE + WHITE + JUMPS + 1e-4).all()
    # a tenth of the clips jumps, some of them by too little to be seen; never twice
    assert (~smooth).sum(dim=1).max() == 1
    assert 0.03 < (~smooth).any(dim=1).float().mean() < 0.12


def _srgb_light(display: np.ndarray) -> np.ndarray:
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4)


def _srgb_display(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
