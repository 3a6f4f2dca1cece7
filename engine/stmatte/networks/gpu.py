# SPDX-License-Identifier: Apache-2.0
"""Whether PyTorch can compute on a GPU here, and why not, in words.

torch says it in several ways: a warning once in a process, an error at the first use, or only
when the first kernel runs. Here it is found out at once, and said alike. Knows no network.
"""

from __future__ import annotations

import logging
import re
import warnings
from functools import cache

import torch

NONE = "PyTorch finds no CUDA GPU on this machine"

_log = logging.getLogger("stmatte")

_SAID = (
    (r"not compiled with CUDA", "this PyTorch was built without CUDA"),
    (r"Found no NVIDIA driver", "there is no NVIDIA driver on this machine"),
    (r"driver on your system is too old", "its NVIDIA driver is too old for this PyTorch"),
    (r"No CUDA GPUs are available|no CUDA-capable device", NONE),
    (r"no kernel image is available", "the GPU is of a kind that this PyTorch has no code for"),
)
"""What torch says -> what it means."""

MENDABLE = ("too old", "no code for", "does not work")
"""Words of reasons that there is a GPU, and that somebody may want to know why it rests."""


def why_no_gpu() -> str:
    """Return why PyTorch cannot compute on a GPU here, as a clause; "" where it can."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is said here, in words
        there = torch.cuda.is_available()
    try:
        if there:
            first_use()
            return ""
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError) as error:
        return in_words(str(error), torch.version.cuda)
    return NONE


def first_use() -> None:
    """Compute something on the GPU, and wait for it. Raises RuntimeError if it cannot."""
    torch.ones(1, device="cuda").add_(1).item()


def in_words(said: str, built_for: str | None) -> str:
    """Return what torch said of a GPU as a clause.

    built_for  the version of CUDA that this PyTorch was built for, as "12.8"
    """
    for pattern, means in _SAID:
        if re.search(pattern, said):
            version = re.search(r"found version (\d+)(\d\d)\d\)", said)
            if version is None:
                return means
            # 12080 is 12.8
            return f"{means} (it knows CUDA {version[1]}.{int(version[2])}; {built_for} is needed)"
    return f"the GPU does not work ({said.strip().splitlines()[0].rstrip('.')})"


@cache
def tell_if_mendable(why: str) -> None:
    """Warn, once for each reason, that a GPU is not used though there is one."""
    if any(words in why for words in MENDABLE):
        _log.warning("Computing on the CPU: %s", why)
