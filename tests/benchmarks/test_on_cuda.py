# SPDX-License-Identifier: Apache-2.0
"""The look at a GPU counts right, and runs from end to end where there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.on_a_gpu.ceilings import Ceilings, measure_ceilings
from benchmarks.on_a_gpu.counted import counted

SCRIPT = Path(__file__).with_name("on_cuda.py")

WITHOUT = """
import runpy, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {missing!r}:
            raise ImportError(name)

sys.meta_path.insert(0, Missing())
sys.argv = {words!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""
NOT_THERE = ("OpenImageIO", "pydantic", "mmh3", "platformdirs", "psutil", "click", "rich")


def without_them(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the script where only torch, numpy, OpenCV and safetensors are installed."""
    told = WITHOUT.format(missing=NOT_THERE, words=[str(SCRIPT), *words])
    return subprocess.run([sys.executable, "-c", told], capture_output=True, text=True)


def test_a_product_is_counted_by_hand() -> None:
    one, other = torch.ones(4, 5), torch.ones(5, 6)

    found = counted(lambda: one @ other)

    assert found.flops == 2 * 4 * 5 * 6
    assert found.bytes == 4 * (4 * 5 + 5 * 6 + 4 * 6)
    assert found.kernels == 1


def test_what_only_looks_at_a_tensor_otherwise_moves_nothing() -> None:
    tensor = torch.ones(4, 5)

    assert counted(lambda: tensor.T.reshape(20, 1)[:3].expand(3, 8)).bytes == 4 * 2 * 20  # one copy
    assert counted(lambda: tensor.view(20)[2:]).kernels == 0


def test_attention_is_counted() -> None:
    query, key = torch.ones(1, 2, 3, 8), torch.ones(1, 2, 5, 8)

    work = lambda: torch.nn.functional.scaled_dot_product_attention(query, key, key)  # noqa: E731

    assert counted(work).flops in (0, 2 * 2 * 2 * 3 * 5 * 8)  # torch counts a GPU's kernels


def test_the_slower_of_arithmetic_and_bytes_is_what_a_frame_takes_at_least() -> None:
    found = Ceilings({"float32": 100.0}, 10.0)

    assert found.least_seconds("float32", 200, 5) == 2  # 200 / 100, beside 5 / 10
    assert found.least_seconds("float32", 20, 50) == 5


def test_ceilings_are_there_for_every_precision() -> None:
    found = measure_ceilings(torch.device("cpu"), side=16, megabytes=1)

    assert set(found.flops) == {"float32", "bfloat16", "float16"}
    assert min(*found.flops.values(), found.bytes) > 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU here")
def test_without_a_gpu_it_says_so() -> None:
    ran = without_them("--out", "nowhere.json")

    assert ran.returncode != 0
    assert 'Device "cuda" is not there' in ran.stderr


@pytest.mark.slow
def test_it_rehearses_from_end_to_end_with_little_installed(tmp_path: Path) -> None:
    out = tmp_path / "cuda.json"

    ran = without_them("--rehearse", "--network", "stmatte-s", "--out", str(out))

    assert ran.returncode == 0, ran.stderr
    found = json.loads(out.read_text("utf-8"))
    assert (found["format"], found["rehearsed"]) == ("stmatte.cuda/1", True)
    assert {one["precision"] for one in found["networks"]} == {"bfloat16", "float32"}
    float32 = next(one for one in found["networks"] if one["precision"] == "float32")
    assert (float32["least_jaccard"], float32["mean_off"]) == (1, 0)  # both were the CPU
    assert all(one["kernel"] and one["most_off"] < 0.02 for one in found["reads"])
    assert all(one["frames_a_second"] > 0 for one in found["paces"])
