# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
import torch

from stmatte.errors import StmatteError
from stmatte.networks import gpu
from stmatte.networks.gpu import why_no_gpu
from stmatte.networks.registry import choose_device

OLD = (
    "The NVIDIA driver on your system is too old (found version 12080). Please update your GPU "
    "driver by downloading and installing a new version from the URL: ..."
)
NEW = "CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors"
IN_WORDS = "its NVIDIA driver is too old for this PyTorch (it knows CUDA 12.8; 13.0 is needed)"


@pytest.fixture(autouse=True)
def nothing_told_yet() -> Iterator[None]:
    gpu.tell_if_mendable.cache_clear()
    yield
    gpu.tell_if_mendable.cache_clear()


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool, Exception | None], None]:
    """Let torch say whether there is a GPU, and fail with an error, if any, when it is used."""

    def let(there: bool, error: Exception | None) -> None:
        def used() -> None:
            if error is not None:
                raise error

        monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
        monkeypatch.setattr(torch.cuda, "init", used)
        monkeypatch.setattr(gpu, "first_use", used)
        monkeypatch.setattr(torch.version, "cuda", "13.0")

    return let


@pytest.mark.parametrize(
    ("there", "error", "why"),
    [
        (True, None, ""),
        (False, None, "PyTorch finds no CUDA GPU on this machine"),
        (False, RuntimeError("No CUDA GPUs are available"), gpu.NONE),
        (
            False,
            AssertionError("Torch not compiled with CUDA enabled"),
            "this PyTorch was built without CUDA",
        ),
        (
            False,
            RuntimeError("Found no NVIDIA driver on your system. Please check that you have ..."),
            "there is no NVIDIA driver on this machine",
        ),
        (False, RuntimeError(OLD), IN_WORDS),
        (True, RuntimeError(NEW), "the GPU is of a kind that this PyTorch has no code for"),
        (
            True,
            RuntimeError("CUDA error: unknown error\nCompile with `TORCH_USE_CUDA_DSA`"),
            "the GPU does not work (CUDA error: unknown error)",
        ),
    ],
    ids=["works", "none", "hidden", "built", "no driver", "old driver", "old GPU", "broken"],
)
def test_why_there_is_no_gpu_is_said_in_words(
    says: Callable[[bool, Exception | None], None], there: bool, error: Exception | None, why: str
) -> None:
    says(there, error)

    assert why_no_gpu() == why


def test_with_an_old_driver_auto_takes_the_cpu_and_says_so_once(
    says: Callable[[bool, Exception | None], None], caplog: pytest.LogCaptureFixture
) -> None:
    says(False, RuntimeError(OLD))

    with caplog.at_level(logging.WARNING, logger="stmatte"):
        assert choose_device("auto") == choose_device("auto") == torch.device("cpu")

    assert [record.message for record in caplog.records] == [f"Computing on the CPU: {IN_WORDS}"]


def test_with_an_old_driver_cuda_is_refused_with_the_reason(
    says: Callable[[bool, Exception | None], None],
) -> None:
    says(False, RuntimeError(OLD))

    with pytest.raises(StmatteError) as refused:
        choose_device("cuda")

    assert str(refused.value) == (
        f'Device "cuda" is not there: {IN_WORDS}. Choose the device cpu or auto, or install a '
        "driver and a PyTorch with CUDA that fit each other and the GPU."
    )


def test_a_machine_without_a_gpu_is_nothing_to_warn_of(
    says: Callable[[bool, Exception | None], None], caplog: pytest.LogCaptureFixture
) -> None:
    says(False, RuntimeError("Found no NVIDIA driver on your system."))

    with caplog.at_level(logging.WARNING, logger="stmatte"):
        assert choose_device("auto") == torch.device("cpu")

    assert caplog.records == []
