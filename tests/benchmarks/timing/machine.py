# SPDX-License-Identifier: Apache-2.0
"""What a measurement was made on, as far as it decides the numbers.

Asks the system, PyTorch and git. What nobody can tell is "unknown", never left out.
"""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import torch

from .records import Machine

FLAGS = (
    *("avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512vl", "avx512_vnni"),
    *("avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8", "asimd", "bf16", "sve"),
)
"""Flags of a CPU that decide which kernels run."""

PACKAGES = ("stmatte", "torch", "numpy", "triton")
KEEPS = ", told to keep what is freed"
ALLOCATORS = ("jemalloc", "tcmalloc", "mimalloc")
CPUINFO = Path("/proc/cpuinfo")


def machine(device: torch.device, *, keeps: bool = False) -> Machine:
    """Tell about this machine, and the device that networks run on.

    keeps  whether the process keeps what it frees, as `stmatte` does
    """
    cpu, flags = cpu_of(CPUINFO.read_text("utf-8") if CPUINFO.is_file() else "")
    return Machine(
        system=platform.platform(),
        cpu=cpu or platform.processor() or "unknown",
        flags=flags,
        kernels=torch.backends.cpu.get_cpu_capability(),
        cores=os.cpu_count() or 1,
        threads=torch.get_num_threads(),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        allocator=allocator(os.environ.get("LD_PRELOAD", "")) + (KEEPS if keeps else ""),
        device=_device(device),
        python=platform.python_version(),
        packages={name: found for name in PACKAGES if (found := _version(name)) is not None},
        commit=commit(Path(__file__).parent),
    )


class Elsewhere:
    """Watches how much of this machine other processes take, from when it is made."""

    def __init__(self) -> None:
        self._began = _times()

    def share(self) -> float:
        """Return their share of all cores since then, in [0, 1]."""
        every, busy, own = (now - then for now, then in zip(_times(), self._began, strict=True))
        return round(min(1.0, max(0.0, busy - own) / max(every, 1e-9)), 3)


def _times() -> tuple[float, float, float]:
    """Return seconds of all cores; those in which anything ran; and those in which this did."""
    told = psutil.cpu_times()
    guests = getattr(told, "guest", 0.0) + getattr(told, "guest_nice", 0.0)  # counted twice
    every = sum(told) - guests
    idle = told.idle + getattr(told, "iowait", 0.0)
    own = psutil.Process().cpu_times()
    return every, every - idle, own.user + own.system


def cpu_of(told: str) -> tuple[str, tuple[str, ...]]:
    """Return the model and the flags that matter, of what /proc/cpuinfo says."""
    lines = [line.partition(":") for line in told.splitlines()]
    said = {name.strip(): rest.strip() for name, _, rest in reversed(lines)}
    there = set((said.get("flags") or said.get("Features") or "").split())
    return said.get("model name", ""), tuple(flag for flag in FLAGS if flag in there)


def allocator(preloaded: str) -> str:
    """Return who hands out memory; what LD_PRELOAD names goes before the system's own."""
    return next((name for name in ALLOCATORS if name in preloaded), "the system's")


def commit(folder: Path) -> str:
    """Return git's commit of a folder, with "+" where files differ from it."""
    asked = ("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "--untracked-files=no")
    told = []
    for words in asked:
        try:
            ran = subprocess.run(
                ["git", *words], cwd=folder, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return "unknown"
        told.append(ran.stdout.strip())
    return told[0] + ("+" if told[1] else "")


def _device(device: torch.device) -> str:
    if device.type != "cuda":
        return device.type
    return f"cuda: {torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
