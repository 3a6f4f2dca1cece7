# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import torch

from stmatte.pipeline.computing import on_device
from stmatte.pipeline.keeping import STEPS, KeptPass, of_steps
from stmatte.propagation.focus import View, Window
from stmatte.store import RamStore

needs_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU here")
EVERY = torch.arange(STEPS + 1, dtype=torch.int32).view(256, 256)


def kept(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return planes as they were kept, and as they are found again."""
    own = (EVERY.double() / STEPS).float().to(device)
    keeper = KeptPass(RamStore(), {1: "0" * 32}, device)
    there = keeper.keep(1, View(Window.whole((256, 256)), torch.stack([1 - own, own])))
    again = keeper.recall(1)
    assert again is not None
    return there.planes, again.planes


def test_what_is_kept_is_found_again_bit_by_bit() -> None:
    there, again = kept(torch.device("cpu"))

    assert torch.equal(there, again)


def test_a_step_stands_for_the_probability_that_is_nearest_to_its_share() -> None:
    truly = EVERY.numpy().astype(np.float32) / np.float32(STEPS)

    assert np.array_equal(of_steps(EVERY).numpy(), truly)


@needs_a_gpu
def test_a_gpu_keeps_the_same_bits() -> None:
    there, again = kept(torch.device("cuda"))

    assert torch.equal(there, again)
    assert torch.equal(there.cpu(), kept(torch.device("cpu"))[0])


def test_pixels_on_a_cpu_are_not_copied() -> None:
    pixels = np.ones((4, 6, 3), np.float32)

    on_device(pixels, torch.device("cpu"))[0, 0, 0] = 7

    assert pixels[0, 0, 0] == 7


@needs_a_gpu
def test_pixels_come_to_a_gpu_as_they_are() -> None:
    pixels = np.random.default_rng(3).random((4, 6, 3), np.float32)

    there = on_device(pixels, torch.device("cuda"))

    assert there.device.type == "cuda"
    assert there.stride() == (18, 3, 1)
    assert np.array_equal(there.cpu().numpy(), pixels)
