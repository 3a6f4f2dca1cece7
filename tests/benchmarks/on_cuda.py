# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: T201  # a command prints
"""Look whether all is right and quick on a GPU, in one command, into one JSON file.

    python3 tests/benchmarks/on_cuda.py --out cuda.json
    python3 tests/benchmarks/on_cuda.py --rehearse --out cuda.json    # small, and on the CPU

Takes torch, numpy, OpenCV and safetensors, and an engine that is not installed: no pictures are
read (OpenImageIO), no documents (pydantic), nothing is fetched. The parts come in the
order of their worth, and the file is written after each: a machine that is lent for minutes
may end it at any time. What fails is written down as what was raised, and the next begins.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2] / "engine")]

import torch  # noqa: E402

from benchmarks.on_a_gpu.ceilings import PRECISIONS, Ceilings, measure_ceilings  # noqa: E402
from benchmarks.on_a_gpu.reads import measure_reads  # noqa: E402
from benchmarks.on_a_gpu.walks import compare, pace  # noqa: E402
from stmatte.networks.compiling import uncompiled  # noqa: E402
from stmatte.networks.gpu import why_no_gpu  # noqa: E402
from stmatte.networks.registry import NETWORKS, choose_device  # noqa: E402

FORMAT = "stmatte.cuda/1"
LOW, HIGH = (480, 854), (1080, 1920)
SMALL = (96, 160)

PACES = (
    ("stmatte-s", LOW, 1, 200.0),
    ("stm", LOW, 1, 60.0),
    ("stmatte-s", HIGH, 1, 24.0),
    ("stmatte-s", LOW, 3, None),
    ("stm", LOW, 3, None),
    ("stcn", LOW, 1, None),
    ("kmn", LOW, 1, None),
)
"""Network, size, objects, and the frames a second that are asked for on an H200."""


class Record:
    """The file: what was found until now."""

    def __init__(self, path: Path, device: torch.device, *, rehearsed: bool):
        self._path = path
        self._began = time.monotonic()
        self.found: dict[str, Any] = {
            "format": FORMAT,
            "rehearsed": rehearsed,
            "machine": _machine(device),
            **{part: [] for part in ("ceilings", "reads", "networks", "paces")},
        }

    def add(self, part: str, name: str, look: Callable[[], Any]) -> Any:
        """Look, write down what was found, and return it; None if it failed."""
        print(f"{time.monotonic() - self._began:6.0f} s  {part}: {name}", flush=True)
        try:
            found = look()
        except Exception as error:
            found = None
            self.found[part].append({"name": name, "failed": f"{type(error).__name__}: {error}"})
            print(f"          failed: {error}", flush=True)
        else:
            self.found[part].extend(found if isinstance(found, list) else [_plain(found)])
        self.found["seconds"] = time.monotonic() - self._began
        self._path.write_text(json.dumps(self.found, indent=1) + "\n", "utf-8")
        return found


def _plain(found: Any) -> Any:
    return asdict(found) if isinstance(found, Ceilings) else found


def _machine(device: torch.device) -> dict[str, Any]:
    told: dict[str, Any] = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "device": device.type,
        "no_gpu": why_no_gpu(),
        "threads": torch.get_num_threads(),
    }
    if device.type == "cuda":
        about = torch.cuda.get_device_properties(device)
        told |= {
            "gpu": about.name,
            "capability": f"{about.major}.{about.minor}",
            "gpu_bytes": about.total_memory,
            "cudnn": torch.backends.cudnn.version(),
            "flash": torch.backends.cuda.is_flash_attention_available(),
            "not_compiled": uncompiled(device),
        }
    return told


def look(record: Record, device: torch.device, asked: argparse.Namespace) -> None:
    """Look at everything, the most wanted first."""
    small = asked.rehearse
    ceilings = record.add(
        "ceilings",
        "product and copy",
        lambda: measure_ceilings(device, 256 if small else 8192, 8 if small else 2000),
    ) or Ceilings(dict.fromkeys(PRECISIONS, float("inf")), float("inf"))
    names = asked.network or (("stmatte-s", "stm") if small else NETWORKS)
    for name in names:
        for precision in _precisions(device):
            record.add(
                "networks",
                f"{name}, {precision}",
                lambda n=name, p=precision: compare(
                    n, device, p, SMALL if small else (240, 432), 2 if small else 6
                ),
            )
    record.add(
        "reads", "all", lambda: measure_reads(device, 40 if small else 1620, 2 if small else 8)
    )
    for network, size, objects, wanted, precision, way in _paces(names, device):
        size = SMALL if small else size
        found = record.add(
            "paces",
            f"{network}, {size[1]}x{size[0]}, {objects}, {precision}{', compiled' * way}",
            lambda n=network, s=size, o=objects, p=precision, c=way, w=wanted: pace(
                n, device, p, s, ceilings, compile=c, objects=o, asked=None if small else w,
                frames=2 if small else 40, turns=2 if small else 7,
            ),
        )  # fmt: skip
        if found is not None:
            print(f"          {found['frames_a_second']:.1f} frames a second", flush=True)


def _paces(
    names: Any, device: torch.device
) -> Iterator[tuple[str, tuple[int, int], int, float | None, str, bool]]:
    """Yield what is timed: in all precisions as it is, then compiled where that is possible."""
    for way in (False, True):
        if way and (device.type == "cpu" or uncompiled(device)):
            return
        for network, size, objects, wanted in PACES:
            for precision in _precisions(device):
                if network in names:
                    yield network, size, objects, wanted, precision, way


def _precisions(device: torch.device) -> tuple[str, ...]:
    return ("bfloat16", "float16", "float32") if device.type == "cuda" else ("bfloat16", "float32")


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    read.add_argument("--out", type=Path, required=True, help="the JSON file")
    read.add_argument("--rehearse", action="store_true", help="small sizes, on the CPU")
    read.add_argument("--network", action="append", help="only these; may be said several times")
    asked = read.parse_args()
    device = choose_device("cpu" if asked.rehearse else "cuda")
    record = Record(asked.out, device, rehearsed=asked.rehearse)
    look(record, device, asked)
    failed = [one for part in ("ceilings", "reads", "networks", "paces")
              for one in record.found[part] if "failed" in one]  # fmt: skip
    print(f"written to {asked.out}; {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
