# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from stmatte.errors import StmatteError
from stmatte.networks.checkpoints import fill, read_state


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)


class CallsHome:
    """A pickle of this runs a command when it is opened carelessly."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def state(seed: int = 0) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return {n: torch.rand_like(t.float()).to(t.dtype) for n, t in Small().state_dict().items()}


def save(path: Path, tensors: dict[str, Any], kind: str) -> Path:
    if kind == "safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=kind == "zip")
    return path


@pytest.mark.parametrize("kind", ["zip", "old", "safetensors"])
@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("counters", [True, False])
def test_every_way_of_writing_the_same_weights_fills_the_network(
    tmp_path: Path, kind: str, prefix: str, counters: bool
) -> None:
    weights = state()
    written = {
        prefix + name: tensor
        for name, tensor in weights.items()
        if counters or not name.endswith("num_batches_tracked")
    }
    network = Small().train()

    fill(network, read_state(save(tmp_path / "weights.bin", written, kind)), "weights.bin")

    for name, tensor in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(tensor, weights[name]), name
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())


def test_half_precision_weights_become_float32() -> None:
    network = Small()

    fill(network, {n: t.half() if t.is_floating_point() else t for n, t in state().items()}, "file")

    assert network.conv.weight.dtype == torch.float32


def test_another_layout_is_refused_with_the_first_names_that_differ() -> None:
    weights = state()
    del weights["conv.bias"]
    weights["conv.weight"] = torch.zeros(2, 3, 3, 3)
    weights |= {f"head.{n}": torch.zeros(1) for n in range(5)}
    network = Small()
    before = network.conv.weight.clone()

    with pytest.raises(StmatteError) as refused:
        fill(network, weights, "weights.pth")

    assert str(refused.value) == (
        "weights.pth is not a weights file of Small, missing: conv.bias; "
        "unknown: head.0, head.1, head.2 and 2 more; "
        "of another shape: conv.weight 2x3x3x3 instead of 2x1x3x3. "
        "Choose a file with the weights of that network, all of them."
    )
    assert torch.equal(network.conv.weight, before)


@pytest.mark.parametrize("kind", ["zip", "old"])
def test_a_pickle_with_code_is_refused_and_the_code_does_not_run(tmp_path: Path, kind: str) -> None:
    mark = tmp_path / "ran"
    path = save(tmp_path / "weights.pth", {**state(), "more": CallsHome(mark)}, kind)

    with pytest.raises(StmatteError, match=r"is a pickle with code in it \(posix.mkdir|nt.mkdir"):
        read_state(path)

    assert not mark.exists()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_bare_pickle_is_refused_and_its_code_does_not_run(tmp_path: Path, protocol: int) -> None:
    mark, path = tmp_path / "ran", tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps(CallsHome(mark), protocol))

    with pytest.raises(StmatteError, match="is a bare pickle, which may have code in it"):
        read_state(path)

    assert not mark.exists()


@pytest.mark.parametrize("kind", ["zip", "old", "safetensors"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kind: str, part: float) -> None:
    path = save(tmp_path / "weights.bin", state(), kind)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])

    with pytest.raises(StmatteError, match="is damaged, cut off or no weights file at all"):
        read_state(path)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(99), b"PK\x03\x04", b"text"])
def test_what_is_no_weights_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(content)

    with pytest.raises(StmatteError, match="no weights file at all"):
        read_state(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match=r"nosuch.pth cannot be opened \(No such file"):
        read_state(tmp_path / "nosuch.pth")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"state_dict": {"a": torch.ones(1)}}, 'a dict at "state_dict"'),
        (torch.ones(2), "a Tensor"),
        ({"a": 3}, 'a int at "a"'),
        ({}, "a dict"),
    ],
)
def test_anything_but_named_tensors_is_refused(tmp_path: Path, content: Any, found: str) -> None:
    path = save(tmp_path / "weights.pth", content, "zip")

    with pytest.raises(StmatteError, match=f"weights.pth holds {found}: weights are a flat"):
        read_state(path)
