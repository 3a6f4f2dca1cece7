# SPDX-License-Identifier: Apache-2.0
"""Each network learns two clips by heart on the CPU: it and its training work at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
import torch

from stmatte.networks.checkpoints import fill, read_state
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS
from stmatte.training.corpus import Corpus
from stmatte.training.fit import mean_jaccard
from stmatte.training.loop import clips_of, train
from stmatte.training.pack import pack_corpus
from stmatte.training.recipe import TRAINABLE, load_recipe

from .conftest import write_palette, write_picture

SIDE = 64
CPU = torch.device("cpu")
LOOKS = 50  # steps between two looks
LEARNT = 0.95


@pytest.fixture(scope="module")
def two_clips(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Two sequences in DAVIS's layout: a textured ellipse that moves and turns on another one."""
    root = tmp_path_factory.mktemp("two")
    random = np.random.default_rng(3)
    for clip in range(2):
        ground, thing = _texture(random, 4), _texture(random, 2)
        for t in range(3):
            mask = np.zeros((SIDE, SIDE), np.uint8)
            middle = (24 + 5 * t, 32 + (4 - 8 * clip) * t)
            cv2.ellipse(mask, middle, (13, 17), 20 * t + 40 * clip, 0, 360, 1, -1)
            picture = np.where(mask[..., None] == 1, thing, ground)
            write_picture(root / f"JPEGImages/c{clip}/{t:05d}.jpg", picture)
            write_palette(root / f"Annotations/c{clip}/{t:05d}.png", mask)
    pack_corpus(root, root / "two.pack")
    return Corpus(root / "two.pack")


def _texture(random: np.random.Generator, blur: int) -> np.ndarray:
    soft = cv2.GaussianBlur(random.uniform(0, 1, (SIDE, SIDE, 3)), (0, 0), blur)
    low, high = soft.min(), soft.max()
    return np.asarray(255 * (soft - low) / (high - low), np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINABLE)
def test_a_network_learns_two_clips_by_heart(name: str, two_clips: Corpus, tmp_path: Path) -> None:
    shown = replace(load_recipe("smoke"), network=name)
    clips = clips_of(two_clips, shown, 0, CPU)
    reached = 0.0
    for steps in range(LOOKS, shown.steps + 1, LOOKS):
        weights = train(
            replace(shown, steps=steps),
            two_clips,
            tmp_path / "run",
            resume=steps > LOOKS,
            device=CPU,
            tell=lambda *_: None,
        )
        network = NETWORKS[name].make()
        fill(network, read_state(weights), str(weights))
        reached = mean_jaccard(cast(Network, network), clips)
        if reached >= LEARNT:
            return
    pytest.fail(f"{name} reached J {reached:.3f} after {shown.steps} steps")
