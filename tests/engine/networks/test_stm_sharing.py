# SPDX-License-Identifier: Apache-2.0
"""Table 7 of the paper: what sharing saves. Work is for one memory and one query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from stmatte.errors import StmatteError
from stmatte.networks.effort import multiply_adds
from stmatte.networks.registry import NETWORKS, load_network
from stmatte.networks.stm import SpaceTimeMemory
from stmatte.networks.stm_sharing import SHARED, SharedSTM

SIDE = 384
TABLE = {  # millions of parameters, billions of multiply-adds, and how near ours must be
    "stm": (17.09, 19.67, 0.01),
    "stm-late-r2-r4": (8.56, 19.67, 0.01),
    "stm-late-r3-r4": (8.77, 19.67, 0.01),
    "stm-early-r2": (16.90, 17.53, 0.05),
    "stm-early-r2-r3": (15.80, 14.66, 0.05),
    "stm-early-r2-r4": (10.25, 11.11, 0.05),
}


def encoders(name: str) -> SpaceTimeMemory:
    """Return a network that has shapes and no numbers."""
    with torch.device("meta"):
        made = NETWORKS[name].make()
    assert isinstance(made, SpaceTimeMemory)
    return made


def both_frames(network: SpaceTimeMemory) -> Any:
    """See one frame, and remember it with the matte of one object."""
    picture = torch.empty(1, 3, SIDE, SIDE, device="meta")
    matte = torch.empty(1, 1, SIDE, SIDE, device="meta")
    r4, r3, r2 = network.see(picture)
    return network.remember(picture, matte, matte, {"r4": r4[0], "r3": r3[0], "r2": r2[0]})


@pytest.mark.parametrize("name", TABLE)
def test_both_encoders_have_the_parameters_of_the_table(name: str) -> None:
    network = encoders(name)

    parts = [part for n, part in network.named_children() if n.startswith(("Encoder", "Shared"))]

    # as printed, to a hundredth of a million
    millions = sum(p.numel() for part in parts for p in part.parameters()) / 1e6
    assert round(millions, 2) == TABLE[name][0]


@pytest.mark.parametrize("name", TABLE)
def test_both_encoders_take_the_work_of_the_table(name: str) -> None:
    network = encoders(name)

    _, billions, near = TABLE[name]
    assert multiply_adds(lambda: both_frames(network)) / 1e9 == pytest.approx(billions, rel=near)


def test_every_row_of_the_table_is_a_network_by_its_name() -> None:
    assert set(TABLE) == {*SHARED, "stm"}
    assert all(NETWORKS[row].variant == row for row in SHARED)


def test_a_row_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(StmatteError, match='No stages are shared as "stm-early-r4" says'):
        SharedSTM("stm-early-r4")


@pytest.mark.parametrize("row", SHARED)
def test_its_weights_come_back_from_a_file_as_that_network(row: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network = SharedSTM(row)
    save_file(network.state_dict(), tmp_path / "weights.safetensors")

    loaded = load_network(str(tmp_path / "weights.safetensors"), "cpu")

    assert loaded.name == row
    assert isinstance(loaded, nn.Module)
    state = loaded.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize("row", SHARED)
def test_shared_stages_see_the_picture_once_if_they_are_early_and_twice_if_late(row: str) -> None:
    network = SharedSTM(row)
    calls: list[int] = []
    network.Shared["res2" if "res2" in network.Shared else "res3"].register_forward_hook(
        lambda *call: calls.append(len(call[2]))
    )
    picture = torch.rand(3, 32, 32)

    with torch.inference_mode():
        query = network.encode_query(picture)
        network.encode_memory(picture, query, torch.full((4, 32, 32), 0.25))

    assert sum(calls) == (1 if "early" in row else 1 + 3)  # three objects


@pytest.mark.parametrize("row", [row for row in SHARED if "early" in row])
def test_mattes_are_added_to_what_early_stages_saw(row: str) -> None:
    network = SharedSTM(row)
    branch: Any = network.Encoder_M["masks"]
    nn.init.zeros_(branch.out.weight)
    nn.init.zeros_(branch.out.bias)  # the branch gives nothing: the picture alone remains
    branch.join = None
    mattes = torch.rand(1, 1, 32, 32)
    picture = torch.rand(1, 3, 32, 32)

    with torch.inference_mode():
        r4, r3, r2 = network.see(picture)
        remembered = network.remember(
            picture, mattes, mattes, {"r4": r4[0], "r3": r3[0], "r2": r2[0]}
        )
        for name in ("res2", "res3", "res4"):  # the query's own stages instead of the memory's
            if name in network.Encoder_Q:
                network.Encoder_M[name] = network.Encoder_Q[name]
        alike = network.remember(picture, mattes, mattes, {"r4": r4[0], "r3": r3[0], "r2": r2[0]})

    torch.testing.assert_close(alike, r4)
    assert torch.equal(remembered, r4) is (row == "stm-early-r2-r4")
