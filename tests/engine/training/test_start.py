# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from stmatte.errors import StmatteError
from stmatte.training.recipe import TRAINABLE
from stmatte.training.start import start_network


def test_what_learns_nothing_is_refused() -> None:
    assert "stmatte-s" in TRAINABLE
    with pytest.raises(StmatteError, match='"label-propagation" cannot be trained'):
        start_network("label-propagation")


def test_a_fresh_network_keeps_its_numbers_in_range() -> None:
    """Without statistics of pictures a deep encoder could end at 1e20, or at 0."""
    torch.manual_seed(3)
    network = start_network("stm")
    picture = torch.rand(3, 64, 96)

    with torch.no_grad():
        query = network.encode_query(picture)  # type: ignore[operator]

    assert 1e-3 < float(query.maps["key"].std()) < 1e3


def test_weights_that_are_named_are_begun_with_and_learn(tmp_path: Path) -> None:
    first = start_network("stmatte-s")
    with torch.no_grad():
        next(first.parameters()).add_(1)
    save_file(first.state_dict(), tmp_path / "w.safetensors")

    second = start_network("stmatte-s", tmp_path / "w.safetensors")

    for name, value in first.state_dict().items():
        assert torch.equal(second.state_dict()[name], value), name
    assert all(parameter.requires_grad for parameter in second.parameters())


def test_lmrc_begins_with_what_fits_of_stcn(tmp_path: Path) -> None:
    torch.manual_seed(1)
    stcn = start_network("stcn")
    save_file(stcn.state_dict(), tmp_path / "stcn.safetensors")

    lmrc = start_network("lmrc", tmp_path / "stcn.safetensors")

    taken = [
        name
        for name, value in lmrc.state_dict().items()
        if name in stcn.state_dict() and torch.equal(value, stcn.state_dict()[name])
    ]
    assert "key_proj.key_proj.weight" in taken
    assert any(name.startswith("key_encoder.") for name in taken)


def test_stmatte_b_takes_its_last_blocks_from_a_backbone(tmp_path: Path) -> None:
    torch.manual_seed(2)
    encoder = start_network("stmatte-b").get_submodule("image_encoder")
    state = {n: t + 1 for n, t in encoder.state_dict().items() if ".1" in n}  # 1, 10 to 17
    save_file(state, tmp_path / "backbone.safetensors")

    network = start_network("stmatte-b", None, tmp_path / "backbone.safetensors")

    taken = network.get_submodule("image_encoder").state_dict()
    for name, value in encoder.state_dict().items():
        later = int(name.split(".")[1]) >= 14
        assert torch.equal(taken[name], value + 1 if later else value), name


def test_a_backbone_without_these_blocks_is_refused(tmp_path: Path) -> None:
    plain = start_network("stmatte-s").get_submodule("image_encoder")
    save_file(plain.state_dict(), tmp_path / "short.safetensors")

    with pytest.raises(StmatteError, match="has not the last blocks of MobileNetV2"):
        start_network("stmatte-b", None, tmp_path / "short.safetensors")


def test_a_backbone_that_nothing_is_taken_from_is_refused(tmp_path: Path) -> None:
    whole = start_network("stmatte-b")
    save_file(whole.state_dict(), tmp_path / "b.safetensors")
    backbone = tmp_path / "unread.safetensors"

    with pytest.raises(StmatteError, match=r"Nothing would be taken from .*unread"):
        start_network("stmatte-s", None, backbone)
    with pytest.raises(StmatteError, match=r"Nothing would be taken from .*unread"):
        start_network("stmatte-b", tmp_path / "b.safetensors", backbone)
