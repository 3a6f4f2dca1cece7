# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from stmatte.errors import StmatteError
from stmatte.networks import gpu
from stmatte.networks.registry import choose_device, load_network, names_that_ship
from stmatte.networks.stm import STM


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the public one: names of a wrapper, the format without zip."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("weights") / "STM_weights.pth"
    state = {f"module.{n}": t for n, t in STM().state_dict().items()}
    torch.save(state, path, _use_new_zipfile_serialization=False)
    return path


def test_a_public_checkpoint_is_recognised_by_its_names(public: Path) -> None:
    network = load_network(str(public), "cpu")

    assert network.name == "stm"
    expected = torch.load(public, weights_only=True)["module.Decoder.pred2.weight"]
    assert torch.equal(network.Decoder.pred2.weight, expected)  # type: ignore[attr-defined]


def test_a_file_serves_another_network_of_its_layout_if_that_is_named(public: Path) -> None:
    network = load_network(f"kmn:{public}", "cpu")

    assert network.name == "kmn"
    expected = torch.load(public, weights_only=True)["module.Decoder.pred2.weight"]
    assert torch.equal(network.Decoder.pred2.weight, expected)  # type: ignore[attr-defined]


def test_a_file_of_another_layout_than_the_named_network_is_refused(public: Path) -> None:
    with pytest.raises(StmatteError, match="is not a weights file of LabelPropagation, missing"):
        load_network(f"label-propagation:{public}", "cpu")


def test_an_unknown_network_before_a_path_is_told_those_that_are_known(public: Path) -> None:
    with pytest.raises(StmatteError, match='Network "knm" is not known: one of stmatte-s, '):
        load_network(f"knm:{public}", "cpu")


def test_a_file_of_another_layout_is_held_against_the_nearest_network(
    public: Path, tmp_path: Path
) -> None:
    state = torch.load(public, weights_only=True)
    del state["module.Decoder.pred2.bias"]
    path = tmp_path / "other.pth"
    torch.save(state, path)

    with pytest.raises(
        StmatteError, match=r"is not a weights file of STM, missing: Decoder[.]pred2[.]bias"
    ):
        load_network(str(path), "cpu")


def test_an_unknown_name_is_told_the_names_that_ship() -> None:
    with pytest.raises(StmatteError) as refused:
        load_network("stmate-s", "cpu")

    assert str(refused.value) == (
        f'Model "stmate-s" is not known: these ship: {", ".join(names_that_ship())}. '
        "Choose one of them, or give the path of a weights file."
    )
    assert "stmatte-s" in names_that_ship()


def test_a_network_without_weights_of_its_own_asks_for_a_path() -> None:
    with pytest.raises(StmatteError, match='Model "stm" ships without weights'):
        load_network("stm", "cpu")


@pytest.mark.parametrize("model", ["nosuch.pth", "folder/nosuch.safetensors"])
def test_a_weights_file_that_is_not_there_is_named_as_a_file(model: str) -> None:
    with pytest.raises(StmatteError, match=f"Weights file {model} cannot be opened"):
        load_network(model, "cpu")


def test_a_gpu_that_is_not_there_is_an_error_and_auto_takes_the_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "init", lambda: None)

    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(StmatteError, match='Device "cuda" is not there: PyTorch finds no CUDA'):
        choose_device("cuda")


def test_on_a_gpu_numbers_stay_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(gpu, "first_use", lambda: None)
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True

    assert choose_device("auto") == torch.device("cuda")
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(StmatteError, match='Device "tpu" is not known: auto, cpu or cuda'):
        choose_device("tpu")


def test_the_table_alone_imports_no_network() -> None:
    code = (
        "import sys, stmatte.networks.registry; "
        "print([m for m in sys.modules if m.startswith('stmatte.networks.st')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
