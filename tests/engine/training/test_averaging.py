# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from stmatte.errors import StmatteError
from stmatte.networks.identity import digest_of
from stmatte.training.averaging import average, averaged


def weights(path: Path, *numbers: float, stages: list[str] | None = None, **more: Any) -> Path:
    """Write a layer of these numbers, and, with stages, a JSON beside it."""
    tensors = {"layer.weight": torch.tensor(numbers, dtype=torch.float16), **more}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    if stages is not None:
        told = {"network": "toy", "sha256": digest_of(path), "stages": [{"s": s} for s in stages]}
        path.with_suffix(".json").write_text(json.dumps(told))
    return path


def test_each_number_is_the_mean_worked_out_in_float32(tmp_path: Path) -> None:
    # in float16 the sum of the first ones overflows, and that of the second loses the small one
    one = weights(tmp_path / "one.safetensors", 60000, 2048, -1)
    two = weights(tmp_path / "two.safetensors", 60000, 3, 0.5)

    average([one, two], tmp_path / "new" / "mean.safetensors")

    found = load_file(tmp_path / "new" / "mean.safetensors")["layer.weight"]
    assert found.dtype == torch.float16
    assert found.tolist() == [60000, torch.tensor(1025.5).half().item(), -0.25]


def test_counters_stay_those_of_the_first(tmp_path: Path) -> None:
    one = weights(tmp_path / "one.safetensors", 1, count=torch.tensor(7))
    two = weights(tmp_path / "two.safetensors", 2, count=torch.tensor(9))

    average([one, two], tmp_path / "mean.safetensors")

    assert load_file(tmp_path / "mean.safetensors")["count"].item() == 7


def test_what_they_were_is_told_beside(tmp_path: Path) -> None:
    one = weights(tmp_path / "one.safetensors", 1, stages=["a", "b"])
    two = weights(tmp_path / "two.safetensors", 2, stages=["a", "b", "c"])

    average([one, two], tmp_path / "mean.safetensors")

    told = json.loads((tmp_path / "mean.json").read_text())
    assert told["network"] == "toy"
    assert told["sha256"] == digest_of(tmp_path / "mean.safetensors")
    assert told["stages"] == [
        {"s": "a"},
        {"s": "b"},
        {
            "averaged": [
                {"sha256": digest_of(one), "stages": []},
                {"sha256": digest_of(two), "stages": [{"s": "c"}]},
            ]
        },
    ]


def test_stages_are_shared_as_far_as_they_are_the_same() -> None:
    found = averaged([("1", [{"s": "a"}, {"s": "x"}, {"s": "b"}]), ("2", [{"s": "a"}, {"s": "b"}])])

    assert found[0] == {"s": "a"}
    assert found[1] == {
        "averaged": [
            {"sha256": "1", "stages": [{"s": "x"}, {"s": "b"}]},
            {"sha256": "2", "stages": [{"s": "b"}]},
        ]
    }


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    one = weights(tmp_path / "one.safetensors", 1, 2)
    larger = weights(tmp_path / "larger.safetensors", 1, 2, 3)
    other = weights(tmp_path / "other.safetensors", 1, 2, bias=torch.zeros(1))

    for second, name in ((larger, "layer.weight"), (other, "bias")):
        with pytest.raises(StmatteError, match=f'"{name}" differs'):
            average([one, second], tmp_path / "mean.safetensors")
    assert not (tmp_path / "mean.safetensors").exists()


def test_none_of_them_is_written_over(tmp_path: Path) -> None:
    one = weights(tmp_path / "one.safetensors", 1)
    two = weights(tmp_path / "two.safetensors", 2)

    for out in (tmp_path / "here" / ".." / "two.safetensors", tmp_path / "two.pt"):
        with pytest.raises(StmatteError, match="is one of the weights"):
            average([one, two], out)
    assert load_file(two)["layer.weight"].tolist() == [2]


def test_weights_that_were_changed_are_refused(tmp_path: Path) -> None:
    one = weights(tmp_path / "one.safetensors", 1, stages=["a"])
    two = weights(tmp_path / "two.safetensors", 2, stages=["a"])
    weights(two, 3)

    with pytest.raises(StmatteError, match="is damaged, or was changed"):
        average([one, two], tmp_path / "mean.safetensors")


def test_a_single_one_has_no_mean(tmp_path: Path) -> None:
    with pytest.raises(StmatteError, match="fewer than two"):
        average([weights(tmp_path / "one.safetensors", 1)], tmp_path / "mean.safetensors")
