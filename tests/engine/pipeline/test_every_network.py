# SPDX-License-Identifier: Apache-2.0
"""Every network goes the way of a shot: saved, loaded by name, keyed, corrected.

Weights are those that training begins with: nothing is said about whether mattes are good.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from shots import pictures, soft_disc
from stmatte import Key, Settings, Shot
from stmatte.networks.protocol import Network
from stmatte.networks.registry import NETWORKS, load_network
from stmatte.pipeline import propagate_frames

FRAMES = range(1, 7)
PLATE = pictures(FRAMES)
SMALL = Settings(device="cpu", working_height=64, edges="off")


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Network:
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    made = NETWORKS[request.param].make()
    save_file({n: t.contiguous().clone() for n, t in made.state_dict().items()}, path)
    loaded = load_network(f"{request.param}:{path}", "cpu")
    for name, value in cast(nn.Module, loaded).state_dict().items():
        assert torch.equal(value, made.state_dict()[name]), name
    return loaded


def mattes(network: Network, *keyed: int) -> dict[int, np.ndarray]:
    keys = tuple(Key(frame, {"hero": soft_disc(30 + 2 * frame)}) for frame in keyed)
    results = propagate_frames(Shot(PLATE, keys, None, SMALL), network=network)
    return {result.frame: np.asarray(result.mattes["hero"]) for result in results}


@pytest.mark.slow
def test_a_shot_with_a_correction(network: Network) -> None:
    before, after = mattes(network, 1, 4), mattes(network, 1, 2, 4)

    assert sorted(before) == sorted(after) == list(FRAMES)
    for frame in (1, 4):
        assert np.array_equal(after[frame], soft_disc(30 + 2 * frame))  # keys come out as drawn
    assert np.array_equal(after[2], soft_disc(34))
    for frame in (5, 6):  # beyond the key on 4, out of the correction's reach
        assert np.array_equal(before[frame], after[frame])
    assert all(np.isfinite(matte).all() for matte in after.values())
    assert all(matte.min() >= 0 and matte.max() <= 1 for matte in after.values())
