# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from stmatte.memory import dot, fused
from stmatte.memory.dot import AFFINITY_BUDGET, read_dot, recall
from stmatte.memory.fused import as_heads, reads_fused, recall_fused
from stmatte.memory.kernelized import read_kernelized
from stmatte.memory.nearest import read_nearest

needs_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU here")


def places(
    seed: int, asked: int, k: int, memory: int, v: int, objects: int = 0
) -> tuple[Tensor, ...]:
    torch.manual_seed(seed)
    lead = (objects,) if objects else ()
    return (
        torch.randn(asked, k) / math.sqrt(k),
        torch.randn(*lead, k, memory),
        torch.randn(*lead, memory, v),
    )


def whole(asked: Tensor, known: Tensor, stored: Tensor) -> Tensor:
    """The affinity at once, in double precision."""
    return (asked.double() @ known.double()).softmax(dim=-1) @ stored.double()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    asked=st.integers(1, 9),
    k=st.integers(1, 140),
    memory=st.integers(1, 40),
    v=st.integers(1, 300),
    objects=st.integers(0, 3),
)
def test_a_fused_read_recalls_what_the_whole_affinity_does(
    seed: int, asked: int, k: int, memory: int, v: int, objects: int
) -> None:
    given_ = places(seed, asked, k, memory, v, objects)

    read = recall_fused(*given_)

    assert read is not None  # a CPU has a kernel for heads of one width
    torch.testing.assert_close(read, whole(*given_).float(), atol=1e-5, rtol=1e-5)


def test_values_are_cut_into_heads_as_wide_as_the_keys() -> None:
    query, key, value = as_heads(*places(0, asked=3, k=128, memory=5, v=512))

    assert query.shape == (1, 4, 3, 128)  # 512 / 128 heads
    assert key.shape == value.shape == (1, 4, 5, 128)
    assert query.stride(1) == key.stride(1) == 0  # shared by the heads, not repeated


@pytest.mark.parametrize(
    ("k", "v", "heads", "wide"),
    [
        (65, 512, 8, 72),  # keys by distance: 64 and one feature, to the next multiple of 8
        (131, 512, 4, 136),  # kernelized: 128 and three features
        (3, 1, 1, 64),  # never narrower than 64
        (300, 512, 2, 304),  # too wide for a flash kernel
    ],
)
def test_heads_are_of_a_width_that_kernels_take(k: int, v: int, heads: int, wide: int) -> None:
    query, key, value = as_heads(*places(0, asked=2, k=k, memory=4, v=v))

    assert query.shape == (1, heads, 2, wide)
    assert key.shape == value.shape == (1, heads, 4, wide)
    assert all(tensor.stride(-1) == 1 for tensor in (query, key, value))


def test_half_values_are_read_in_full_where_the_features_are() -> None:
    asked, known, stored = places(1, asked=2, k=8, memory=4, v=8)

    half = as_heads(asked.bfloat16(), known.bfloat16(), stored.bfloat16())
    mixed = as_heads(asked, known, stored.bfloat16())

    assert {tensor.dtype for tensor in half} == {torch.bfloat16}
    assert {tensor.dtype for tensor in mixed} == {torch.float32}


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_the_softmax_of_half_features_is_accumulated_in_float32(half: torch.dtype) -> None:
    # 4,096 equal places of which each holds 1: a sum in half precision would stop at 256 or 2,048
    asked, known = torch.zeros(1, 64, dtype=half), torch.zeros(64, 4096, dtype=half)

    read = recall_fused(asked, known, torch.ones(4096, 64, dtype=half))

    assert read is not None
    assert read.dtype == half
    assert read.unique().tolist() == [1]


def test_without_a_kernel_there_is_no_fused_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "KERNELS", [torch.nn.attention.SDPBackend.CUDNN_ATTENTION])

    assert recall_fused(*places(0, asked=2, k=8, memory=3, v=4)) is None


def test_a_cpu_reads_in_tiles() -> None:
    assert not reads_fused(*places(0, asked=2, k=8, memory=3, v=4))


def as_if_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """Have every read made fused, and note what each reads."""
    reads: list[Tensor] = []

    def noted(asked: Tensor, known: Tensor, stored: Tensor) -> Tensor | None:
        reads.append(stored)
        return recall_fused(asked, known, stored)

    monkeypatch.setattr(dot, "reads_fused", lambda *tensors: not tensors[0].requires_grad)
    monkeypatch.setattr(dot, "recall_fused", noted)
    return reads


def test_all_reads_of_products_are_fused_and_recall_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(5)
    query, keys, values = torch.randn(6, 4, 5), torch.randn(2, 6, 4, 5), torch.randn(3, 2, 7, 4, 5)
    ways = (
        lambda: read_dot(query, keys, values),
        lambda: read_nearest(query, keys, values, 1 / 8),
        lambda: read_kernelized(query, keys, values),
    )
    tiled = [way() for way in ways]

    reads = as_if_on_a_gpu(monkeypatch)
    fused_ = [way() for way in ways]

    assert len(reads) == 3
    for one, other in zip(fused_, tiled, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_where_torch_has_no_kernel_the_read_goes_in_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    given_ = places(3, asked=4, k=8, memory=9, v=5)
    tiled = recall(*given_, AFFINITY_BUDGET)

    monkeypatch.setattr(dot, "reads_fused", lambda *_: True)
    monkeypatch.setattr(dot, "recall_fused", lambda *_: None)

    assert torch.equal(recall(*given_, AFFINITY_BUDGET), tiled)


@needs_a_gpu
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("k", "v"), [(128, 512), (65, 512), (131, 512), (128, 3 * 512)])
def test_a_gpu_recalls_what_the_whole_affinity_does(kind: torch.dtype, k: int, v: int) -> None:
    given_ = tuple(t.cuda().to(kind) for t in places(7, asked=1620, k=k, memory=8 * 1620, v=v))

    assert reads_fused(*given_)
    read = recall_fused(*given_)

    assert read is not None
    near = {torch.float32: 1e-5, torch.bfloat16: 2e-2, torch.float16: 3e-3}[kind]
    torch.testing.assert_close(read.double(), whole(*given_), atol=near, rtol=near)


@needs_a_gpu
def test_a_gpu_never_holds_the_affinity() -> None:
    given_ = tuple(t.cuda() for t in places(7, asked=4096, k=128, memory=16 * 4096, v=512))
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()

    recall_fused(*given_)

    taken = torch.cuda.max_memory_allocated() - before
    affinity = 4 * 4096 * 16 * 4096  # bytes: 1 GiB
    copies = 4 * (2 * 16 * 4096 * (128 + 512) + 3 * 4096 * 512)
    assert taken < copies < affinity / 2
